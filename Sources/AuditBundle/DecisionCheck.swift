// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
internal import TransparencyLog

/// Decisions: each is recomputed from its recorded request, and the request is about what was done.
enum DecisionCheck {
    /// How far a decision's clock may be from its entry's: batches wait, and small steps of the clock are recorded and
    /// change nothing. A policy must not be made to hold by asking it about another day.
    private static let tolerance: Int64 = 300 * 1_000_000_000

    /// - Throws: `decision`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var count = 0
        var keyModels: [String: String] = [:]
        var winners: [String: String] = [:]
        for read in story.log.entries {
            let entry = read.entry
            let place = { (microtask: String) in "\(entry.job ?? "")/\(microtask)" }
            switch read.event {
            case .auctionHeld(let event):
                winners[place(event.microtask)] = event.winner
            case .keyReleased(let event):
                let winner = winners[place(event.microtask)]
                try require(event.decision, PolicyAction.keyRelease, model: winner, entry, story)
                keyModels[place(event.microtask)] = winner
                count += 1
            case .inputDelivered(let event):
                try require(event.decision, PolicyAction.run, model: event.model, entry, story)
                if let decision = event.keyDecision {
                    try require(decision, PolicyAction.keyRelease, model: event.model, entry, story)
                    count += 1
                } else if keyModels[place(event.microtask)] != event.model {
                    throw .failed(.decision, "entry \(entry.seq): no key release was decided for \(event.model)")
                }
                count += 1
            case .outputReleased(let event):
                let job = try story.job(of: entry, .decision)
                let models = event.microtasks.compactMap { result in
                    MicrotaskState(rawValue: result.state)?.hasAnswer == true ? result.model : nil
                }
                guard Set(models) == Set(event.decisions.compactMap(\.request.model)),
                    event.decisions.count == Set(models).count,
                    let item = job.inputs.items.first(where: { $0.digest == event.input }),
                    event.microtasks.allSatisfy({
                        $0.model == winners[place(Record.Inputs.Item.prefix(item.index) + $0.id)]
                    })
                else { throw .failed(.decision, "entry \(entry.seq): not every model's release was decided") }
                for decision in event.decisions {
                    try require(decision, PolicyAction.release, model: decision.request.model, entry, story)
                    guard decision.request.attributes["output.check"] == .string("pass") else {
                        throw .failed(.decision, "entry \(entry.seq): the release was not decided on a passed check")
                    }
                    count += 1
                }
            case .outputWithheld(let event):
                for decision in [event.decision].compactMap({ $0 }) + event.microtasks.compactMap(\.decision) {
                    try recompute(decision, entry, story)
                    guard decision.outcome == "deny" else {
                        throw .failed(.decision, "entry \(entry.seq) withholds what the policy permits")
                    }
                    count += 1
                }
            case .jobDenied(let event):
                for decision in event.decisions { try recompute(decision, entry, story) }
                count += event.decisions.count
            default: break
            }
        }
        return .init(says: "\(count) decisions are what the policy says to their requests", signedBy: ["policy"])
    }

    /// The decision permits, is the policy's, and was asked about this job, this action and this model.
    private static func require(
        _ decision: RecordedDecision, _ action: String, model: String?, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) {
        try recompute(decision, entry, story)
        guard decision.outcome == "permit" else {
            throw .failed(.decision, "entry \(entry.seq) (\(entry.type)) went ahead although the policy denies it")
        }
        let job = try story.job(of: entry, .decision)
        let request = decision.request
        guard request.action == action, request.model == model, request.class == job.entry.label?.class,
            request.purpose == job.accepted.purpose, request.requester == job.accepted.requester,
            request.task == job.accepted.task.digest
        else {
            throw .failed(.decision, "entry \(entry.seq): the policy was asked about something else than was done")
        }
    }

    private static func recompute(
        _ decision: RecordedDecision, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) {
        let policy = try story.policy(at: entry, .decision)
        let fresh = policy.evaluator.decide(decision.request)
        guard fresh.outcome.rawValue == decision.outcome, fresh.kind.rawValue == decision.kind,
            fresh.ruleIDs == decision.rules
        else {
            let rules = fresh.ruleIDs.joined(separator: ", ")
            throw .failed(
                .decision,
                "entry \(entry.seq): policy \(entry.policy) decides \(fresh.outcome.rawValue) [\(rules)], the entry says "
                    + "\(decision.outcome) [\(decision.rules.joined(separator: ", "))]")
        }
        guard let time = decision.request.at else {
            throw .failed(.decision, "entry \(entry.seq): the decision has no time")
        }
        try requireTime(time, of: entry, .decision)
    }

    /// The decision was made when its entry was written, not when it suited.
    static func requireTime(_ time: WallTime, of entry: LogEntry, _ code: BundleError.Code) throws(BundleError) {
        let difference = entry.wall.nanoseconds.subtractingReportingOverflow(time.nanoseconds)
        guard !difference.overflow, difference.partialValue.magnitude <= UInt64(tolerance) else {
            throw .failed(code, "entry \(entry.seq): the decision's time \(time) is not the entry's")
        }
    }
}

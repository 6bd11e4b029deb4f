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
        var airlock = AirlockCheck(story)
        var winners: [String: String] = [:]
        for read in story.log.entries {
            let entry = read.entry
            let place = { (name: String) in "\(entry.job ?? "")/\(name)" }
            switch read.event {
            case .auctionHeld(let event):
                winners[place(event.microtask)] = event.winner
            case .keyReleased(let event):
                // The parser is not chosen by an auction: the decision itself says for which one it was.
                let isParser = event.microtask.hasSuffix("/" + TaskStep.parse)
                let model = isParser ? event.decision.request.model : winners[place(event.microtask)]
                guard model != nil else { throw .failed(.decision, "entry \(entry.seq): a key released for nobody") }
                try require(event.decision, PolicyAction.keyRelease, model: model, entry, story)
                keyModels[place(event.input.description)] = model
                count += 1
            case .inputDelivered(let event):
                try require(event.decision, PolicyAction.run, model: event.model, entry, story)
                if let decision = event.keyDecision {
                    try require(decision, PolicyAction.keyRelease, model: event.model, entry, story)
                    count += 1
                } else if keyModels[place(event.input.description)] != event.model {
                    throw .failed(.decision, "entry \(entry.seq): no key release was decided for \(event.model)")
                }
                count += 1
            case .outputReleased(let event):
                count += try checkRelease(event, entry, story)
                try airlock.release(event, entry)
            case .outputWithheld(let event):
                count += try checkDenials(event, entry, story)
            case .airlockQueued(let event):
                try airlock.queue(event, entry)
                try requireSchemas(event.microtasks, entry, story)
                count += event.decisions.count + (try checkDenials(event.microtasks, entry, story))
            case .airlockDecided(let event):
                try airlock.decide(event, entry)
            case .feedbackAdded(let event):
                try require(event.decision, PolicyAction.learn, model: nil, entry, story)
                count += 1
            case .jobDenied(let event):
                for decision in event.decisions { try recompute(decision, entry, story) }
                count += event.decisions.count
            default: break
            }
        }
        return .init(says: "\(count) decisions are what the policy says to their requests", signedBy: ["policy"])
    }

    /// One decision for each model whose answer is in it; which models those are is told by the state.
    private static func checkRelease(
        _ event: Event.OutputReleased, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) -> Int {
        let models = Set(
            event.microtasks.filter { MicrotaskState(rawValue: $0.state)?.hasAnswer == true }.compactMap(\.model))
        guard Set(event.decisions.compactMap(\.request.model)) == models, event.decisions.count == models.count else {
            throw .failed(.decision, "entry \(entry.seq): the release was not decided once for each model")
        }
        for decision in event.decisions {
            try require(decision, PolicyAction.release, model: decision.request.model, entry, story)
            guard decision.request.attributes["output.check"] == .string("pass") else {
                throw .failed(.decision, "entry \(entry.seq): the release was not decided on a passed check")
            }
        }
        try requireSchemas(event.microtasks, entry, story)
        if let learn = event.learn { try require(learn, PolicyAction.learn, model: nil, entry, story) }
        return event.decisions.count + (event.learn == nil ? 0 : 1)
            + (try checkDenials(event.microtasks, entry, story))
    }

    /// Every answer was judged by a schema that the policy allows for the class; that it was judged by the graph's is told by the
    /// state.
    private static func requireSchemas(
        _ results: [Event.MicrotaskResult], _ entry: LogEntry, _ story: Story
    ) throws(BundleError) {
        let job = try story.job(of: entry, .decision)
        let bounds = try story.policy(at: entry, .decision).policy.outputBounds(of: job.entry.label?.class ?? "")
        for result in results where MicrotaskState(rawValue: result.state)?.hasAnswer == true {
            guard let microtask = job.graph.microtasks.first(where: { $0.id == result.id }),
                bounds.allows(schema: .sha256(microtask.schema.canonical))
            else {
                throw .failed(
                    .decision,
                    "entry \(entry.seq) releases an answer to \(result.id) by a schema that the policy does not list")
            }
        }
    }

    /// A microtask's denial, or that of the whole after a review.
    private static func checkDenials(
        _ event: Event.OutputWithheld, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) -> Int {
        if let decision = event.decision {
            try recompute(decision, entry, story)
            guard decision.outcome == "deny" else {
                throw .failed(.decision, "entry \(entry.seq) withholds what the policy permits")
            }
            try requireOfJob(decision.request, entry, story)
        }
        return try checkDenials(event.microtasks, entry, story)
    }

    /// What is listed as denied, the policy denied to this job.
    private static func checkDenials(
        _ results: [Event.MicrotaskResult], _ entry: LogEntry, _ story: Story
    ) throws(BundleError) -> Int {
        let decisions = results.compactMap(\.decision)
        for decision in decisions {
            try recompute(decision, entry, story)
            guard decision.outcome == "deny" else {
                throw .failed(.decision, "entry \(entry.seq) withholds what the policy permits")
            }
            try requireOfJob(decision.request, entry, story)
        }
        return decisions.count
    }

    /// The decision permits, is the policy's, and was asked about this job, this action and this model.
    static func require(
        _ decision: RecordedDecision, _ action: String, model: String?, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) {
        try recompute(decision, entry, story)
        guard decision.outcome == "permit" else {
            throw .failed(.decision, "entry \(entry.seq) (\(entry.type)) went ahead although the policy denies it")
        }
        guard decision.request.action == action, decision.request.model == model else {
            throw .failed(.decision, "entry \(entry.seq): the policy was asked about something else than was done")
        }
        try requireOfJob(decision.request, entry, story)
    }

    private static func requireOfJob(
        _ request: PolicyRequest, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) {
        let job = try story.job(of: entry, .decision)
        guard request.class == job.entry.label?.class, request.purpose == job.accepted.purpose,
            request.requester == job.accepted.requester,
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

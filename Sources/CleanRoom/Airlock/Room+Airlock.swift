// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// Decisions of reviewers, and what follows from them.
extension Room {
    /// Takes a reviewer's decision. With the last approval that is needed the policy in force decides on the release, and the answer
    /// leaves or stays for good; with the first rejection it stays. Decision and outcome are one batch of entries.
    ///
    /// Again after a crash it does what was left to do: an answer that left is put in its place once more.
    /// - Parameter caller: the user who decides.
    /// - Returns: the state of the input: `in-review`, or how it ended.
    /// - Throws: `airlock`, exit 3, for whoever may not decide.
    public func decide(_ order: AirlockOrder, caller: UInt32) throws -> String {
        try airlock.locked { atWork in
            let item = try AirlockCase(order.entry, in: self)
            if try item.state() == InputState.inReview.rawValue {
                try item.decide(order, caller: caller)
            } else if try store.job(item.job.id)?.receipt != nil {
                throw RoomError(
                    .airlock, "the answer \(order.entry) is decided: \(try item.state())",
                    remedy: "see: atomic airlock show \(order.entry)", exit: .usage)
            }
            try item.finish(jobIsAtWork: atWork.contains(item.job.id))
            return try item.state()
        }
    }

    /// Ends a job of which every input has an outcome.
    func end(_ job: JobRow, _ tally: JobTally, modelDigests: [String: Digest], wall: UInt64, label: DataLabel) throws {
        let inputs = try store.inputs(job: job.id)
        let receipt = try ReceiptBuilder(
            job: job, inputs: inputs, microtasks: store.microtasks(job: job.id), modelDigests: modelDigests,
            currency: configuration.currency, jailsEnded: jailsEnded(job: job.id), wallNs: wall
        ).receipt(state: tally.state)
        let bytes = try CanonicalJSON.encode(receipt)
        let held = try store.airlock().filter { $0.job == job.id }.map(\.held)
        try record(
            all: [
                Event.JobEnded(
                    state: tally.state, released: Int64(tally.released), review: Int64(tally.review),
                    failed: Int64(tally.failed), denied: Int64(tally.denied), cost: job.cost, wallNs: String(wall),
                    receipt: .sha256(bytes))
            ], files: [NamedFile(record: bytes)], job: job.id, label: label)
        try outbox.remove((inputs.compactMap(\.ciphertext) + held).compactMap { Digest(string: $0) })
        tidyAfterJob()
    }
}

/// One answer in the airlock of an open room.
private struct AirlockCase {
    let room: Room
    let row: AirlockRow
    let job: JobRow
    let event: Event.AirlockQueued
    let label: DataLabel
    let held: Digest

    init(_ entry: Int64, in room: Room) throws {
        guard let row = try room.store.airlock(entry: entry), let job = try room.store.job(row.job) else {
            throw RoomError(
                .airlock, "nothing in the airlock has the number \(entry)", remedy: "see: atomic airlock list",
                exit: .usage)
        }
        let queued = try room.log.reader().entry(UInt64(clamping: entry))
        event = try CanonicalJSON.decodeStrict(Event.AirlockQueued.self, from: queued.data)
        guard let label = queued.label else { throw Outbox.damaged(row.held) }
        self.room = room
        self.row = row
        self.job = job
        self.label = label
        held = event.held
    }

    func state() throws -> String { try room.store.input(job: row.job, digest: event.input)?.state ?? "open" }

    private static func refused(_ why: String) -> RoomError {
        RoomError(
            .airlock, why, remedy: "a reviewer of the policy must decide, who did not ask for the answer", exit: .denied
        )
    }

    // MARK: Who decides

    func decide(_ order: AirlockOrder, caller: UInt32) throws {
        guard ["approve", "reject"].contains(order.verdict), AirlockStatement.isReason(order.reason) else {
            throw RoomError(
                .airlock, "a decision is approve or reject, for a reason of one line and at most 500 bytes",
                remedy: "give a --reason", exit: .usage)
        }
        while true {
            // Again, where another policy came into force before the entries had their place.
            do { return try decide(order, caller, by: room.requirePolicy()) } catch is PolicyMoved { continue }
        }
    }

    private func decide(_ order: AirlockOrder, _ caller: UInt32, by policy: SovereignPolicy) throws {
        let name = try reviewer(order, caller, policy)
        guard let reviewer = policy.reviewer(name, of: job.requester, job.recipient) else {
            throw Self.refused(
                policy.requesters[name]?.roles.contains("reviewer") == true
                    ? "\(name) asked for this answer and does not review it"
                    : "\(name) is no reviewer of the policy")
        }
        let earlier = try room.store.airlockDecisions(held: row.held)
        guard earlier.allSatisfy({ !policy.isSamePerson($0.reviewer, name) }) else {
            throw Self.refused("\(name) has decided about this answer before")
        }
        let decided = Event.AirlockDecided(
            input: event.input, held: held, reviewer: name, verdict: order.verdict, reason: order.reason,
            uid: reviewer.key == nil ? Int64(caller) : nil, signature: reviewer.key == nil ? nil : order.signature)
        if let key = reviewer.key {
            let statement = AirlockStatement(room: room.configuration.origin, job: job.id, decided)
            guard let signature = order.signature, statement.isSigned(signature, by: key) else {
                throw Self.refused("\(name) has a key in the policy, and the decision is not signed by it")
            }
        }
        let approvals =
            earlier.filter { $0.verdict == "approve" }.map(\.reviewer)
            + (order.verdict == "approve" ? [name] : [])
        try conclude(decided, approvals, policy)
    }

    private func reviewer(_ order: AirlockOrder, _ caller: UInt32, _ policy: SovereignPolicy) throws -> String {
        if let name = order.reviewer {
            guard let known = policy.requesters[name] else {
                throw Self.refused("\(name) is no reviewer of the policy")
            }
            guard known.key != nil || known.isCaller(uid: caller) else {
                throw Self.refused("the caller (uid \(caller)) is not the reviewer \(name) of the policy")
            }
            return name
        }
        let known = policy.requesters.filter { $0.value.roles.contains("reviewer") && $0.value.isCaller(uid: caller) }
        guard let name = known.keys.min() else {
            throw Self.refused("the caller (uid \(caller)) is no reviewer of the policy")
        }
        return name
    }

    // MARK: What follows

    /// Records the decision, and the outcome with it where there is one.
    private func conclude(_ decided: Event.AirlockDecided, _ names: [String], _ policy: SovereignPolicy) throws {
        guard decided.verdict == "approve" else {
            return try record(policy, decided, withheld(Event.OutputWithheld.rejected))
        }
        let bounds = policy.outputBounds(of: label.class)
        let approvals = Int64(names.count { policy.reviewer($0, of: job.requester, job.recipient) != nil })
        guard approvals >= max(row.approvals, bounds.reviewers) else { return try record(policy, decided, nil) }
        guard try checkedBy().outputBounds(of: label.class).checks == bounds.checks else {
            return try record(policy, decided, withheld(Event.OutputWithheld.outdated))
        }
        let decisions = Decisions(
            policy: PolicyEvaluator(policy), label: label, purpose: job.purpose, requester: job.requester,
            task: try taskDigest(), clock: ClockMark(store: room.store, policy: policy))
        let facts = ReleaseFacts(bytes: event.bytes, canaries: event.canaries, approvals: approvals)
        var permitted: [RecordedDecision] = []
        for model in event.decisions.compactMap(\.request.model) {
            let (decision, recorded) = decisions.decide(
                PolicyAction.release, model: model, at: room.clock.wall(), attributes: facts.attributes)
            guard decision.isPermitted else { return try record(policy, decided, withheld("release-denied", recorded)) }
            permitted.append(recorded)
        }
        var answer = try sheet().answer.canonical + [0x0a]
        defer { answer.wipe() }
        let ciphertext = try Age.encrypt(
            SecretBytes(copying: answer), recipients: [AgeRecipient(job.recipient)])
        let released = Event.OutputReleased(
            input: event.input, ciphertext: .sha256(ciphertext), bytes: Int64(ciphertext.count),
            review: try needsReview(), microtasks: event.microtasks, decisions: permitted)
        try record(policy, decided, released, files: [NamedFile(answer: ciphertext)])
    }

    private func withheld(_ code: String, _ decision: RecordedDecision? = nil) -> Event.OutputWithheld {
        Event.OutputWithheld(input: event.input, code: code, decision: decision, microtasks: event.microtasks)
    }

    private func record(
        _ policy: SovereignPolicy, _ decided: Event.AirlockDecided, _ outcome: (any EventData)?, files: [NamedFile] = []
    ) throws {
        try room.record(
            all: [decided] + (outcome.map { [$0] } ?? []), files: files, job: job.id, label: label,
            decided: policy.sequence)
    }

    /// Puts an answer that left in its place, and ends the job when this was the last input and nobody works at it.
    func finish(jobIsAtWork: Bool) throws {
        guard let job = try room.store.job(job.id), job.receipt == nil else { return }
        let inputs = try room.store.inputs(job: job.id)
        if let ciphertext = inputs.first(where: { $0.input == row.input })?.ciphertext.flatMap({ Digest(string: $0) }) {
            let clearance = try room.clearance(for: UInt64(job.lastEntry) + 1, class: label.class)
            let place = try sheet().place
            try room.outbox.place(ciphertext, at: place, clearance)
            try room.outbox.settle(Files.parent(of: place))
        }
        let open = ["open", InputState.inReview.rawValue]
        guard !jobIsAtWork, inputs.allSatisfy({ !open.contains($0.state) }) else { return }
        // Others of the job may have been decided by a process that died before it placed them.
        for other in try room.store.airlock() where other.job == job.id && other.held != row.held {
            guard
                let digest = inputs.first(where: { $0.input == other.input })?.ciphertext.flatMap({ Digest(string: $0) }
                )
            else { continue }
            let place = try AirlockCase(other.entry, in: room).sheet().place
            try room.outbox.place(digest, at: place, room.clearance(for: UInt64(job.lastEntry) + 1, class: label.class))
            try room.outbox.settle(Files.parent(of: place))
        }
        var tally = JobTally()
        let microtasks = Dictionary(grouping: try room.store.microtasks(job: job.id), by: \.input)
        for input in inputs {
            tally.count(
                JobMessage(name: "", state: input.state, code: input.code),
                (microtasks[input.input] ?? []).map { JobItem(name: "", row: $0, record: nil) })
        }
        try room.end(
            job, tally, modelDigests: Contenders(room: room).digests, wall: UInt64(clamping: job.usedNs), label: label)
    }

    // MARK: What is known

    private func sheet() throws -> AirlockSheet {
        let bytes = try Outbox.held(held, in: room.paths.outbox)
        let identity = try AgeIdentity(uri: Room.uri(room.configuration.recipientKey, in: room.paths))
        let secret = try Age.decrypt(bytes, identity: identity)
        // SAFETY: the bytes are copied while they are lent, and wiped here.
        var text = unsafe secret.withBytes { unsafe Array($0) }
        defer { text.wipe() }
        return try CanonicalJSON.decode(AirlockSheet.self, from: text)
    }

    /// The policy whose limits the answer was checked by.
    private func checkedBy() throws -> SovereignPolicy {
        guard let known = try room.store.policies().first(where: { $0.sequence == row.policy }) else {
            throw Outbox.damaged(row.held)
        }
        return try PolicyShelf(paths: room.paths).policy(known.sequence, envelope: known.envelope).policy
    }

    private func taskDigest() throws -> Digest {
        guard let digest = Digest(string: job.taskDigest) else { throw Outbox.damaged(row.held) }
        return digest
    }

    /// As for an answer that leaves at once: a microtask is unsure, failed or denied, or the graph asks for it.
    private func needsReview() throws -> Bool {
        let graph = try room.records.record(Record.TaskGraph.self, taskDigest())
        return zip(graph.microtasks, event.microtasks).contains { microtask, result in
            switch MicrotaskState(rawValue: result.state) {
            case .unsure, .failed, .denied, nil: true
            case .answered: microtask.review?.always == true
            case .skipped: false
            }
        }
    }
}

extension Outbox {
    /// A sealed answer that waits.
    /// - Throws: `airlock`, exit 4, when the file is gone or is not the one that the log names.
    static func held(_ digest: Digest, in directory: String) throws -> [UInt8] {
        guard let bytes = try? Files.read(directory + "/" + digest.hex), Digest.sha256(bytes) == digest else {
            throw damaged(digest.description)
        }
        return bytes
    }

    static func damaged(_ held: String) -> RoomError {
        RoomError(
            .airlock, "the answer \(held) is not in the airlock as the log says",
            remedy: "restore the room's outbox from a backup, and find out who changed it", exit: .unverified)
    }
}

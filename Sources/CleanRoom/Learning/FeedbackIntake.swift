// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// What came of one label.
public struct FeedbackResult: Codable, Sendable {
    public let message: String
    /// Id in the graph, such as `spam`.
    public let microtask: String
    public let model: String
    /// `right` or `wrong`.
    public let outcome: String
    /// Internal credits in 1e-9.
    public let credits: Int64
    /// Whether an earlier word about the same answer was replaced.
    public let replaced: Bool
    /// Whether it is the answer that left; the label judges what other models answered as well.
    public let released: Bool
}

/// Takes labels for a job's answers: compares them with what was said, records the outcomes, and remembers the messages.
///
/// All labels of a call are checked before the first one is recorded, so that a batch with a mistake changes nothing.
public struct FeedbackIntake {
    private let room: Room
    private let sealed: SealedRecords
    private let job: FeedbackJob

    /// - Parameter id: the job's id, the beginning of it, or `latest`.
    /// - Throws: `job` for an unknown or unfinished job.
    public init(room: Room, job id: String) throws {
        self.room = room
        _ = try room.requirePolicy()
        sealed = try SealedRecords(room: room)
        job = try FeedbackJob(id, in: room)
    }

    public var jobID: String { job.row.id }

    /// Entries that one append carries: a batch of any length is recorded in pieces of this many labels.
    private static let piece = 64

    public func add(_ labels: [MessageLabel], source: MessageLabel.Source) throws -> [FeedbackResult] {
        try room.requireGoing()
        // Denied before anything is looked at.
        _ = try requireLearn()
        let checked = try check(labels)
        var results: [FeedbackResult] = []
        var before = Dictionary(
            try room.store.feedback(job: job.row.id).map { ([$0.microtask, $0.model], $0) },
            uniquingKeysWith: { first, _ in first })
        for start in stride(from: 0, to: checked.count, by: Self.piece) {
            let piece = Array(checked[start..<min(start + Self.piece, checked.count)])
            results += try room.admitting { try record(piece, source, &before) }
        }
        return results
    }

    /// Records some labels by the policy in force.
    /// - Throws: ``PolicyMoved``, and nothing was recorded.
    private func record(
        _ piece: [Checked], _ source: MessageLabel.Source, _ known: inout [[String]: FeedbackRow]
    ) throws -> [FeedbackResult] {
        let (decision, sequence) = try requireLearn()
        var before = known
        var results: [FeedbackResult] = []
        var events: [any EventData] = []
        var files: [NamedFile] = []
        var replaced: Set<[String]> = []
        for item in piece {
            let (event, file) = try event(item, source, decision)
            events.append(event)
            if let file { files.append(file) }
            if before.updateValue(item.placeholder(job.row.id), forKey: item.key) != nil { replaced.insert(item.key) }
            results.append(
                FeedbackResult(
                    message: item.label.message, microtask: item.label.microtask, model: item.answer.model,
                    outcome: item.outcome, credits: event.credits, replaced: replaced.contains(item.key),
                    released: item.hasLeft))
        }
        // What the new labels replace is forgotten, blobs and all.
        let old = try Set(piece.map(\.input.digest)).flatMap { try room.store.memory(of: $0) }
        try room.record(
            all: events, files: files, job: job.row.id, label: job.label, decided: sequence)
        known = before
        let kept = try Set(piece.map(\.input.digest)).flatMap { try room.store.memory(of: $0).map(\.name) }
        let gone = (old.map(\.name) + events.compactMap { ($0 as? Event.FeedbackAdded)?.memory?.description })
            .filter { !kept.contains($0) }
        try room.forget(gone, reason: "replaced")
        return results
    }

    /// Forgets what is remembered of messages of the job, their sidecars included; of all its messages without names.
    ///
    /// - Returns: how many sealed entries were erased.
    public func erase(_ messages: [String]) throws -> Int {
        let inputs = messages.isEmpty ? job.inputs : try messages.map(job.input(named:))
        let names = try Set(inputs.map(\.digest)).flatMap { digest in
            try room.store.memory(of: digest).map(\.name) + room.store.sidecars(of: digest)
        }
        try room.forget(names, reason: "requested")
        return Set(names).count
    }

    /// The policy must permit to learn from the job's data, now.
    private func requireLearn() throws -> (decision: RecordedDecision, sequence: Int64) {
        guard let ruling = room.gate.ruling else { throw PolicyMoved() }
        let decisions = Decisions(
            policy: ruling.evaluator, label: job.label, purpose: job.row.purpose, requester: job.row.requester,
            task: job.graphDigest, clock: ClockMark(store: room.store, policy: ruling.policy))
        let (decision, recorded) = decisions.decide("learn", model: nil, at: room.clock.wall())
        guard decision.isPermitted else {
            let why =
                decision.ruleIDs.isEmpty ? "no rule permits it" : "by rule \(decision.ruleIDs.joined(separator: ", "))"
            throw RoomError(
                .denied,
                "the policy does not let the room learn from this job's data: \(decision.kind.rawValue), \(why)",
                remedy: "a rule of the policy has to permit the action learn for class \(job.label.class) and purpose "
                    + job.row.purpose, exit: .denied)
        }
        return (recorded, ruling.sequence)
    }

    // MARK: Labels

    private struct Checked {
        let label: MessageLabel
        let input: Record.Inputs.Item
        let sidecar: Sidecar
        let answer: Sidecar.Answer
        /// Whether it is the answer that left.
        let hasLeft: Bool
        let form: LabelForm
        let value: JSONValue

        var id: String { Record.Inputs.Item.prefix(input.index) + label.microtask }
        var key: [String] { [id, answer.model] }
        var outcome: String { form.principal(of: answer.value).map { $0.equals(value) } == true ? "right" : "wrong" }

        func placeholder(_ job: String) -> FeedbackRow {
            FeedbackRow(
                job: job, microtask: id, model: answer.model, digest: "",
                key: LearningKey(owners: [], dataClass: "", purpose: "", type: ""), outcome: outcome, source: "",
                credits: 0, entry: 0, shown: 0, record: "", lesson: "")
        }
    }

    private func check(_ labels: [MessageLabel]) throws -> [Checked] {
        var forms: [String: LabelForm] = [:]
        var wanted:
            [(label: MessageLabel, input: Record.Inputs.Item, form: LabelForm, value: JSONValue, sidecar: Digest)] = []
        for label in labels {
            let input = try job.input(named: label.message)
            let form = try forms[label.microtask] ?? LabelForm(job.microtask(label.microtask))
            forms[label.microtask] = form
            wanted.append((label, input, form, try form.value(of: label), try job.sidecar(of: input)))
        }
        let sidecars = try sealed.open(Sidecar.self, Array(Set(wanted.map(\.sidecar))))
        return try wanted.flatMap { label, input, form, value, name in
            guard let sidecar = sidecars[name], sidecar.input == input.digest else {
                throw RoomError(
                    .inconsistent, "the sidecar \(name) of \(label.message) is missing or of another message",
                    remedy: "restore the room's blobs from a backup", exit: .unverified)
            }
            guard let answer = sidecar.answers[label.microtask] else {
                throw RoomError(
                    .feedback, "\(label.message) has no answer to \(label.microtask): it was skipped, or it failed",
                    remedy: "see: atomic job show \(job.row.id)", exit: .usage)
            }
            return ([answer] + (sidecar.others?[label.microtask] ?? [])).enumerated().map { place, answer in
                Checked(
                    label: label, input: input, sidecar: sidecar, answer: answer, hasLeft: place == 0, form: form,
                    value: value)
            }
        }
    }

    private func event(
        _ item: Checked, _ source: MessageLabel.Source, _ decision: RecordedDecision
    ) throws -> (Event.FeedbackAdded, NamedFile?) {
        let remembered = RememberedMessage(
            input: item.input.digest, text: item.sidecar.text, vector: item.sidecar.vector,
            type: item.form.microtask.type, value: item.form.answer(item.value), owners: job.label.owners,
            class: job.label.class, purpose: job.row.purpose)
        // A label is remembered once, however many answers it judges.
        let kept = try item.hasLeft ? sealed.seal(remembered) : nil
        let event = Event.FeedbackAdded(
            microtask: item.id, input: item.input.digest, model: item.answer.model, record: item.answer.record,
            outcome: item.outcome, source: source.rawValue, credits: try credits(item), memory: kept?.name,
            decision: decision)
        return (event, kept?.file)
    }

    /// What the verified outcome is worth, by the numbers that were metered when the answer was made.
    private func credits(_ item: Checked) throws -> Int64 {
        guard let settled = job.settlements[item.answer.record] else {
            throw RoomError(
                .inconsistent, "the auction \(item.answer.record) of \(item.label.message) was not settled",
                remedy: "restore the room from a backup", exit: .unverified)
        }
        let record = try AuctionRecord(canonical: room.records.bytes(item.answer.record))
        return try Auction.credits(
            record.input.weights, outcome: item.outcome == "right" ? .right : .wrong, cost: settled.cost,
            latencyMs: (Int64(settled.latencyNs) ?? 0) / 1_000_000, secondScore: record.award.secondScore ?? 0)
    }
}

extension JSONValue {
    /// Equal as answers: 1 and 1.0 are the same number.
    fileprivate func equals(_ other: JSONValue) -> Bool { canonical == other.canonical }
}

extension Room {
    /// Erases sealed entries: first the log says so, then the blobs go. What a crash leaves is removed when the room is
    /// opened the next time.
    func forget(_ names: [String], reason: String) throws {
        let entries = Set(names).sorted().compactMap { Digest(string: $0) }
        // One entry of the log holds this many digests with room to spare.
        for piece in entries.pieces(of: 500) {
            try record(Event.MemoryErased(entries: piece, reason: reason))
            for entry in piece { try records.remove(entry) }
        }
    }

    /// Erases ciphertexts of inputs.
    func forget(inputs: [(digest: Digest, path: String)], reason: String) throws {
        for piece in inputs.sorted(by: { $0.path < $1.path }).pieces(of: 500) {
            try record(Event.MemoryErased(entries: [], inputs: piece.map(\.digest), reason: reason))
            for (_, path) in piece {
                try Files.remove(path)
                try Files.remove(path + Label.suffix)
            }
        }
    }

    /// Removes blobs that the log says were erased and that a crash left.
    func sweepErased() throws {
        for name in try store.erased().compactMap({ Digest(string: $0) }) where records.contains(name) {
            try records.remove(name)
        }
    }
}

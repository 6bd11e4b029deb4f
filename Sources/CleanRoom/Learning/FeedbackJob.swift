// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import TransparencyLog

/// An ended job, as far as a label needs it.
struct FeedbackJob {
    let row: JobRow
    let label: DataLabel
    let graphDigest: Digest
    let inputs: [Record.Inputs.Item]
    /// By auction record.
    let settlements: [Digest: Event.AuctionSettled]
    private let graph: Record.TaskGraph
    private let rows: [String: InputRow]

    init(_ id: String, in room: Room) throws {
        row = try Self.find(id, in: room)
        guard row.receipt != nil else {
            throw RoomError(
                .job, "the job \(row.id) has not ended", remedy: "let atomic run finish it, then say what was right",
                exit: .tryAgain)
        }
        guard let task = Digest(string: row.taskDigest), let inputs = Digest(string: row.inputs) else {
            throw RoomError(
                .inconsistent, "the job \(row.id) is damaged in state.db", remedy: "delete state.db", exit: .unverified)
        }
        graphDigest = task
        graph = try room.records.record(Record.TaskGraph.self, task)
        self.inputs = try room.records.record(Record.Inputs.self, inputs).items
        rows = Dictionary(
            try room.store.inputs(job: row.id).map { ($0.input, $0) }, uniquingKeysWith: { first, _ in first })
        var label: DataLabel?
        var settlements: [Digest: Event.AuctionSettled] = [:]
        let range = UInt64(row.firstEntry)..<min(UInt64(row.lastEntry) + 1, room.log.size)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1_024) {
            for entry in try room.log.reader().entries(in: start..<min(start + 1_024, range.upperBound))
            where entry.job == row.id {
                if entry.type == Event.JobAccepted.type { label = entry.label }
                guard entry.type == Event.AuctionSettled.type else { continue }
                let settled = try CanonicalJSON.decodeStrict(Event.AuctionSettled.self, from: entry.data)
                settlements[settled.record] = settled
            }
        }
        guard let label else {
            throw RoomError(
                .inconsistent, "the job \(row.id) has no label in the log", remedy: "restore the room from a backup",
                exit: .unverified)
        }
        self.label = label
        self.settlements = settlements
    }

    private static func find(_ id: String, in room: Room) throws -> JobRow {
        let jobs = try room.store.jobs()
        let found = id == "latest" ? Array(jobs.prefix(1)) : jobs.filter { $0.id.hasPrefix(id) }
        guard let job = found.first, found.count == 1 || job.id == id else {
            throw RoomError(
                .job, found.isEmpty ? "the room has no job \(id)" : "\(found.count) jobs begin with \(id)",
                remedy: "see: atomic job list --room \(room.paths.root)", exit: .usage)
        }
        return job
    }

    func input(named name: String) throws -> Record.Inputs.Item {
        let found = inputs.filter { $0.name == name }
        guard let item = found.first, found.count == 1 else {
            throw RoomError(
                .feedback,
                found.isEmpty
                    ? "the job \(row.id) has no message \(name)" : "\(found.count) messages are named \(name)",
                remedy: "see: atomic job show \(row.id)", exit: .usage)
        }
        return item
    }

    func microtask(_ id: String) throws -> Record.TaskGraph.Microtask {
        guard let microtask = graph.microtasks.first(where: { $0.id == id }) else {
            throw RoomError(
                .feedback, "the task \(graph.name) has no microtask \(id)",
                remedy: "it has \(graph.microtasks.map(\.id).joined(separator: ", "))", exit: .usage)
        }
        return microtask
    }

    /// The sidecar of an input that was released while the policy permitted to learn from it.
    func sidecar(of input: Record.Inputs.Item) throws -> Digest {
        let found = rows[input.digest.description]
        guard let found, InputState(rawValue: found.state).map({ $0 == .released || $0 == .needsReview }) == true else {
            throw RoomError(
                .feedback, "\(input.name) has no answer that could be right or wrong",
                remedy: "see: atomic job show \(row.id)", exit: .usage)
        }
        guard let name = found.sidecar.flatMap({ Digest(string: $0) }) else {
            throw RoomError(
                .denied,
                "nothing was kept of \(input.name) to learn from: the policy did not permit learn when its answer left, "
                    + "or what was kept has been erased",
                remedy: "run the job again under a policy that permits learn", exit: .denied)
        }
        return name
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
public import Auction
internal import AuditBundle
public import RoomStore
internal import TransparencyLog

/// A room looked at, not worked in: it takes no lock and changes nothing, so it works beside a running job.
public struct RoomView {
    public let paths: RoomPaths
    public let configuration: RoomConfiguration
    public let records: RecordStore
    private let store: RoomStore

    public init(_ directory: String) throws {
        paths = RoomPaths(directory)
        configuration = try RoomConfiguration(reading: paths.configuration)
        records = try RecordStore(directory: paths.blobs)
        store = try Self.store(of: paths, configuration, records: records)
    }

    /// The room's state as its log tells it. Where state.db is behind (a crash, a deleted file) or cannot be opened for
    /// reading (a read-only copy of the room), the rest is followed in memory: only the supervisor writes the file.
    private static func store(
        of paths: RoomPaths, _ configuration: RoomConfiguration, records: RecordStore
    ) throws -> RoomStore {
        let isReadOnly = Files.fileSystem(of: paths.root)?.isReadOnly ?? false
        let isThere = !isReadOnly && Files.exists(paths.database)
        let store = isThere ? try RoomStore(path: paths.database) : try RoomStore()
        let next = UInt64(try store.nextEntry())
        // Read after the state, so that it is never behind it.
        let log = try LogReader(room: paths.root)
        try RoomBirth(log).check(configuration)
        guard next < log.size else { return store }
        let copy = isThere ? try store.copyInMemory() : store
        // A supervisor at work may have taken the file further since it was asked.
        let copied = UInt64(try copy.nextEntry())
        guard copied < log.size else { return copy }
        try LogProjection.follow(log, from: copied, in: copy, records: records)
        return copy
    }

    public func jobs() throws -> [JobRow] { try store.jobs() }

    /// A job by its id or the beginning of it; `latest` is the newest.
    public func job(_ id: String) throws -> JobRow {
        let jobs = try store.jobs()
        let found = id == "latest" ? Array(jobs.prefix(1)) : jobs.filter { $0.id.hasPrefix(id) }
        guard let job = found.first, found.count == 1 || job.id == id else {
            throw RoomError(
                .job, found.isEmpty ? "the room has no job \(id)" : "\(found.count) jobs begin with \(id)",
                remedy: "see: atomic job list --room \(paths.root)", exit: .usage)
        }
        return job
    }

    /// The messages of a job, in their order.
    public func inputs(_ job: String) throws -> [InputRow] { try store.inputs(job: job) }

    /// What was said about answers of a job that left, by the microtask's id in the job.
    func feedback(_ job: String) throws -> [String: FeedbackRow] {
        let models = Dictionary(try microtasks(job).map { ($0.id, $0.model) }, uniquingKeysWith: { first, _ in first })
        let rows = try store.feedback(job: job).filter { models[$0.microtask] == $0.model }
        return Dictionary(rows.map { ($0.microtask, $0) }, uniquingKeysWith: { _, last in last })
    }

    func airlockRows() throws -> [AirlockRow] { try store.airlock() }

    func airlockDecisions(_ held: String) throws -> [AirlockDecisionRow] { try store.airlockDecisions(held: held) }

    public func microtasks(_ job: String) throws -> [MicrotaskRow] { try store.microtasks(job: job) }

    /// Accepted policies in their order, each with the digest of its envelope and the index of its log entry.
    func policies() throws -> [(sequence: Int64, envelope: Digest, entry: Int64)] { try store.policies() }

    /// Envelopes of accepted policies, by sequence.
    public func policyEnvelopes() throws -> [Int64: [UInt8]] {
        let shelf = PolicyShelf(paths: paths)
        return try Dictionary(
            uniqueKeysWithValues: policies().map {
                ($0.sequence, try shelf.policy($0.sequence, envelope: $0.envelope).bytes)
            })
    }

    func stopRows() throws -> [(entry: Int64, kind: String, statement: Digest)] { try store.stops() }

    func restoreEntries() throws -> [Int64] { try store.restores() }

    public func models() throws -> [ModelRow] { try store.models() }

    /// The last auction of each microtask, for the inputs whose file name is `name`, or for all.
    public func auctions(job: JobRow, named name: String? = nil) throws -> [(name: String, record: AuctionRecord)] {
        guard let digest = Digest(string: job.inputs) else { return [] }
        let inputs = try records.record(Record.Inputs.self, digest).items
        let names = Dictionary(inputs.map { ($0.digest.description, $0.name) }, uniquingKeysWith: { first, _ in first })
        return try store.microtasks(job: job.id).compactMap { row in
            guard let file = names[row.input], name == nil || name == file || name == row.id,
                let auction = row.auction.flatMap({ Digest(string: $0) })
            else { return nil }
            return (file, try AuctionRecord(canonical: records.bytes(auction)))
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle
internal import Glibc
public import RoomStore
internal import Sealing
public import SovereignPolicy
internal import Synchronization
public import TransparencyLog

/// An open room: its log, its state and the policy in force. One process at a time, any number of its threads.
public final class Room: Sendable {
    public let paths: RoomPaths
    public let configuration: RoomConfiguration
    public let log: TransparencyLog
    public let store: RoomStore
    public let records: RecordStore
    public let clock: SystemClock
    /// Who runs this supervisor.
    let actor: EntryActor
    let outbox: Outbox
    private let releases: ReleaseDesk
    /// What jobs have promised to models and not yet paid.
    let ledger: BudgetLedger
    let learner: RoomLearner
    /// Jobs that are run now. Whoever decides about an answer, or ends a job, holds it: a job ends once.
    let airlock = Shared(Set<String>())
    private let queue: EntryQueue
    private let journal: FileJournal
    private let follower: Follower
    /// One policy, halt or resume after the other.
    let course = Mutex<Void>(())
    /// How to stop each job that is at work.
    let atWork = Mutex<[UInt64: @Sendable (RoomError) -> Void]>([:])
    private let watch = StopWatch()
    private let housekeeping = StopWatch(interval: Retention.interval)
    /// Inputs are taken up, or those that have expired are erased.
    let intake = Mutex<Void>(())

    /// The newest accepted policy, or nil: then nothing is permitted.
    public var policy: SovereignPolicy? { gate.ruling?.policy }

    /// Whether it is halted: then nothing is permitted.
    public var isHalted: Bool { gate.stops.isHalted }

    /// What holds for the next entry.
    var gate: Gate { queue.gate }

    /// Opens a room for work: takes the log's lock, follows the log, and settles what a crash left.
    ///
    /// - Throws: `no-room`; the log's errors (75 when another process has the room, 4 when it is damaged).
    public convenience init(opening directory: String, version: String, clock: SystemClock = .real) throws {
        let paths = RoomPaths(directory)
        let configuration = try RoomConfiguration(reading: paths.configuration)
        let log = try LogKeyFiles(paths, configuration).openLog(clock: clock)
        // Before anything is written: what room.yaml says must be what the log was born with.
        try RoomBirth(log.reader()).check(configuration)
        try self.init(paths: paths, configuration: configuration, log: log, clock: clock)
        releases.recall()
        try sweep()
        try follow()
        // Nobody may have what was staged and never released.
        try outbox.clear(keeping: staged())
        let newest = try PolicyShelf(paths: paths).newest(store: store, log: log.reader())
        queue.begin(
            Gate(
                ruling: try newest.map { try Ruling($0) }, stops: try StopShelf.course(store: store, log: log.reader()),
                awaited: try Restore.awaited(store: store, log: log.reader(), policy: newest)))
        try Files.createDirectory(paths.stops, mode: 0o700)
        // Before anything else: a halt that nobody could take stops what would begin now.
        takeStops()
        try reopen(version: version)
        try sweepErased()
        try Retention(self)?.apply()
        try housekeeping.start { [weak self] in self?.tidy() }
        try watch.start { [weak self] in self?.takeStops() }
    }

    init(paths: RoomPaths, configuration: RoomConfiguration, log: TransparencyLog, clock: SystemClock) throws {
        self.paths = paths
        self.configuration = configuration
        self.log = log
        self.clock = clock
        store = try RoomStore(path: paths.database)
        records = try RecordStore(directory: paths.blobs)
        outbox = try Outbox(directory: paths.outbox)
        releases = ReleaseDesk(configuration, paths: paths, log: log, clock: clock)
        ledger = BudgetLedger(store: store, clock: clock)
        learner = RoomLearner(store: store)
        journal = FileJournal(root: paths.root, path: paths.journal)
        try journal.recover()
        let follower = Follower(log: log, store: store, records: records)
        self.follower = follower
        queue = EntryQueue(log: log, journal: journal) { try follower.follow() }
        actor = EntryActor(id: "uid:\(getuid())", role: "operator")
    }

    /// The policy in force.
    /// - Throws: `no-policy` when none was accepted: then nothing is permitted.
    public func requirePolicy() throws -> SovereignPolicy {
        guard let policy else {
            throw RoomError(
                .noPolicy, "no policy has been accepted in \(paths.root): nothing is permitted",
                remedy: "sign one by its quorum and run: atomic policy accept ENVELOPE --room \(paths.root)",
                exit: .denied)
        }
        return policy
    }

    /// Appends events and follows them. Durable on return; the effect they announce may happen now.
    @discardableResult
    func record(_ events: any EventData..., job: String? = nil, label: DataLabel? = nil) throws -> Range<UInt64> {
        try record(all: events, job: job, label: label)
    }

    /// - Parameters:
    ///   - files: what the entries name; durable before them.
    ///   - decided: sequence of the policy by which they were decided; nil where nothing was.
    /// - Throws: ``PolicyMoved`` when another policy is in force by now; `halted`.
    @discardableResult
    func record(
        all events: [any EventData], files: [NamedFile] = [], job: String? = nil, label: DataLabel? = nil,
        decided: Int64? = nil
    ) throws -> Range<UInt64> {
        try wait(for: enqueue(events, files: files, job: job, label: label, decided: decided))
    }

    /// Gives events a place in the log, behind everything that was given one before. Wait for the ticket before the
    /// effect that they announce.
    ///
    /// - Parameters: as for ``record(all:files:job:label:decided:)``, and
    ///   - turn: changes what holds for everything behind them.
    func enqueue(
        _ events: [any EventData], files: [NamedFile] = [], job: String? = nil, label: DataLabel? = nil,
        decided: Int64? = nil, turn: ((inout Gate) -> Void)? = nil
    ) throws -> EntryQueue.Ticket {
        let drafts = try events.map { event in
            EntryDraft(
                type: Swift.type(of: event).type, actor: actor, job: job, label: label, policy: 0,
                data: try CanonicalJSON.value(event))
        }
        return try enqueue(drafts: drafts, files: files, job: job, decided: decided, turn: turn)
    }

    /// The queue writes the policy in force into each draft.
    func enqueue(
        drafts: [EntryDraft], files: [NamedFile] = [], job: String? = nil, decided: Int64? = nil,
        turn: ((inout Gate) -> Void)? = nil
    ) throws -> EntryQueue.Ticket {
        try queue.put(drafts, files: files, job: job, decided: decided, turn: turn)
    }

    /// Waits until the ticket's events are durable and followed.
    @discardableResult
    func wait(for ticket: EntryQueue.Ticket) throws -> Range<UInt64> { try queue.wait(for: ticket) }

    /// Waits for what must be true before anything of this class leaves that the first `size` entries release; all entries
    /// where it is nil.
    /// - Parameter decided: what the policy demanded by which they were released.
    /// - Throws: `witness` or `history`: too few witnesses signed the log.
    func clearance(for size: UInt64? = nil, class dataClass: String, decided: CosignatureDemand? = nil) throws
        -> Clearance
    {
        let ruling = policy.flatMap { CosignatureDemand(of: $0, class: dataClass) }
        let demands = [CosignatureDemand(of: configuration), ruling, decided].compactMap(\.self)
        return try releases.clearance(for: size ?? log.size, demands: Set(demands)) { event, file in
            try record(all: [event], files: [file])
        }
    }

    /// A run of this job begins, from what the log holds.
    func begin(job: String) { queue.forgive(job: job) }

    /// Brings the store up to the log.
    func follow() throws { try follower.follow() }

    /// Gives the log back.
    public func close() throws {
        watch.stop()
        housekeeping.stop()
        defer { try? journal.flush() }
        try log.close()
    }

    /// Removes what was half written when a supervisor died. The lock is held, so nobody is writing these now.
    private func sweep() throws {
        for directory in [paths.blobs + "/sha256", paths.inputs, paths.policies] where Files.isDirectory(directory) {
            for name in try Files.list(directory) where name.hasSuffix(".tmp") {
                try Files.remove(directory + "/" + name)
            }
        }
        let kept = Files.name(of: paths.cosigned) + "."
        for name in try Files.list(paths.root) where name.hasPrefix(kept) && name.hasSuffix(".tmp") {
            try Files.remove(paths.root + "/" + name)
        }
    }

    /// Tells the log that what was interrupted begins anew, as a start does: call this when no job is at work and before
    /// one that was interrupted is resumed by the same supervisor.
    public func reopen(version: String) throws {
        try settleCutCalls()
        try record(
            Event.RoomOpened(
                version: version, executable: Self.executableDigest(), halted: isHalted ? true : nil))
        try settleLostJails()
    }

    /// Jails whose supervisor died: the launcher killed them with it, and the log should say so.
    private func settleLostJails() throws {
        for jail in try store.openJails() {
            try record(
                Event.JailEnded(
                    jail: jail.id, cause: "lost", exit: nil, signal: nil, limits: "unknown", cpuNs: "0", wallNs: "0",
                    peakBytes: 0, bytesIn: 0, bytesOut: 0), job: jail.job,
                label: jail.dataClass.map {
                    DataLabel(class: $0, owners: jail.owners.split(separator: " ").map(String.init))
                })
        }
    }

    /// A key URI of the configuration with its path made absolute or relative to the working directory.
    static func uri(_ uri: String, in paths: RoomPaths) -> String {
        uri.hasPrefix("file:") ? "file:" + paths.resolve(String(uri.dropFirst(5))) : uri
    }

    private static func executableDigest() throws -> Digest {
        try .sha256(Files.read("/proc/self/exe", limit: 1 << 30))
    }
}

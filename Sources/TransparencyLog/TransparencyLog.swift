// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc

/// The log of a room, open for appending: one writer per room, any number of threads.
///
/// An append returns when its entries lie in the write-ahead file under a signed checkpoint and the disk has them.
/// Appends that wait at the same time share one write, one signature and one fdatasync (group commit). The published
/// tile log in `log/` follows behind: after every few thousand entries, on ``publish()`` and on ``close()``.
public final class TransparencyLog: @unchecked Sendable {
    /// The key that signs the checkpoints now; its name is the log's origin.
    public var key: NoteVerifier { monitor.locked { signing.signer.verifier } }

    /// What signs the checkpoints. An object, so that it can be exchanged while others still use the old one.
    private final class Signing: Sendable {
        let signer: NoteSigner

        init(_ signer: consuming NoteSigner) { self.signer = signer }
    }

    /// What the next entry continues.
    private struct Head {
        var tree: TreeState
        /// SHA-256 of the last entry.
        var previous: Digest
        var lastWall: WallTime?
        /// Signed checkpoint of `tree`.
        var note: [UInt8]
    }

    /// One append on its way. A thread waits for its outcome, or a task for its continuation.
    private final class Ticket {
        typealias Outcome = Result<Range<UInt64>, LogError>

        let entries: [PreparedEntry]
        let turn: UInt64
        let continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?

        init(_ entries: [PreparedEntry], turn: UInt64, continuation: CheckedContinuation<Outcome, Never>? = nil) {
            self.entries = entries
            self.turn = turn
            self.continuation = continuation
        }
    }

    /// When to publish and when to change the write-ahead file. Small in tests, so that both happen often.
    struct Limits {
        /// Entries after which what has gathered is published, in the background.
        var publishAfterEntries: UInt64 = 16_384
        /// Bytes after which it is published.
        var publishAfterBytes = 16 << 20
        /// Bytes that may wait for publication before appenders wait for it too.
        var manyUnpublishedBytes = 64 << 20
        /// Bytes that may wait for publication when publishing fails, for example on a full disk.
        var mostUnpublishedBytes = 256 << 20
        /// Size at which the write-ahead file is changed for a new one.
        var rotateAfterBytes = 16 << 20
    }

    /// How long a batch waits at most for appends that may come, in nanoseconds; otherwise for a quarter of the time that the
    /// last batch took.
    private static let mostPatience: UInt64 = 1_000_000
    /// Largest append in bytes.
    private static let largestAppend = 64 << 20

    private let directory: LogDirectory
    private let clock: SystemClock
    private let limits: Limits
    private let boot: String
    private let monitor = Monitor()
    /// Held while publishing; always taken before `monitor`.
    private let publication = Monitor()

    /// Used by the thread that commits.
    private var engine = SHA256Engine()

    // Guarded by `monitor`; `head`, `signing`, `writer` and `retired` are changed only by the thread that commits, or after the
    // end.
    private var head: Head
    private var signing: Signing
    /// `log/checkpoint` is not signed by today's keys, or not by all of them.
    private var isCheckpointStale: Bool
    private var writer: WriteAheadWriter?
    private var lock: WriterLock?
    private var waiting: [Ticket] = []
    private var turn: UInt64 = 0
    private var isCommitting = false
    /// Appends that were on their way when the last batch was done. So many may be there again in a moment, and one batch for
    /// all of them is better than two: a batch waits for them, but not longer than `patience`, in nanoseconds.
    private var crowd = 0
    private var patience: UInt64 = 0
    /// Somebody waits for the crowd, and commits when it does not come.
    private var isGathering = false
    private var isPublishing = false
    private var isClosed = false
    /// Tickets of tasks wait; for them there is a thread that commits.
    private var hasCommitter = false
    /// The newest entries, from the last multiple of 256 at or below `published`, or before it.
    private var recent: EntryTail
    /// Full tiles after `published`.
    private var completed: [CompletedTile]
    private var published: UInt64
    private var unpublishedBytes = 0
    private var publishFailure: LogError?
    /// Write-ahead files that are no longer written to, with the size of the log at their end.
    private var retired: [(number: UInt64, end: UInt64)] = []

    // MARK: - Opening

    /// Makes an empty log in a room: `log/` with the checkpoint of size 0, and `log-wal/`.
    /// - Throws: `exists`, `locked`, `disk-full`, `io`.
    public static func create(room: String, signer: borrowing NoteSigner) throws(LogError) {
        let directory = LogDirectory(room: room)
        try LogError.wrapping { () throws(BaseError) in
            try Files.createDirectory(directory.tiles)
            try Files.createDirectory(directory.writeAhead, mode: 0o700)
        }
        let lock = try WriterLock.take(directory)
        guard try directory.segments().isEmpty, !Files.exists(directory.tiles + "/checkpoint") else {
            throw LogError(.exists, "\(room) has a log already", remedy: "open it, or choose another directory")
        }
        let empty = Checkpoint(origin: signer.verifier.name, size: 0, root: MerkleTree.emptyRoot)
        let note = try signer.sign(empty.text).bytes
        // The write-ahead file first: a log whose checkpoint is missing at size 0 is completed when it is opened.
        _ = try WriteAheadWriter.create(directory, number: 1, vkey: signer.verifier.vkey, base: note)
        let complete = try signer.complete(note)
        try LogError.wrapping { () throws(BaseError) in
            try Files.writeDurably(complete, to: directory.tiles + "/checkpoint")
        }
        _ = consume lock
    }

    /// Opens the log of a room for appending, replays the write-ahead file and publishes what it holds.
    /// - Parameter signer: the log's key; its name must be the log's origin.
    /// - Throws: `locked` (exit 75) when somebody else has it open, `missing`, `damaged` (exit 4), `key`, `disk-full`,
    ///   `io`.
    public static func open(room: String, signer: consuming NoteSigner, clock: SystemClock = .real) throws(LogError)
        -> TransparencyLog
    {
        try open(room: room, signer: signer, clock: clock, limits: Limits())
    }

    static func open(room: String, signer: consuming NoteSigner, clock: SystemClock, limits: Limits) throws(LogError)
        -> TransparencyLog
    {
        let directory = LogDirectory(room: room)
        guard Files.isDirectory(directory.writeAhead) else {
            guard Files.isDirectory(directory.tiles) else {
                throw LogError(.missing, "\(room) has no log", remedy: "create the room first")
            }
            throw .damaged("the directory of write-ahead files is missing", file: "log-wal")
        }
        let lock = try WriterLock.take(directory)
        try completeCreation(directory, signer: signer)
        let stored = try StoredLog(directory, key: signer.verifier, signatures: .last)
        try stored.demandSameKeys(as: signer.keys)
        return try TransparencyLog(stored, signer: signer, clock: clock, limits: limits, lock: lock)
    }

    /// A crash inside ``create(room:signer:)`` leaves a first write-ahead file without `log/checkpoint`.
    private static func completeCreation(_ directory: LogDirectory, signer: borrowing NoteSigner) throws(LogError) {
        guard !Files.exists(directory.tiles + "/checkpoint"), try directory.segments() == [1],
            !Files.exists(directory.tiles + "/tile")
        else { return }
        let bytes = try LogError.wrapping { () throws(BaseError) in
            try Files.read(directory.segment(1), limit: WriteAheadSegment.maximumBytes)
        }
        guard let segment = try? WriteAheadSegment(bytes: bytes, file: "log-wal") else { return }
        let note = try signer.complete(segment.base)
        try LogError.wrapping { () throws(BaseError) in
            try Files.createDirectory(directory.tiles)
            try Files.writeDurably(note, to: directory.tiles + "/checkpoint")
        }
    }

    private init(
        _ stored: StoredLog, signer: consuming NoteSigner, clock: SystemClock, limits: Limits,
        lock: consuming WriterLock
    ) throws(LogError) {
        let replay = stored.replay
        directory = stored.directory
        self.clock = clock
        self.limits = limits
        boot = try LogError.wrapping { () throws(BaseError) in
            let text = try Files.read("/proc/sys/kernel/random/boot_id", limit: 64)
            return String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self)
        }
        published = stored.published
        completed = replay.completed
        let partial = Int(stored.published % 256)
        let edge = stored.published - UInt64(partial)
        recent = EntryTail(start: edge)
        if partial > 0 { recent.append(try Self.edgeBundle(stored, index: edge / 256, width: partial)) }
        for batch in replay.entries.batches { recent.append(batch) }
        let last: [UInt8]? =
            if let last = recent.last {
                last
            } else if edge > 0 {
                try Self.edgeBundle(stored, index: edge / 256 - 1, width: 256)[255]
            } else {
                nil
            }
        var newest = try SignedNote(bytes: replay.note).bytes(of: stored.key)
        if stored.pending != nil {
            // The old key has signed its last checkpoint. The new one signs the same, and goes on from there.
            newest = try signer.sign(SignedNote(bytes: replay.note).text).bytes
        }
        isCheckpointStale = (try? Checkpoint(note: stored.publishedNote, signedBy: signer.keys)) == nil
        head = Head(
            tree: replay.tree, previous: last.map { Digest.sha256($0) } ?? EntryChain.start,
            lastWall: try last.map { bytes throws(LogError) in try LogEntry(bytes: bytes).wall },
            note: newest)
        signing = Signing(signer)
        self.lock = consume lock
        writer = nil
        try removeTemporaries()
        // Publishing builds on these batches; a power cut must not take them from under what was published.
        if replay.isUnmarked { try stored.renewLastSegment() }
        if let last = stored.segments.last, stored.segments.count == 1, last.isCurrent, last.frames.isEmpty,
            !replay.isTorn
        {
            let number = stored.segmentNumbers[0]
            writer = try WriteAheadWriter(path: directory.segment(number), number: number, start: last.start)
            try publish()
        } else {
            // A new key first gets a file of its own: a checkpoint of its alone would belong to no file.
            if stored.pending != nil { try rotate(after: stored.segmentNumbers.last ?? 0) }
            try publish()
            // Only now, with a new file that continues the published log, may the old ones go.
            if stored.pending == nil { try rotate(after: stored.segmentNumbers.last ?? 0) }
            retired = stored.segmentNumbers.map { ($0, replay.tree.size) }
            try removeRetired()
        }
    }

    /// The last bundle of `log/`, checked against the tree.
    private static func edgeBundle(_ stored: StoredLog, index: UInt64, width: Int) throws(LogError) -> EntryRun {
        let reader = LogReader(
            directory: stored.directory, key: stored.key, note: stored.replay.note,
            checkpoint: try Checkpoint(text: SignedNote(bytes: stored.replay.note).text), published: stored.published,
            tree: stored.replay.tree, completed: stored.replay.completed, tail: stored.replay.entries,
            tailStart: stored.published)
        var run = EntryRun()
        for entry in try reader.rawEntries(in: index * 256..<index * 256 + UInt64(width)) { run.append(entry) }
        return run
    }

    /// What a crash left behind while a file was being replaced.
    private func removeTemporaries() throws(LogError) {
        try LogError.wrapping { () throws(BaseError) in
            for name in try Files.list(directory.writeAhead) where name.hasSuffix(".tmp") {
                try Files.remove(directory.writeAhead + "/" + name)
            }
        }
    }

    deinit {
        // Nothing acknowledged depends on this: what is not published now is replayed by the next open.
        try? close()
    }

    // MARK: - Appending

    /// Appends entries, all or none, one behind the other without others in between.
    /// - Returns: their indices, when they are durable under a signed checkpoint.
    /// - Throws: `entry` when one is malformed or larger than 65,535 bytes, `disk-full`, `io`, `closed`. After a
    ///   failure the log goes on as before; the entries are not in it.
    public func append(_ drafts: [EntryDraft]) throws(LogError) -> Range<UInt64> {
        let prepared = try prepare(drafts)
        monitor.lock()
        guard !isClosed, !prepared.isEmpty else {
            defer { monitor.unlock() }
            return try withoutEntries()
        }
        let ticket = Ticket(prepared, turn: turn)
        waiting.append(ticket)
        while ticket.outcome == nil {
            if isCommitting || isGathering && waiting.count < crowd {
                monitor.wait(.turn(ticket.turn))
            } else {
                gather(.turn(ticket.turn))
            }
        }
        monitor.unlock()
        holdBack()
        guard let outcome = ticket.outcome else {
            throw LogError(.io, "an append ended without an outcome", remedy: "report this as a defect")
        }
        return try outcome.get()
    }

    /// As ``append(_:)``, for tasks: while the disk works, the thread of the task does other work.
    public func appendWithoutBlocking(_ drafts: [EntryDraft]) async throws(LogError) -> Range<UInt64> {
        let prepared = try prepare(drafts)
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Ticket.Outcome, Never>) in
            let refused: Ticket.Outcome? = monitor.locked {
                guard !isClosed, !prepared.isEmpty else {
                    return Result { () throws(LogError) in try withoutEntries() }
                }
                waiting.append(Ticket(prepared, turn: turn, continuation: continuation))
                if !hasCommitter {
                    hasCommitter = Self.startThread { self.commitForTasks() }
                    // Without a thread this one commits for all, when whoever is at it has ended.
                    if !hasCommitter {
                        while isCommitting { monitor.wait(.idle) }
                        if !waiting.isEmpty { commitWaiting() }
                    }
                } else if !isCommitting, !isGathering || waiting.count >= crowd {
                    monitor.wakeOne(.committer)
                }
                return nil
            }
            if let refused { continuation.resume(returning: refused) }
        }
        return try outcome.get()
    }

    /// Starts a thread that nobody waits for.
    /// - Returns: false when the machine gives none.
    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        var failure: Int32 = 0
        guard let thread = PlainThread.start(failure: &failure, body) else { return false }
        pthread_detach(thread)
        return true
    }

    private func prepare(_ drafts: [EntryDraft]) throws(LogError) -> [PreparedEntry] {
        var prepared: [PreparedEntry] = []
        prepared.reserveCapacity(drafts.count)
        for draft in drafts { prepared.append(try PreparedEntry(draft, boot: boot)) }
        return prepared
    }

    /// The outcome of an append of nothing, or to a closed log. Called with the monitor held.
    private func withoutEntries() throws(LogError) -> Range<UInt64> {
        guard !isClosed else { throw LogError(.closed, "the log is closed", remedy: "open it again") }
        return head.tree.size..<head.tree.size
    }

    /// Where publication is far behind, an appender does it: memory stays bounded.
    private func holdBack() {
        guard monitor.locked({ unpublishedBytes >= limits.manyUnpublishedBytes && publishFailure == nil }) else {
            return
        }
        // The entries are durable; that publishing failed is told to those it hinders, later.
        try? publish()
    }

    /// Commits while tasks wait, and a moment longer.
    private func commitForTasks() {
        monitor.lock()
        while true {
            if !isCommitting, !waiting.isEmpty, !isGathering || waiting.count >= crowd {
                gather(.committer)
            } else if isClosed, waiting.isEmpty {
                break
            } else if !monitor.wait(.committer, until: Monitor.now + 100_000_000), waiting.isEmpty {
                break
            }
        }
        hasCommitter = false
        monitor.unlock()
    }

    /// Waits for the crowd, if there is one, and commits; or returns because somebody else did. Called and left with the monitor
    /// held.
    private func gather(_ condition: Monitor.Condition) {
        let deadline = waiting.count < crowd ? Monitor.now + patience : 0
        let current = turn
        while waiting.count < crowd, !isClosed {
            isGathering = true
            let isInTime = monitor.wait(condition, until: deadline)
            // Whoever came last may have committed for all; or the keys are being exchanged.
            guard turn == current else { return }
            isGathering = false
            if isCommitting { return }
            if !isInTime { break }
        }
        commitWaiting()
    }

    /// Commits all who wait, the caller among them. Called and left with the monitor held; the disk works without it.
    private func commitWaiting() {
        let batch = waiting
        waiting = []
        waiting.reserveCapacity(batch.count)
        let current = turn
        turn += 1
        isCommitting = true
        isGathering = false
        monitor.unlock()
        let began = Monitor.now
        let failure: LogError?
        do throws(LogError) {
            try commit(batch)
            failure = nil
        } catch {
            failure = error
        }
        monitor.lock()
        if let failure {
            for ticket in batch where ticket.outcome == nil { ticket.outcome = .failure(failure) }
        }
        isCommitting = false
        crowd = batch.count + waiting.count
        patience = min((Monitor.now - began) / 4, Self.mostPatience)
        if !isPublishing, publishFailure == nil,
            head.tree.size - published >= limits.publishAfterEntries || unpublishedBytes >= limits.publishAfterBytes
        {
            isPublishing = Self.startThread { try? self.publish() }
        }
        monitor.wakeAll(.turn(current))
        monitor.wakeOne(.turn(current + 1))
        if hasCommitter { monitor.wakeOne(.committer) }
        monitor.wakeAll(.idle)
        guard hasCommitter || batch.contains(where: { $0.continuation != nil }) else { return }
        // Each resumption makes work for another thread, which may want the monitor.
        monitor.unlock()
        for ticket in batch {
            guard let continuation = ticket.continuation, let outcome = ticket.outcome else { continue }
            continuation.resume(returning: outcome)
        }
        monitor.lock()
    }

    /// Writes one batch. Only one thread is ever in here, so it may read `head` and use `writer` without the monitor.
    private func commit(_ batch: [Ticket]) throws(LogError) {
        if let publishFailure, unpublishedBytes > limits.mostUnpublishedBytes { throw publishFailure }
        var next = head
        var full: [CompletedTile] = []
        var outcomes: [Ticket.Outcome] = []
        outcomes.reserveCapacity(batch.count)
        // All of a batch became entries at one moment.
        let now = clock.wall()
        let wall = Array(now.rfc3339.utf8)
        var mono: [UInt8] = []
        mono.appendDecimal(clock.monotonic())
        var run = EntryRun(
            entries: batch.reduce(0) { $0 + $1.entries.count },
            bytes: batch.reduce(0) { $0 + $1.entries.reduce(0) { $0 + $1.mostBytes } })
        for ticket in batch {
            let start = next.tree.size
            let first = run.count
            var previous = next.previous
            for (offset, entry) in ticket.entries.enumerated() {
                let place = run.append { bytes in
                    entry.write(seq: start + UInt64(offset), prev: previous, wall: wall, mono: mono, to: &bytes)
                }
                previous = engine.hash(run.bytes.span.extracting(place))
            }
            if let trouble = Self.sizeTrouble(run, from: first) {
                outcomes.append(.failure(trouble))
                run.removeEntries(from: first)
                continue
            }
            for position in first..<run.count {
                let leaf = MerkleTree.leafHash(run.bytes.span.extracting(run.place(position)), engine: &engine)
                next.tree.append(leaf: leaf, engine: &engine, completed: &full)
            }
            next.previous = previous
            next.lastWall = now
            outcomes.append(.success(start..<next.tree.size))
        }
        if !run.isEmpty {
            let range = head.tree.size..<next.tree.size
            let checkpoint = Checkpoint(
                origin: signing.signer.verifier.name, size: next.tree.size, root: next.tree.root)
            next.note = try signing.signer.sign(checkpoint.text).bytes
            try rotateIfNeeded()
            try writer?.append(run, indices: range, note: next.note)
        }
        monitor.locked {
            head = next
            recent.append(run)
            completed += full
            unpublishedBytes += run.bytes.count
            for (ticket, outcome) in zip(batch, outcomes) { ticket.outcome = outcome }
        }
    }

    /// Whether the entries from a position on are too large, one or all of them.
    private static func sizeTrouble(_ run: EntryRun, from first: Int) -> LogError? {
        let sizes = (first..<run.count).lazy.map { run.place($0).count }
        if let large = sizes.first(where: { $0 > LogEntry.maximumBytes }) {
            return LogError(
                .entry, "an entry of \(large) bytes; the most is \(LogEntry.maximumBytes)",
                remedy: "put the large part into a blob and its digest into the entry")
        }
        let total = sizes.reduce(0, +)
        return total <= largestAppend
            ? nil : LogError(.entry, "an append of \(total) bytes", remedy: "append fewer entries at once")
    }

    // MARK: - Write-ahead files

    private func rotateIfNeeded() throws(LogError) {
        guard let current = writer else { throw LogError(.closed, "the log is closed", remedy: "open it again") }
        guard current.isSpoilt || current.offset >= limits.rotateAfterBytes else { return }
        do throws(LogError) {
            try rotate(after: current.number)
            monitor.locked { retired.append((current.number, head.tree.size)) }
        } catch {
            // A large file is only untidy; one that a failed sync has made unsafe must not be used again.
            if current.isSpoilt { throw error }
        }
    }

    /// Continues in a new write-ahead file that begins at the head.
    private func rotate(after number: UInt64) throws(LogError) {
        writer = try WriteAheadWriter.create(
            directory, number: number + 1, vkey: signing.signer.verifier.vkey, base: head.note)
    }

    /// Removes the write-ahead files whose entries are all published.
    private func removeRetired() throws(LogError) {
        let gone: [(number: UInt64, end: UInt64)] = monitor.locked {
            // A checkpoint of the keys before today's needs the file that hands over from them.
            guard !isCheckpointStale else { return [] }
            let gone = retired.filter { $0.end <= published }
            retired.removeAll { $0.end <= published }
            return gone
        }
        try LogError.wrapping { () throws(BaseError) in
            for segment in gone { try Files.remove(directory.segment(segment.number)) }
            if !gone.isEmpty { try Files.syncDirectory(directory.writeAhead) }
        }
        FaultInjection.reach("wal-removed")
    }

    // MARK: - Keys

    /// The key that the log in a room goes on with: that of its newest checkpoint, or the one that its last entry announces.
    /// - Throws: as ``LogReader/init(room:key:)``.
    public static func currentKey(room: String) throws(LogError) -> NoteVerifier {
        let stored = try StoredLog.read(LogDirectory(room: room), key: nil, signatures: .last)
        return stored.pending?.new.classical ?? stored.key
    }

    /// Announces other keys in the log, signed by those of today, and goes on with them.
    ///
    /// The announcement is the last entry under the old key, in a batch of its own. When it is durable there is no way back;
    /// a log that ends with it is opened with the new keys. Nobody appends between it and the new key's first checkpoint.
    /// - Parameter new: the next keys, already kept where they will be found again.
    /// - Returns: index of the entry.
    /// - Throws: `key` when `new` cannot follow, and what ``append(_:)`` throws: then nothing has changed. Other failures
    ///   leave the log closed with the entry in it: open it again, with the new keys.
    public func rotateKeys(to new: consuming NoteSigner, by actor: EntryActor, policy: Int64) throws(LogError) -> UInt64
    {
        let next = Signing(new)
        monitor.lock()
        while isCommitting { monitor.wait(.idle) }
        guard !isClosed else {
            monitor.unlock()
            throw LogError(.closed, "the log is closed", remedy: "open it again")
        }
        isCommitting = true
        monitor.unlock()
        let outcome: Result<UInt64, LogError>
        do throws(LogError) {
            outcome = .success(try exchange(for: next, by: actor, policy: policy))
        } catch {
            outcome = .failure(error)
        }
        monitor.lock()
        isCommitting = false
        // Those who came meanwhile; the first of them commits for all.
        monitor.wakeOne(.turn(turn))
        if hasCommitter { monitor.wakeOne(.committer) }
        monitor.wakeAll(.idle)
        monitor.unlock()
        let index = try outcome.get()
        // The exchange is durable; the published checkpoint follows now or with the next entries.
        try? publish()
        return index
    }

    /// Only one thread is ever in here or in ``commit(_:)``.
    private func exchange(for next: Signing, by actor: EntryActor, policy: Int64) throws(LogError) -> UInt64 {
        let position = head.tree.size
        let draft = try signing.signer.handOver(at: position, to: next.signer.keys, by: actor, policy: policy)
        let ticket = Ticket([try PreparedEntry(draft, boot: boot)], turn: turn)
        try commit([ticket])
        _ = try ticket.outcome?.get()
        FaultInjection.reach("key-announced")
        let number = writer?.number ?? 0
        // Whatever fails from here on: no batch under the old key may follow its announcement.
        writer = nil
        let note = try next.signer.sign(SignedNote(bytes: head.note).text).bytes
        let fresh = try WriteAheadWriter.create(
            directory, number: number + 1, vkey: next.signer.verifier.vkey, base: note)
        monitor.locked {
            writer = fresh
            signing = next
            head.note = note
            isCheckpointStale = true
            retired.append((number, head.tree.size))
        }
        return position
    }

    // MARK: - Publishing

    /// Brings `log/` up to the entries acknowledged so far, durably.
    /// - Throws: `disk-full`, `io`; nothing is lost then, and the next call tries again.
    public func publish() throws(LogError) {
        try publication.locked { () throws(LogError) in
            // Held only for a look: appenders wait for it.
            let now = monitor.locked {
                isPublishing = true
                return (
                    head: head, completed: completed, recent: recent, published: published, signing: signing,
                    isStale: isCheckpointStale
                )
            }
            var work: TilePublication? =
                now.head.tree.size > now.published || now.isStale
                ? TilePublication(
                    note: now.head.note, tree: now.head.tree, completed: now.completed, entries: now.recent,
                    firstEntry: now.published - now.published % 256) : nil
            do throws(LogError) {
                // Only what leaves the room has the second line: it takes as long to sign as a batch takes to write.
                if let note = work?.note { work?.note = try now.signing.signer.complete(note) }
                try work?.write(to: directory)
            } catch {
                monitor.locked {
                    isPublishing = false
                    publishFailure = error
                }
                throw error
            }
            monitor.locked {
                isPublishing = false
                publishFailure = nil
                guard let work else { return }
                published = work.size
                // The keys may have changed meanwhile.
                if now.signing === signing { isCheckpointStale = false }
                completed.removeAll { tile in
                    (tile.index + 1) << UInt64(8 * (tile.level + 1)) <= work.size
                }
                recent.remove(before: work.size - work.size % 256)
                // What was published of the first batch is counted once more: it is not worth looking.
                unpublishedBytes = published == recent.end ? 0 : recent.byteCount
            }
            if work != nil { try removeRetired() }
        }
    }

    /// Publishes, leaves an empty write-ahead file and lets go of the lock. Appends that are under way end first; later
    /// ones throw `closed`. Closing twice is fine.
    /// - Throws: `disk-full`, `io`; the log is closed all the same, and the next open replays what was not published.
    public func close() throws(LogError) {
        monitor.lock()
        guard !isClosed else { return monitor.unlock() }
        isClosed = true
        monitor.wakeAll(.committer)
        while isCommitting || !waiting.isEmpty { monitor.wait(.idle) }
        monitor.unlock()
        defer {
            writer = nil
            lock = nil
        }
        try publish()
        if let current = writer, !current.isEmpty {
            try rotate(after: current.number)
            retired.append((current.number, head.tree.size))
            try removeRetired()
        }
    }

    // MARK: - Reading

    /// Entries that are acknowledged.
    public var size: UInt64 { monitor.locked { head.tree.size } }

    /// Wall clock of the last entry; nil for an empty log.
    public var lastWall: WallTime? { monitor.locked { head.lastWall } }

    /// The signed checkpoint of the acknowledged entries, as note text.
    public func checkpoint() -> [UInt8] { monitor.locked { head.note } }

    /// A view of the log as it is now.
    public func reader() -> LogReader { monitor.locked { view() } }

    /// Called with the monitor held.
    private func view() -> LogReader {
        LogReader(
            directory: directory, key: signing.signer.verifier, note: head.note,
            checkpoint: Checkpoint(
                origin: signing.signer.verifier.name, size: head.tree.size, root: head.tree.root),
            published: published, tree: head.tree, completed: completed, tail: recent,
            tailStart: published - published % 256)
    }

    /// A view of the log as it is now, for what leaves the room: all keys have signed its checkpoint.
    /// - Throws: `key` when a key cannot sign.
    public func publishingReader() throws(LogError) -> LogReader {
        let (reader, signing) = monitor.locked { (view(), self.signing) }
        return reader.with(note: try signing.signer.complete(reader.checkpointNote))
    }

    /// An entry, decoded.
    /// - Throws: `range`, `damaged`.
    public func entry(_ index: UInt64) throws(LogError) -> LogEntry { try reader().entry(index) }

    /// The stored bytes of an entry.
    /// - Throws: `range`, `damaged`.
    public func rawEntry(_ index: UInt64) throws(LogError) -> [UInt8] { try reader().rawEntry(index) }

    /// Proof that the entry is in the log at the current checkpoint.
    public func inclusionProof(_ index: UInt64) throws(LogError) -> InclusionProof {
        try reader().inclusionProof(index)
    }
}

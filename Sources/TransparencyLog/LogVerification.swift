// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Sealing

/// What a full verification has found sound.
public struct VerifiedLog: Sendable {
    /// The log's key of today; its name is the origin.
    public let key: NoteVerifier
    /// All keys that the log ever had, as its entries tell.
    public let keys: KeyHistory
    /// Entries, each of which was read.
    public let size: UInt64
    /// Root hash of them all.
    public let root: Digest
    /// The signed checkpoint that covers them.
    public let checkpointNote: [UInt8]
    /// How many of them are in `log/`; the rest is in the write-ahead file.
    public let publishedSize: UInt64
    /// The last entry, if there is one.
    public let lastEntry: LogEntry?
}

/// Full verification of a log on disk: every byte of every file is accounted for.
public enum LogVerification {
    /// Reads all entries and checks each against its format, number and predecessor; all tiles and the checkpoint
    /// against the entries; all batches of the write-ahead files against the log and their signatures; and that no
    /// other file lies in `log/`. Needs no lock. Of the log it keeps only the names of its files in memory.
    /// - Parameters:
    ///   - room: the room's directory.
    ///   - key: a key of the log, of today or of before a change of keys. Without it the key is taken from the log itself: that
    ///     shows damage, but not who wrote the log.
    ///   - postQuantum: the ML-DSA-65 key beside it. A log whose entries name one is held to it in any case.
    ///   - earlier: a checkpoint seen before; the log must extend it.
    /// - Throws: `damaged` (exit 4) naming entry and file; `key`, `signature`, `missing`, `io`.
    public static func verify(
        room: String, key: NoteVerifier? = nil, postQuantum: PostQuantumNoteVerifier? = nil, earlier: Checkpoint? = nil
    ) throws(LogError) -> VerifiedLog {
        do throws(LogError) {
            return try check(room: room, key: key, postQuantum: postQuantum, earlier: earlier)
        } catch {
            throw DamagePlace.of(error, room: room)
        }
    }

    private static func check(
        room: String, key: NoteVerifier?, postQuantum: PostQuantumNoteVerifier?, earlier: Checkpoint?
    ) throws(LogError) -> VerifiedLog {
        let directory = LogDirectory(room: room)
        // Beside a writer: what is listed first was acknowledged by then, so it lies within the state read afterwards.
        let listed = Files.isDirectory(directory.tiles) ? try TileListing.read(directory.tiles) : TileListing()
        let stored = try StoredLog.read(directory, key: nil, signatures: .all)
        let head = try Checkpoint(text: SignedNote(bytes: stored.replay.note).text)
        let trusted = try LogKeys(key ?? stored.key, postQuantum)
        for segment in stored.segments { try Self.checkSpace(of: segment) }
        var audit = LogAudit(stored, listed: listed, earlier: earlier, trusted: trusted)
        try audit.begin()
        let store = TileStore(directory: directory)
        var next: UInt64 = 0
        while next < stored.published {
            let width = Int(min(256, stored.published - next))
            let entries = try store.run(index: next / 256, width: width)
            let path = TilePath(.entries, index: next / 256, width: width)
            let file = "log/\(path)"
            audit.source = path
            do throws(LogError) {
                try audit.add(entries, file: file)
            } catch {
                // The chain breaks at the entry after the one that was changed; blame the right one.
                let broken = EntryChain.firstBroken(entries, from: next)
                guard error.code == .damaged, broken + 1 == audit.size else { throw error }
                throw .damaged("the entry after it continues another one", file: file, entry: broken)
            }
            next += UInt64(width)
        }
        audit.source = nil
        for run in stored.replay.entries.batches {
            try audit.add(run, file: stored.segments.last?.file ?? "log-wal")
        }
        try audit.finish(head)
        return VerifiedLog(
            key: stored.key, keys: audit.history, size: head.size, root: head.root, checkpointNote: stored.replay.note,
            publishedSize: stored.published, lastEntry: try audit.last)
    }
}

extension LogVerification {
    /// Behind the batches of a write-ahead file there is unused space, or what a crash left of a batch.
    fileprivate static func checkSpace(of segment: WriteAheadSegment) throws(LogError) {
        let base = try Checkpoint(text: SignedNote(bytes: segment.base).text)
        let next = segment.frames.last?.range.upperBound ?? base.size
        guard let place = segment.strayByte(next: next) else { return }
        throw .damaged(
            "byte \(place), behind its batches, is none that a crash leaves", file: segment.file, entry: next)
    }
}

/// The files of a tile log, by name.
struct TileListing {
    /// Widths in which each tile lies there.
    var widths: [TilePath: [Int]] = [:]

    /// Lists everything below `log/` and refuses what does not belong there.
    static func read(_ directory: String) throws(LogError) -> TileListing {
        var listing = TileListing()
        try listing.add(directory, below: "")
        return listing
    }

    /// The name under which all widths of a tile are kept.
    static func key(_ path: TilePath) -> TilePath { TilePath(path.kind, index: path.index) }

    private mutating func add(_ root: String, below prefix: String) throws(LogError) {
        let directory = prefix.isEmpty ? root : "\(root)/\(prefix)"
        for name in try LogError.wrapping({ () throws(BaseError) in try Files.list(directory) }) {
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            if Files.isDirectory("\(root)/\(path)") {
                try add(root, below: path)
            } else if let tile = TilePath(path) {
                widths[Self.key(tile), default: []].append(tile.width)
            } else if path != "checkpoint" {
                throw .damaged("this file does not belong into a tile log", file: "log/\(path)")
            }
        }
    }
}

/// The running state of a full verification.
private struct LogAudit: ~Copyable {
    private let stored: StoredLog
    private let store: TileStore
    private let earlier: Checkpoint?
    /// The log's keys as its entries tell.
    private(set) var history: KeyHistory
    private var listed: TileListing
    private var tree = TreeState()
    private var chain = EntryChain()
    private var engine = SHA256Engine()
    /// Entries of the current, still partial bundle.
    private var bundle = EntryRun()
    /// Entries of the write-ahead files that are also in `log/`, and where.
    private var written: [UInt64: (bytes: [UInt8], file: String)] = [:]
    /// Roots that checkpoints in the write-ahead files claim, by size.
    private var claims: [UInt64: (root: Digest, file: String)] = [:]
    /// Sizes at which there is a claim to compare, the next one last.
    private var claimed: [UInt64] = []
    /// The bundle that the entries are being read from.
    var source: TilePath?
    private var lastRun: EntryRun?
    /// The last entry that was added.
    var last: LogEntry? {
        get throws(LogError) { try lastRun.map { run throws(LogError) in try LogEntry(bytes: run[run.count - 1]) } }
    }
    /// Entries that were added.
    var size: UInt64 { tree.size }

    init(
        _ stored: StoredLog, listed: TileListing, earlier: Checkpoint?, trusted: LogKeys
    ) {
        history = KeyHistory(origin: trusted.classical.name, trusted: trusted)
        self.stored = stored
        self.listed = listed
        self.earlier = earlier
        store = TileStore(directory: stored.directory)
        for segment in stored.segments {
            claim(segment.base, file: segment.file)
            for frame in segment.frames where frame.range.upperBound <= stored.published {
                for offset in 0..<frame.entries.count {
                    written[frame.first + UInt64(offset)] = (frame.entries[offset], segment.file)
                }
                claim(frame.note, file: segment.file)
            }
        }
        claimed = claims.keys.sorted(by: >)
    }

    /// Signatures were checked when the files were replayed; here only what they say is compared.
    private mutating func claim(_ note: [UInt8], file: String) {
        guard let note = try? SignedNote(bytes: note), let head = try? Checkpoint(text: note.text) else { return }
        claims[head.size] = (head.root, file)
    }

    /// Compares what is claimed about the empty log.
    mutating func begin() throws(LogError) {
        try compareClaim()
        if let earlier, earlier.size == 0 { try compare(earlier) }
    }

    mutating func add(_ run: EntryRun, file: String) throws(LogError) {
        guard !run.isEmpty else { return }
        // A whole bundle is taken as it is; anything else is put together.
        let isWhole = bundle.isEmpty && run.count == TilePath.fullWidth
        for position in 0..<run.count {
            try check(run, position, file: file)
            if !isWhole {
                _ = bundle.append { $0 += run.bytes[run.place(position)] }
                try endBundle()
            }
        }
        if isWhole {
            bundle = run
            try endBundle()
        }
        lastRun = run
    }

    private mutating func endBundle() throws(LogError) {
        guard bundle.count == TilePath.fullWidth else { return }
        try compareBundle(tree.size / 256 - 1)
        bundle = EntryRun()
    }

    private mutating func check(_ run: EntryRun, _ position: Int, file: String) throws(LogError) {
        let index = tree.size
        do {
            try chain.advance(run, position, file: file, engine: &engine)
        } catch {
            throw error.code == .entry ? .damaged(error.message, file: file, entry: index) : error
        }
        if !written.isEmpty, let copy = written[index], copy.bytes != run[position] {
            throw .damaged("it differs from \(file)", file: copy.file, entry: index)
        }
        if index == 0 || KeyRotation.isIn(run.bytes[run.place(position)]) {
            try history.read(LogEntry(bytes: run[position]))
        }
        var completed: [CompletedTile] = []
        let leaf = MerkleTree.leafHash(run.bytes.span.extracting(run.place(position)), engine: &engine)
        tree.append(leaf: leaf, engine: &engine, completed: &completed)
        for tile in completed {
            try compare(TilePath(.hashes(level: tile.level), index: tile.index), with: tile.bytes)
        }
        try compareClaim()
        if let earlier, earlier.size == tree.size { try compare(earlier) }
    }

    mutating func finish(_ head: Checkpoint) throws(LogError) {
        try checkKeys()
        for (level, edge) in tree.edges.enumerated() where !edge.isEmpty {
            let index = tree.size >> UInt64(8 * level) / 256
            try compare(TilePath(.hashes(level: level), index: index, width: edge.count / 32), with: edge)
        }
        if !bundle.isEmpty { try compareBundle(tree.size / 256) }
        guard head.size == tree.size, head.root == tree.root else {
            throw .damaged("the root is not that of the entries", file: "log/checkpoint")
        }
        if let earlier {
            guard earlier.size <= head.size else {
                throw .damaged(
                    "the log has \(head.size) entries; the earlier checkpoint had \(earlier.size): it was rolled back",
                    file: "log/checkpoint", entry: head.size)
            }
        }
        if let tile = listed.widths.keys.min(by: { $0.description < $1.description }) {
            throw .damaged("the log of \(head.size) entries has no such tile", file: "log/\(tile)")
        }
    }

    /// Compares every file of a tile, whatever its width, with what the entries demand.
    private mutating func compare(_ tile: TilePath, with bytes: [UInt8]) throws(LogError) {
        guard case .hashes(let level) = tile.kind else { return }
        for width in try take(tile, level: level) {
            let path = TilePath(tile.kind, index: tile.index, width: width)
            let found = try store.hashes(level: level, index: tile.index, width: width)
            guard found == (bytes.count == 32 * width ? bytes : Array(bytes.prefix(32 * width))) else {
                let position = zip(found, bytes).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
                let bundle = TilePath(.entries, index: tile.index, width: tile.width)
                let child = level == 0 ? "the entry in log/\(bundle)" : "the tile below it"
                throw .damaged(
                    "hash \(position / 32) does not fit \(child)", file: "log/\(path)",
                    entry: path.firstEntry + UInt64(position / 32) << UInt64(8 * level))
            }
        }
    }

    private mutating func compareBundle(_ index: UInt64) throws(LogError) {
        let tile = TilePath(.entries, index: index, width: bundle.count)
        for width in try take(tile, level: 0) {
            let path = TilePath(.entries, index: index, width: width)
            if path == source { continue }
            let found = try store.run(index: index, width: width)
            guard let wrong = (0..<width).first(where: { found[$0] != bundle[$0] }) else { continue }
            throw .damaged("it is not what was logged", file: "log/\(path)", entry: index * 256 + UInt64(wrong))
        }
    }

    /// The widths in which a tile lies in `log/`. The one that the published checkpoint needs must be among them.
    private mutating func take(_ tile: TilePath, level: Int) throws(LogError) -> [Int] {
        var widths = listed.widths.removeValue(forKey: TileListing.key(tile)) ?? []
        let needed = TilePath.width(level: level, index: tile.index, size: stored.published)
        if let wide = widths.first(where: { $0 > tile.width }) {
            let path = TilePath(tile.kind, index: tile.index, width: wide)
            throw .damaged("it reaches beyond the log of \(stored.replay.tree.size) entries", file: "log/\(path)")
        }
        // Reading it finds out whether it is there; a partial tile may lie in the front of the full one.
        if needed > 0, !widths.contains(needed) { widths.append(needed) }
        return widths
    }

    private mutating func compareClaim() throws(LogError) {
        guard claimed.last == tree.size else { return }
        claimed.removeLast()
        guard let claim = claims[tree.size], claim.root != tree.root else { return }
        throw .damaged(
            "its checkpoint of size \(tree.size) does not fit the entries", file: claim.file, entry: tree.size)
    }

    private func compare(_ earlier: Checkpoint) throws(LogError) {
        guard earlier.origin == stored.key.name, earlier.root == tree.root else {
            throw .damaged(
                "the first \(earlier.size) entries are not those of the earlier checkpoint of \(earlier.origin)",
                file: "log/checkpoint", entry: earlier.size)
        }
    }

    /// Every checkpoint must be signed by keys that the log had at its size.
    private mutating func checkKeys() throws(LogError) {
        try history.finish(today: stored.key)
        try history.check(stored.replay.note, published: false)
        func within(_ note: [UInt8], _ file: String, published: Bool = false) throws(LogError) {
            do {
                try history.checkEarlier(note, published: published)
            } catch {
                throw .damaged(error.message, file: file)
            }
        }
        try within(stored.publishedNote, "log/checkpoint", published: true)
        // A file has one key, so its first and its last checkpoint say enough.
        for segment in stored.segments {
            try within(segment.base, segment.file)
            let last = segment.frames.last { $0.range.upperBound <= stored.replay.tree.size }
            if let last { try within(last.note, segment.file) }
        }
    }
}

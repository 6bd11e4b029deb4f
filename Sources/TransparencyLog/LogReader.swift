// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import CLinux
internal import Glibc
internal import Sealing
internal import Synchronization

/// A consistent, checked view of a log at one moment: the published tiles and the write-ahead entries after them.
///
/// Needs no lock and changes nothing, so it works beside a running writer, after a crash, and on a read-only copy.
/// Everything it hands out is checked against the signed checkpoint: a tile against its parent, an entry against its
/// leaf hash. The view does not move; open another to see later entries.
public struct LogReader: Sendable {
    /// The key the checkpoint is signed with.
    public let key: NoteVerifier
    /// The signed checkpoint of this view (C2SP tlog-checkpoint), as it is stored.
    public private(set) var checkpointNote: [UInt8]
    /// Its text.
    public let checkpoint: Checkpoint
    /// How many of the entries are already in `log/`.
    public let publishedSize: UInt64

    private let store: TileStore
    private let tree: TreeState
    /// Full tiles that are not, or not surely, in `log/`.
    private let fresh: [TilePath: [UInt8]]
    /// Entries from `tailStart` on, which are not read from `log/`, and perhaps some before them.
    private let tail: EntryTail
    private let tailStart: UInt64
    private let cache = TileCache()

    /// Entries in the view.
    public var size: UInt64 { checkpoint.size }

    init(
        directory: LogDirectory, key: NoteVerifier, note: [UInt8], checkpoint: Checkpoint, published: UInt64,
        tree: TreeState, completed: [CompletedTile], tail: EntryTail, tailStart: UInt64
    ) {
        store = TileStore(directory: directory)
        self.key = key
        checkpointNote = note
        self.checkpoint = checkpoint
        publishedSize = published
        self.tree = tree
        self.tail = tail
        self.tailStart = tailStart
        var fresh: [TilePath: [UInt8]] = [:]
        for tile in completed { fresh[TilePath(.hashes(level: tile.level), index: tile.index)] = tile.bytes }
        self.fresh = fresh
    }

    /// Opens the log of a room for reading.
    /// - Parameter key: a verifier key of the log. One of before a change of keys is followed to that of today, for which all
    ///   entries are read; that the key of today has not retired itself, only ``LogVerification`` says. Without it the one in the
    ///   write-ahead file is taken, which shows damage but not that the log is the right one.
    /// - Throws: `missing`, `damaged`, `signature`, `key`, `io`.
    public init(room: String, key: NoteVerifier? = nil) throws(LogError) {
        try self.init(room: room)
        if let key, key != self.key { _ = try keyHistory(trusted: LogKeys(key)) }
    }

    private init(room: String) throws(LogError) {
        let directory = LogDirectory(room: room)
        let state = try StoredLog.read(directory, key: nil, signatures: .last)
        // What lies after the mark is perhaps still on its way to the disk. Showing it is right only once it is there.
        if state.replay.isUnmarked { try state.syncLastSegment() }
        self.init(
            directory: directory, key: state.key, note: state.replay.note,
            checkpoint: try Checkpoint(text: SignedNote(bytes: state.replay.note).text), published: state.published,
            tree: state.replay.tree, completed: state.replay.completed, tail: state.replay.entries,
            tailStart: state.published)
    }

    /// Bytes of the hash tile, as wide as this view's size makes it, checked up to the root.
    /// - Throws: `range` when the tree has no such tile, `damaged`.
    public func tile(level: Int, index: UInt64) throws(LogError) -> [UInt8] {
        let width = TilePath.width(level: level, index: index, size: size)
        let path = TilePath(.hashes(level: level), index: index, width: width)
        guard width > 0 else { throw .range("a log of \(size) entries has no tile \(path.partialsDirectory)") }
        guard path.isFull else { return tree.edges[level] }
        if let bytes = fresh[path] ?? cache[path] { return bytes }
        let bytes = try store.hashes(level: level, index: index, width: width)
        let parent = TileHashes(try tile(level: level + 1, index: index / 256))
        guard TileHashes(bytes).root(0..<256) == parent[Int(index % 256)] else {
            throw .damaged("the hashes do not lead to the root", file: "log/\(path)", entry: path.firstEntry)
        }
        cache[path] = bytes
        return bytes
    }

    /// The stored bytes of an entry, checked against its leaf hash.
    /// - Throws: `range`, `damaged`.
    public func rawEntry(_ index: UInt64) throws(LogError) -> [UInt8] {
        guard index < size else { throw .range("entry \(index) is not in a log of \(size) entries") }
        return try rawEntries(in: index..<index + 1)[0]
    }

    /// An entry, decoded.
    public func entry(_ index: UInt64) throws(LogError) -> LogEntry {
        try LogEntry(bytes: try rawEntry(index))
    }

    /// A run of entries, decoded; reads each entry bundle once.
    /// - Throws: `range`, `damaged`.
    public func entries(in range: Range<UInt64>) throws(LogError) -> [LogEntry] {
        try rawEntries(in: range).map { bytes throws(LogError) in try LogEntry(bytes: bytes) }
    }

    /// The stored bytes of a run of entries; reads each entry bundle once.
    /// - Throws: `range`, `damaged`.
    public func rawEntries(in range: Range<UInt64>) throws(LogError) -> [[UInt8]] {
        guard range.upperBound <= size else {
            throw .range("entries \(range.lowerBound) to \(range.upperBound) of a log of \(size) entries")
        }
        var found: [[UInt8]] = []
        found.reserveCapacity(range.count)
        var next = range.lowerBound
        while next < range.upperBound {
            if next >= tailStart {
                return found + tail.entries(next..<range.upperBound)
            }
            let bundle = next / 256
            let width = Int(min(256, tailStart - bundle * 256))
            let entries = try store.run(index: bundle, width: width)
            let hashes = TileHashes(try tile(level: 0, index: bundle))
            let end = min(range.upperBound, bundle * 256 + UInt64(width))
            for index in next..<end {
                let entry = entries[Int(index % 256)]
                guard MerkleTree.leafHash(entry) == hashes[Int(index % 256)] else {
                    let path = TilePath(.entries, index: bundle, width: width)
                    throw .damaged("the entry is not the one that was logged", file: "log/\(path)", entry: index)
                }
                found.append(entry)
            }
            next = end
        }
        return found
    }

    /// Bytes of an entry bundle, as wide as this view's size makes it.
    public func entryBundle(_ index: UInt64) throws(LogError) -> [UInt8] {
        let width = UInt64(TilePath.width(level: 0, index: index, size: size))
        guard width > 0 else { throw .range("a log of \(size) entries has no bundle \(index)") }
        return EntryBundle.encode(try rawEntries(in: index * 256..<index * 256 + width))
    }

    /// Bytes of the static resource at a path of this view, entry bundle or hash tile.
    public func contents(of path: TilePath) throws(LogError) -> [UInt8] {
        let level = if case .hashes(let level) = path.kind { level } else { 0 }
        guard TilePath.width(level: level, index: path.index, size: size) == path.width else {
            throw .range("a log of \(size) entries has no \(path)")
        }
        switch path.kind {
        case .entries: return try entryBundle(path.index)
        case .hashes(let level): return try tile(level: level, index: path.index)
        }
    }

    /// What a verifier of the entries in `range` needs: their bundles and level-0 tiles, every tile of the levels
    /// above, and the partial tiles of the right edge.
    public func paths(covering range: Range<UInt64>) -> [TilePath] {
        var paths: [TilePath] = []
        func add(_ kind: TilePath.Kind, _ level: Int, _ index: UInt64) {
            let width = TilePath.width(level: level, index: index, size: size)
            let path = TilePath(kind, index: index, width: width)
            if width > 0, paths.last != path { paths.append(path) }
        }
        let last = range.isEmpty ? range.lowerBound : range.upperBound - 1
        let bundles = range.isEmpty ? 0..<0 : range.lowerBound / 256..<last / 256 + 1
        for index in bundles { add(.entries, 0, index) }
        for index in bundles { add(.hashes(level: 0), 0, index) }
        let edge = size / 256
        if !size.isMultiple(of: 256), !bundles.contains(edge) { add(.hashes(level: 0), 0, edge) }
        for level in 1..<max(1, TilePath.levels(size: size)) {
            for index in 0...(size >> UInt64(8 * level)) / 256 { add(.hashes(level: level), level, index) }
        }
        return paths
    }

    /// Proof that the entry is in the log at this view's checkpoint.
    public func inclusionProof(_ index: UInt64) throws(LogError) -> InclusionProof {
        InclusionProof(index: index, path: try tiled.inclusionPath(index), checkpoint: checkpointNote)
    }

    /// Proof that this view extends the log as it was with `oldSize` entries (RFC 6962 section 2.1.2).
    public func consistencyProof(from oldSize: UInt64) throws(LogError) -> [Digest] {
        try tiled.consistencyPath(from: oldSize)
    }

    /// Root of the log as it was with `size` entries.
    public func root(at size: UInt64) throws(LogError) -> Digest {
        guard size <= self.size else { throw .range("the log has \(self.size) entries, not \(size)") }
        return try tiled.root(at: size)
    }

    /// The log as it is now, with the same key or one that it announced since, which must still begin with all that this
    /// view has.
    /// - Throws: as ``init(room:key:)``; `damaged` when it was cut or rewritten since.
    public func later() throws(LogError) -> LogReader {
        let now = try LogReader(room: store.directory.room)
        guard now.size >= size, try now.root(at: size) == checkpoint.root else {
            throw .damaged(
                "the \(size) entries seen before are not what this log of \(now.size) begins with",
                file: "log/checkpoint", entry: min(size, now.size))
        }
        var history = KeyHistory(origin: key.name, trusted: try LogKeys(key))
        for (offset, bytes) in try now.rawEntries(in: size..<now.size).enumerated() {
            try history.read(bytes, index: size + UInt64(offset))
        }
        try history.finish()
        try history.check(now.checkpointNote, published: false)
        return now
    }

    /// The same view with the line of the log's ML-DSA-65 key under its checkpoint, as notes that leave the room have it.
    public func completed(by signer: borrowing PostQuantumNoteSigner) throws(LogError) -> LogReader {
        with(note: try signer.complete(checkpointNote))
    }

    /// The same view with other signatures under its checkpoint.
    func with(note: [UInt8]) -> LogReader {
        var copy = self
        copy.checkpointNote = note
        return copy
    }

    /// Whether a line of the form of an ML-DSA-65 key of this log stands under the checkpoint; not whether it is right.
    public func isPostQuantumSigned() throws(LogError) -> Bool {
        try !SignedNote(bytes: checkpointNote).postQuantumLines(of: key.name).isEmpty
    }

    private var tiled: TiledTree {
        TiledTree(size: size) { level, index throws(LogError) in try tile(level: level, index: index) }
    }
}

/// Tiles that were read and checked; emptied when it has grown to 8 MiB.
private final class TileCache: Sendable {
    private let tiles = Mutex<[TilePath: [UInt8]]>([:])

    subscript(path: TilePath) -> [UInt8]? {
        get { tiles.withLock { $0[path] } }
        set {
            tiles.withLock { tiles in
                if tiles.count >= 1_024 { tiles.removeAll(keepingCapacity: true) }
                tiles[path] = newValue
            }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Sealing

/// What lies on disk, read without a lock and replayed: the state from which readers and the writer start.
struct StoredLog {
    let directory: LogDirectory
    /// The key that the newest write-ahead file names.
    let key: NoteVerifier
    /// Keys of the write-ahead files, one each.
    let segmentKeys: [NoteVerifier]
    /// The last entry announces other keys, and they have signed nothing yet: whoever opens the log goes on with them.
    let pending: KeyRotation?
    /// Entries in `log/`.
    let published: UInt64
    /// `log/checkpoint`.
    let publishedNote: [UInt8]
    let segmentNumbers: [UInt64]
    let segments: [WriteAheadSegment]
    let replay: WriteAheadReplay

    /// Reads a log that may be written to at the same time: a write-ahead file can be retired between our listing and
    /// our reading, and then there is a newer state to read.
    static func read(_ directory: LogDirectory, key: NoteVerifier?, signatures: WriteAheadReplay.Signatures)
        throws(LogError) -> StoredLog
    {
        while true {
            let before = try? (directory.segments(), TileStore(directory: directory).checkpoint())
            do throws(LogError) {
                return try StoredLog(directory, key: key, signatures: signatures)
            } catch {
                guard error.code == .damaged || error.code == .missing, let before,
                    let after = try? (directory.segments(), TileStore(directory: directory).checkpoint()),
                    before != after
                else { throw error }
            }
        }
    }

    /// - Parameter key: the key that must have signed; nil takes the one that the write-ahead file names.
    init(_ directory: LogDirectory, key: NoteVerifier?, signatures: WriteAheadReplay.Signatures) throws(LogError) {
        self.directory = directory
        guard try directory.exists() else {
            throw LogError(
                .missing, "\(directory.room) has no log", remedy: "create the room first, or give the right directory")
        }
        guard Files.isDirectory(directory.writeAhead) else {
            throw .damaged("the directory of write-ahead files is missing", file: "log-wal")
        }
        // The order keeps the view consistent beside a writer. A file is retired only after log/ has passed it, so the
        // checkpoint that is read after the listing covers what the listing misses; the frames are read last, so they
        // are never behind the checkpoint.
        segmentNumbers = try directory.segments()
        let store = TileStore(directory: directory)
        let note: [UInt8]
        do {
            note = try store.checkpoint()
        } catch {
            guard error.code == .missing else { throw error }
            throw .damaged("the file is missing", file: "log/checkpoint")
        }
        var segments: [WriteAheadSegment] = []
        for number in segmentNumbers { segments.append(try Self.segment(number, in: directory)) }
        let keys = try WriteAheadKeys.read(segments)
        guard let named = keys.last else { throw .damaged("there is no write-ahead file", file: "log-wal") }
        self.key = named
        segmentKeys = keys
        self.segments = segments
        let head: Checkpoint
        do throws(LogError) {
            // It may be behind a change of keys; which of them may sign which size, a full verification says.
            let signed = try SignedNote(bytes: note)
            try signed.verified(by: WriteAheadKeys.distinct(keys))
            head = try Checkpoint(text: signed.text)
            guard head.origin == named.name else { throw LogError.note("it is of the log \(head.origin)") }
        } catch {
            throw .damaged(error.message, file: "log/checkpoint")
        }
        published = head.size
        publishedNote = note
        let tree = try TreeState(size: head.size) { level, index, width throws(LogError) in
            try store.hashes(level: level, index: index, width: width)
        }
        guard tree.root == head.root else {
            throw try Self.brokenEdge(tree, head: head, store: store)
        }
        replay = try WriteAheadReplay(segments, tree: tree, note: note, keys: keys, signatures: signatures)
        pending = try WriteAheadKeys.pending(segments, size: replay.tree.size)
        let next = pending?.new.classical ?? named
        if let key, key != next {
            throw LogError(
                .key, "the log is signed by \(next.vkey), not by \(key.vkey)",
                remedy: "give the key of this log, or the log of this key", exit: .unverified)
        }
    }

    private static func segment(_ number: UInt64, in directory: LogDirectory) throws(LogError) -> WriteAheadSegment {
        let bytes = try LogError.wrapping { () throws(BaseError) in
            try Files.read(directory.segment(number), limit: WriteAheadSegment.maximumBytes)
        }
        return try WriteAheadSegment(bytes: bytes, file: "log-wal/" + LogDirectory.segmentName(number))
    }

    /// Finds which of the partial tiles does not fit its entries or its children, so that the message can name it.
    private static func brokenEdge(_ tree: TreeState, head: Checkpoint, store: TileStore) throws(LogError) -> LogError {
        for (level, edge) in tree.edges.enumerated() where !edge.isEmpty {
            let path = TilePath(
                .hashes(level: level), index: head.size >> UInt64(8 * level) / 256, width: edge.count / 32)
            let hashes = TileHashes(edge)
            for position in 0..<hashes.count {
                let child = path.index * 256 + UInt64(position)
                let expected: Digest
                if level == 0 {
                    let bundle = try store.run(index: path.index, width: hashes.count)
                    expected = MerkleTree.leafHash(bundle[position])
                } else {
                    let tile = try store.hashes(level: level - 1, index: child, width: 256)
                    expected = TileHashes(tile).root(0..<256)
                }
                if expected != hashes[position] {
                    return .damaged(
                        "hash \(position) is not that of what it stands for", file: "log/\(path)",
                        entry: path.firstEntry + UInt64(position) << UInt64(8 * level))
                }
            }
        }
        return .damaged("its root is not that of the tiles", file: "log/checkpoint", entry: head.size)
    }

    /// Refuses to write on with another ML-DSA-65 key than the published checkpoint has a line of, or without one.
    func demandSameKeys(as keys: LogKeys) throws(LogError) {
        let note = try SignedNote(bytes: publishedNote)
        // What is published may still be by the keys before these; then it says nothing of the second one.
        guard note.signatures.contains(where: { $0.name == key.name && $0.keyID == keys.classical.keyID }) else {
            return
        }
        let lines = note.postQuantumLines(of: key.name)
        guard lines.isEmpty || lines.contains(where: { $0.keyID == keys.postQuantum?.keyID }) else {
            throw LogError(
                .key, "log/checkpoint has a line of another ML-DSA-65 key than the one given",
                remedy: "give the key of this log, or the log of this key", exit: .unverified)
        }
    }

    /// Makes durable what the newest write-ahead file holds. When it is gone, the writer has published all of it.
    func syncLastSegment() throws(LogError) {
        guard let number = segmentNumbers.last else { return }
        let path = directory.segment(number)
        do throws(LogError) {
            try LogError.wrapping { () throws(BaseError) in
                let file = try Files.open(path, O_RDONLY)
                guard fdatasync(file.raw) == 0 else { throw .system("fdatasync", path) }
            }
        } catch {
            guard error.code == .missing else { throw error }
        }
    }
}

extension LogDirectory {
    /// Whether there is anything of a log in the room.
    func exists() throws(LogError) -> Bool { Files.isDirectory(writeAhead) || Files.isDirectory(tiles) }
}

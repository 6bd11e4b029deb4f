// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// The members below `log/`: the signed checkpoint, and exactly the tiles and entry bundles that show its range.
struct LogMembers {
    let size: UInt64
    let entries: [LogEntry]

    private let bundle: Bundle
    private let range: Range<UInt64>
    private let leaves: [UInt64: [[UInt8]]]

    /// Reads the entries of the range; checks their order and their chain, not yet the tree.
    init(_ bundle: Bundle) throws(BundleError) {
        self.bundle = bundle
        guard let note = bundle["log/checkpoint"] else { throw .failed(.log, "the bundle has no log/checkpoint") }
        let asked = bundle.predicate.range
        do throws(LogError) {
            size = try Checkpoint(text: SignedNote(bytes: note).text).size
        } catch {
            throw .failed(.log, "log/checkpoint: \(error.message)", cause: error)
        }
        guard asked.start < asked.end, asked.end <= size else {
            throw .failed(.log, "the range ends at \(asked.end), the checkpoint at \(size)")
        }
        range = asked.start..<asked.end
        var leaves: [UInt64: [[UInt8]]] = [:]
        var found: [LogEntry] = []
        var previous: (seq: UInt64, digest: Digest)?
        for number in range.lowerBound / 256...(range.upperBound - 1) / 256 {
            let path = TilePath(.entries, index: number, width: TilePath.width(level: 0, index: number, size: size))
            guard let bytes = bundle["log/\(path)"], let raw = EntryBundle.decode(bytes), raw.count == path.width else {
                throw .failed(.log, "log/\(path) is missing or does not hold \(path.width) entries")
            }
            leaves[number] = raw
            for (position, content) in raw.enumerated() {
                let index = number * 256 + UInt64(position)
                let entry = try Self.entry(content, index: index, after: previous)
                previous = (index, Digest.sha256(content))
                if range.contains(index) { found.append(entry) }
            }
        }
        self.leaves = leaves
        entries = found
    }

    private static func entry(
        _ bytes: [UInt8], index: UInt64, after previous: (seq: UInt64, digest: Digest)?
    ) throws(BundleError) -> LogEntry {
        let entry: LogEntry
        do throws(LogError) {
            entry = try LogEntry(bytes: bytes)
        } catch {
            throw .failed(.log, "entry \(index): \(error.message)", cause: error)
        }
        guard entry.seq == index else { throw .failed(.log, "entry \(index) says that it is number \(entry.seq)") }
        let expected = previous?.digest ?? (index == 0 ? Digest(bytes: [UInt8](repeating: 0, count: 32)) : nil)
        guard expected == nil || entry.prev == expected else {
            throw .failed(.log, "entry \(index) does not follow the entry before it: the hash chain is broken")
        }
        return entry
    }

    /// Checks the signed checkpoint, and that every tile and entry of the bundle leads to its root.
    /// - Throws: `log`.
    func verify(keys: KeyHistory) throws(BundleError) {
        let note = bundle["log/checkpoint"] ?? []
        let head: Checkpoint
        do throws(LogError) {
            head = try keys.check(note, published: true)
        } catch {
            throw .failed(.log, "log/checkpoint: \(error.message)", cause: error)
        }
        try requireBounded()
        try requireExactly(Self.paths(covering: range, size: size))
        guard try edgeRoot() == head.root else {
            throw .failed(.log, "the tiles of the right edge do not lead to the root of the checkpoint")
        }
        for level in 0..<TilePath.levels(size: size) { try verifyFullTiles(level: level) }
        for (number, raw) in leaves {
            let hashes = try tile(level: 0, index: number)
            for (position, entry) in raw.enumerated() where MerkleTree.leafHash(entry) != hashes[position] {
                throw .failed(.log, "entry \(number * 256 + UInt64(position)) is not the one in the tree")
            }
        }
    }

    /// A room may sign any size; the work of checking it must not exceed what it took the trouble to write down.
    private func requireBounded() throws(BundleError) {
        for level in 1..<max(1, TilePath.levels(size: size))
        where (size >> UInt64(8 * level)) / 256 > UInt64(bundle.members.count) {
            throw .failed(.log, "the tiles of level \(level) of a log of \(size) entries are missing")
        }
    }

    /// No file of `log/` may be missing, and none may be there that nothing reads.
    private func requireExactly(_ paths: [TilePath]) throws(BundleError) {
        let expected = Set(paths.map { "log/\($0)" }).union(["log/checkpoint"])
        let given = Set(bundle.members.map(\.name).filter { $0.hasPrefix("log/") && !$0.hasPrefix("log/proofs/") })
        if let missing = expected.subtracting(given).min() { throw .failed(.log, "\(missing) is missing") }
        if let stray = given.subtracting(expected).min() { throw .failed(.log, "\(stray) is of no use in the log") }
    }

    /// Bundles and level-0 tiles of the range, all tiles of the levels above, and the right edge.
    static func paths(covering range: Range<UInt64>, size: UInt64) -> [TilePath] {
        var paths: Set<TilePath> = []
        func add(_ kind: TilePath.Kind, _ level: Int, _ index: UInt64) {
            let width = TilePath.width(level: level, index: index, size: size)
            if width > 0 { paths.insert(TilePath(kind, index: index, width: width)) }
        }
        for index in range.lowerBound / 256...(range.upperBound - 1) / 256 {
            add(.entries, 0, index)
            add(.hashes(level: 0), 0, index)
        }
        if !size.isMultiple(of: 256) { add(.hashes(level: 0), 0, size / 256) }
        for level in 1..<max(1, TilePath.levels(size: size)) {
            for index in 0...(size >> UInt64(8 * level)) / 256 { add(.hashes(level: level), level, index) }
        }
        return Array(paths)
    }

    private func tile(level: Int, index: UInt64) throws(BundleError) -> [Digest] {
        let width = TilePath.width(level: level, index: index, size: size)
        let path = TilePath(.hashes(level: level), index: index, width: width)
        guard width > 0, let bytes = bundle["log/\(path)"], bytes.count == 32 * width else {
            throw .failed(.log, "log/\(path) is missing or has not \(width) hashes")
        }
        return stride(from: 0, to: bytes.count, by: 32).compactMap { Digest(bytes: bytes[$0..<$0 + 32]) }
    }

    /// RFC 6962 root from the partial tiles, whose hashes are the perfect subtrees that the size decomposes into.
    private func edgeRoot() throws(BundleError) -> Digest {
        var subtrees: [Digest] = []
        for level in (0..<TilePath.levels(size: size)).reversed() {
            let count = size >> UInt64(8 * level)
            let width = Int(count % 256)
            guard width > 0 else { continue }
            let hashes = try tile(level: level, index: count / 256)
            var start = 0
            for bit in (0..<8).reversed() where width & (1 << bit) != 0 {
                subtrees.append(MerkleTree.root(of: hashes[start..<start + (1 << bit)]))
                start += 1 << bit
            }
        }
        guard let last = subtrees.last else { return MerkleTree.emptyRoot }
        return subtrees.dropLast().reversed().reduce(last) { MerkleTree.nodeHash($1, $0) }
    }

    /// A full tile's root is a hash of the tile above it.
    private func verifyFullTiles(level: Int) throws(BundleError) {
        let full = (size >> UInt64(8 * level)) / 256
        for number in 0..<full where bundle["log/\(TilePath(.hashes(level: level), index: number))"] != nil {
            let root = MerkleTree.root(of: try tile(level: level, index: number))
            guard try tile(level: level + 1, index: number / 256)[Int(number % 256)] == root else {
                throw .failed(.log, "log/\(TilePath(.hashes(level: level), index: number)) is not of this tree")
            }
        }
    }
}

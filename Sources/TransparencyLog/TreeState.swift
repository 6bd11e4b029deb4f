// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A full tile whose last hash just arrived.
struct CompletedTile: Sendable {
    let level: Int
    let index: UInt64
    /// 256 hashes, 8,192 bytes.
    let bytes: [UInt8]
}

/// The right edge of a Merkle tree: all that is needed to append leaves, to name the root and to write tiles.
///
/// Holds the perfect subtrees that the size decomposes into and, per tile level, the hashes of the partial tile. Both
/// are logarithmic in the size, so opening a log reads a handful of files whatever its length.
struct TreeState: Sendable {
    private(set) var size: UInt64 = 0
    /// Perfect subtrees from left to right, heights falling.
    private var stack: [(height: Int, hash: Digest)] = []
    /// Per level, the hashes of the rightmost tile, 0 to 255 of them, 32 bytes each.
    private(set) var edges: [[UInt8]] = []

    init() {}

    /// The edge of a tree of `size` leaves; `edge` gives the partial tile's bytes for each level that has one.
    init(size: UInt64, edge: (_ level: Int, _ index: UInt64, _ width: Int) throws(LogError) -> [UInt8]) throws(LogError)
    {
        self.size = size
        for level in 0..<TilePath.levels(size: size) {
            let elements = size >> UInt64(8 * level)
            let width = Int(elements % 256)
            edges.append(width == 0 ? [] : try edge(level, elements / 256, width))
        }
        for level in edges.indices.reversed() {
            let hashes = TileHashes(edges[level])
            var start = 0
            for bit in (0..<8).reversed() where hashes.count & (1 << bit) != 0 {
                stack.append((8 * level + bit, hashes.root(start..<start + (1 << bit))))
                start += 1 << bit
            }
        }
    }

    /// Adds one leaf; tiles that became full are appended to `completed`.
    mutating func append(leaf: Digest, engine: inout SHA256Engine, completed: inout [CompletedTile]) {
        size += 1
        record(leaf, level: 0, completed: &completed)
        var node = leaf
        var height = 0
        while let left = stack.last, left.height == height {
            stack.removeLast()
            node = MerkleTree.nodeHash(left.hash, node, engine: &engine)
            height += 1
            if height.isMultiple(of: 8) { record(node, level: height / 8, completed: &completed) }
        }
        stack.append((height, node))
    }

    private mutating func record(_ hash: Digest, level: Int, completed: inout [CompletedTile]) {
        if level == edges.count { edges.append([]) }
        if edges[level].isEmpty { edges[level].reserveCapacity(32 * TilePath.fullWidth) }
        hash.append(to: &edges[level])
        if edges[level].count == 32 * TilePath.fullWidth {
            let index = size >> UInt64(8 * (level + 1)) - 1
            completed.append(CompletedTile(level: level, index: index, bytes: edges[level]))
            edges[level] = []
        }
    }

    /// RFC 6962 root.
    var root: Digest {
        guard let last = stack.last else { return MerkleTree.emptyRoot }
        return stack.dropLast().reversed().reduce(last.hash) { MerkleTree.nodeHash($1.hash, $0) }
    }
}

/// The bytes of a hash tile, read as hashes.
struct TileHashes {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count / 32 }

    subscript(position: Int) -> Digest {
        Digest(bytes.span, at: 32 * position)
    }

    /// Root of the perfect subtree over `range`, whose length is a power of two.
    func root(_ range: Range<Int>) -> Digest {
        var engine = SHA256Engine()
        var row = range.map { self[$0] }
        while row.count > 1 {
            for pair in 0..<row.count / 2 {
                row[pair] = MerkleTree.nodeHash(row[2 * pair], row[2 * pair + 1], engine: &engine)
            }
            row.removeLast(row.count / 2)
        }
        return row[0]
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Proofs computed from tiles (RFC 6962 section 2.1.1 and 2.1.2), for a tree of `size` leaves.
struct TiledTree {
    let size: UInt64
    /// Bytes of the tile, as wide as the size demands.
    let tile: (_ level: Int, _ index: UInt64) throws(LogError) -> [UInt8]

    /// Sibling hashes that lead from leaf `index` to the root.
    func inclusionPath(_ index: UInt64) throws(LogError) -> [Digest] {
        guard index < size else { throw .range("entry \(index) is not in a log of \(size) entries") }
        var path: [Digest] = []
        var start: UInt64 = 0
        var end = size
        while end - start > 1 {
            let middle = start + MerkleTree.split(end - start)
            if index < middle {
                path.append(try hash(middle..<end))
                end = middle
            } else {
                path.append(try hash(start..<middle))
                start = middle
            }
        }
        return path.reversed()
    }

    /// Hashes that show that this tree extends its own first `old` leaves.
    func consistencyPath(from old: UInt64) throws(LogError) -> [Digest] {
        guard old <= size else { throw .range("a log of \(size) entries has no past of \(old) entries") }
        if old == 0 || old == size { return [] }
        var path: [Digest] = []
        var start: UInt64 = 0
        var end = size
        // SUBPROOF(m, D, b): b stays true while the old tree is the whole left edge of the current subtree.
        var whole = true
        while old != end {
            let middle = start + MerkleTree.split(end - start)
            if old <= middle {
                path.append(try hash(middle..<end))
                end = middle
            } else {
                path.append(try hash(start..<middle))
                start = middle
                whole = false
            }
        }
        if !whole { path.append(try hash(start..<end)) }
        return path.reversed()
    }

    /// Root of the first `size` leaves for any size up to this tree's.
    func root(at size: UInt64) throws(LogError) -> Digest {
        size == 0 ? MerkleTree.emptyRoot : try hash(0..<size)
    }

    /// Merkle tree hash of a range that is a node of some tree: aligned to the power of two at or above its length.
    private func hash(_ range: Range<UInt64>) throws(LogError) -> Digest {
        let count = range.upperBound - range.lowerBound
        guard count & (count - 1) == 0 else {
            let middle = range.lowerBound + MerkleTree.split(count)
            return MerkleTree.nodeHash(
                try hash(range.lowerBound..<middle), try hash(middle..<range.upperBound))
        }
        let height = count.trailingZeroBitCount
        let level = height / 8
        let first = range.lowerBound >> UInt64(8 * level)
        let hashes = TileHashes(try tile(level, first / 256))
        let offset = Int(first % 256)
        let width = 1 << (height % 8)
        guard offset + width <= hashes.count else {
            throw .range("tile \(TilePath(.hashes(level: level), index: first / 256)) is too short for the proof")
        }
        return hashes.root(offset..<offset + width)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TransparencyLog

@Suite("Merkle trees against the definition")
struct MerkleTests {
    /// PATH(m, D[n]) of RFC 6962 section 2.1.1, as written there.
    private func naivePath(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let split = MerkleTree.split(leaves.count)
        let left = leaves.prefix(split)
        let right = leaves.dropFirst(split)
        return index < split
            ? naivePath(index, left) + [MerkleTree.root(of: right)]
            : naivePath(index - split, right) + [MerkleTree.root(of: left)]
    }

    /// SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2, as written there.
    private func naiveConsistency(_ old: Int, _ leaves: ArraySlice<Digest>, whole: Bool) -> [Digest] {
        if old == leaves.count { return whole ? [] : [MerkleTree.root(of: leaves)] }
        let split = MerkleTree.split(leaves.count)
        let left = leaves.prefix(split)
        let right = leaves.dropFirst(split)
        return old <= split
            ? naiveConsistency(old, left, whole: whole) + [MerkleTree.root(of: right)]
            : naiveConsistency(old - split, right, whole: false) + [MerkleTree.root(of: left)]
    }

    @Test("Every inclusion and consistency proof of every tree up to 70 leaves")
    func exhaustive() throws {
        for size in 1...70 {
            let memory = MemoryTree(size)
            let root = MerkleTree.root(of: memory.leaves)
            for index in 0..<size {
                let path = try memory.tiled.inclusionPath(UInt64(index))
                #expect(path == naivePath(index, memory.leaves[...]))
                #expect(
                    MerkleTree.verifyInclusion(
                        leaf: memory.leaves[index], index: UInt64(index), size: UInt64(size), root: root, proof: path))
                let other = UInt64((index + 1) % size)
                #expect(
                    size == 1
                        || !MerkleTree.verifyInclusion(
                            leaf: memory.leaves[index], index: other, size: UInt64(size), root: root, proof: path)
                )
            }
            for old in 1...size {
                let oldRoot = MerkleTree.root(of: memory.leaves.prefix(old))
                let proof = try memory.tiled.consistencyPath(from: UInt64(old))
                #expect(proof == naiveConsistency(old, memory.leaves[...], whole: true))
                #expect(try memory.tiled.root(at: UInt64(old)) == oldRoot)
                #expect(
                    MerkleTree.verifyConsistency(
                        oldSize: UInt64(old), oldRoot: oldRoot, newSize: UInt64(size), newRoot: root, proof: proof))
                #expect(
                    !MerkleTree.verifyConsistency(
                        oldSize: UInt64(old), oldRoot: MerkleTree.emptyRoot, newSize: UInt64(size), newRoot: root,
                        proof: proof))
            }
        }
    }

    @Test(
        "Proofs across the borders of tiles", arguments: [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000])
    func tileBorders(size: Int) throws {
        let memory = MemoryTree(size)
        #expect(memory.tree.root == MerkleTree.root(of: memory.leaves))
        for index in [0, 1, 254, 255, 256, 257, size / 2, size - 2, size - 1] where index < size {
            let path = try memory.tiled.inclusionPath(UInt64(index))
            #expect(path == naivePath(index, memory.leaves[...]))
        }
        for old in [1, 255, 256, 257, 300, size - 1, size] where old <= size {
            #expect(
                try memory.tiled.consistencyPath(from: UInt64(old))
                    == naiveConsistency(old, memory.leaves[...], whole: true))
        }
        for path in memory.completed { #expect(path.bytes.count == 8_192) }
        for (level, edge) in memory.tree.edges.enumerated() {
            #expect(edge.count / 32 == size >> (8 * level) % 256, "level \(level)")
        }
        let reopened = try TreeState(size: memory.tree.size) { level, _, _ throws(LogError) in memory.tree.edges[level]
        }
        #expect(reopened.root == memory.tree.root)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The Merkle tree of RFC 6962 section 2.1: SHA-256, leaves prefixed 0x00, nodes prefixed 0x01.
public enum MerkleTree {
    /// Root of the tree without leaves: SHA-256 of nothing.
    public static let emptyRoot = Digest.sha256([])

    /// Hash of a leaf, `SHA-256(0x00 || entry)`.
    public static func leafHash(_ entry: [UInt8]) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(byte: 0x00)
        hasher.update(entry)
        return hasher.finish()
    }

    /// Hash of an inner node, `SHA-256(0x01 || left || right)`.
    public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        var engine = SHA256Engine()
        return nodeHash(left, right, engine: &engine)
    }

    static func leafHash(_ entry: Span<UInt8>, engine: inout SHA256Engine) -> Digest {
        engine.hash(entry, behind: 0x00)
    }

    static func nodeHash(_ left: Digest, _ right: Digest, engine: inout SHA256Engine) -> Digest {
        engine.hash(0x01, left, right)
    }

    /// Root over leaf hashes, straight from the definition; O(n).
    public static func root(of leaves: some RandomAccessCollection<Digest>) -> Digest {
        guard let first = leaves.first else { return emptyRoot }
        guard leaves.count > 1 else { return first }
        let left = leaves.prefix(split(leaves.count))
        return nodeHash(root(of: left), root(of: leaves.dropFirst(left.count)))
    }

    /// Largest power of two below `count`; `count` must be at least 2.
    static func split<Integer: FixedWidthInteger>(_ count: Integer) -> Integer {
        1 << (Integer.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// Root that an inclusion proof leads to, or nil when the proof has not the length that index and size demand
    /// (RFC 9162 section 2.1.3.2; hashes are those of RFC 6962).
    public static func rootFrom(leaf: Digest, index: UInt64, size: UInt64, proof: [Digest]) -> Digest? {
        guard index < size else { return nil }
        var node = index
        var last = size - 1
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                hash = nodeHash(sibling, hash)
                // A right edge without a left sibling on this level was promoted: skip to where it has one.
                while node & 1 == 0 && node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = nodeHash(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    /// Whether `proof` shows that `leaf` is entry `index` of the tree with `size` entries and root `root`.
    public static func verifyInclusion(leaf: Digest, index: UInt64, size: UInt64, root: Digest, proof: [Digest]) -> Bool
    {
        rootFrom(leaf: leaf, index: index, size: size, proof: proof) == root
    }

    /// Whether `proof` shows that the tree (`newSize`, `newRoot`) extends the tree (`oldSize`, `oldRoot`)
    /// (RFC 9162 section 2.1.4.2).
    public static func verifyConsistency(
        oldSize: UInt64, oldRoot: Digest, newSize: UInt64, newRoot: Digest, proof: [Digest]
    ) -> Bool {
        guard oldSize <= newSize else { return false }
        if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return proof.isEmpty && oldRoot == emptyRoot }
        var path = proof[...]
        var node = oldSize - 1
        var last = newSize - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        let seed: Digest
        if oldSize & (oldSize - 1) == 0 {
            seed = oldRoot
        } else {
            guard let first = path.popFirst() else { return false }
            seed = first
        }
        var old = seed
        var new = seed
        for sibling in path {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                old = nodeHash(sibling, old)
                new = nodeHash(sibling, new)
                while node & 1 == 0 && node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = nodeHash(new, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}

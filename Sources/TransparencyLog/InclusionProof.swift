// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// An offline proof that an entry is in a log: C2SP tlog-proof@v1, file extension `.tlog-proof`.
public struct InclusionProof: Equatable, Sendable {
    /// First line of the format.
    public static let header = "c2sp.org/tlog-proof@v1"

    /// Unauthenticated data of the application, if any.
    public let extra: [UInt8]?
    /// Position of the entry.
    public let index: UInt64
    /// Sibling hashes from the leaf's to the root's child.
    public let path: [Digest]
    /// The signed checkpoint, verbatim.
    public let checkpoint: [UInt8]

    /// A proof.
    public init(index: UInt64, path: [Digest], checkpoint: [UInt8], extra: [UInt8]? = nil) {
        self.extra = extra
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Reads the text of a proof.
    public init(bytes: [UInt8]) throws(LogError) {
        guard let blank = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }),
            let head = String(validating: bytes[..<blank], as: UTF8.self)
        else { throw .proof("the proof has no blank line before its checkpoint") }
        var lines = head.split(separator: "\n", omittingEmptySubsequences: false).dropLast()[...]
        guard lines.popFirst().map(String.init) == Self.header else {
            throw .proof("the first line is not \(Self.header)")
        }
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let data = Base64.decode(String(line.dropFirst(6))) else { throw .proof("extra is not base64") }
            extra = data
            lines = lines.dropFirst()
        } else {
            extra = nil
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "), let number = UInt64(line.dropFirst(6)),
            "index \(number)" == line
        else { throw .proof("the index line is malformed") }
        index = number
        var hashes: [Digest] = []
        for line in lines {
            guard hashes.count < 64, let hash = Base64.decode(String(line)), hash.count == 32,
                let digest = Digest(hex: Hex.encode(hash))
            else { throw .proof("line “\(line)” is not a hash") }
            hashes.append(digest)
        }
        path = hashes
        checkpoint = Array(bytes[(blank + 1)...])
        guard !checkpoint.isEmpty else { throw .proof("the proof ends before its checkpoint") }
    }

    /// The text of the proof.
    public var bytes: [UInt8] {
        var text = Self.header + "\n"
        if let extra { text += "extra \(Base64.encode(extra))\n" }
        text += "index \(index)\n"
        for hash in path { text += Base64.encode(hash.bytes) + "\n" }
        return Array(text.utf8) + [0x0a] + checkpoint
    }

    /// Checks that `entry` is at `index` of the log that `key` signs for.
    /// - Returns: the checkpoint the proof leads to.
    public func verify(entry: [UInt8], key: NoteVerifier) throws(LogError) -> Checkpoint {
        let head = try Checkpoint(note: checkpoint, signedBy: key)
        let leaf = MerkleTree.leafHash(entry)
        guard MerkleTree.verifyInclusion(leaf: leaf, index: index, size: head.size, root: head.root, proof: path) else {
            throw .proof("the hashes do not lead from entry \(index) to the root of the checkpoint")
        }
        return head
    }
}

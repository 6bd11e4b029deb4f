// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a log sends to a witness: the body of `POST add-checkpoint` (C2SP tlog-witness@v1.0.0).
public struct WitnessRequest: Equatable, Sendable {
    /// Most hashes of a consistency proof.
    public static let maximumProof = 63
    /// Largest body that is read, in bytes: a full proof and a note with a dozen long signatures.
    public static let maximumBytes = 65_536

    /// Size of the tree that the witness saw last.
    public let oldSize: UInt64
    /// RFC 6962 consistency proof from there to the checkpoint.
    public let proof: [Digest]
    /// The checkpoint, with all its signatures.
    public let note: SignedNote

    /// A request.
    public init(oldSize: UInt64, proof: [Digest], note: SignedNote) {
        self.oldSize = oldSize
        self.proof = proof
        self.note = note
    }

    /// Reads a body.
    /// - Throws: `proof` or `note` when it is malformed.
    public init(bytes: [UInt8]) throws(LogError) {
        guard bytes.count <= Self.maximumBytes else {
            throw Self.malformed("it has more than \(Self.maximumBytes) bytes")
        }
        guard let blank = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }),
            let head = String(validating: bytes[..<blank], as: UTF8.self)
        else { throw Self.malformed("no empty line stands before the checkpoint") }
        // Over the scalars' bytes: a carriage return and a newline would be one character.
        var lines = head.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { String($0) ?? "" }[...]
        _ = lines.popLast()
        guard let first = lines.popFirst(), first.hasPrefix("old "), let size = UInt64(first.dropFirst(4)),
            "old \(size)" == first
        else { throw Self.malformed("the first line is not “old” and a tree size") }
        guard lines.count <= Self.maximumProof else {
            throw Self.malformed("a proof of \(lines.count) lines; the most is \(Self.maximumProof)")
        }
        var hashes: [Digest] = []
        for line in lines {
            guard let hash = Base64.decode(line), let digest = Digest(bytes: hash) else {
                throw Self.malformed("a line of the proof is not base64 of a hash")
            }
            hashes.append(digest)
        }
        self.init(oldSize: size, proof: hashes, note: try SignedNote(bytes: Array(bytes[(blank + 1)...])))
    }

    /// The body.
    public var bytes: [UInt8] {
        var text = "old \(oldSize)\n"
        for hash in proof { text += Base64.encode(hash.bytes) + "\n" }
        return Array(text.utf8) + [0x0a] + note.bytes
    }

    private static func malformed(_ why: String) -> LogError {
        LogError(.proof, "not an add-checkpoint request: \(why)", remedy: "send what C2SP tlog-witness says")
    }
}

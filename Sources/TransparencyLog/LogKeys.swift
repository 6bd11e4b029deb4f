// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Sealing

/// The public keys that a log signs with at one time: Ed25519, and ML-DSA-65 where it has such a key.
public struct LogKeys: Hashable, Sendable {
    /// Signs every checkpoint, published or not.
    public let classical: NoteVerifier
    /// Signs every checkpoint that leaves the room. Nil for a log without such a key, and for a reader who does not know it.
    public let postQuantum: PostQuantumNoteVerifier?

    /// The keys of one log.
    /// - Throws: `key` when the two are of different logs.
    public init(_ classical: NoteVerifier, _ postQuantum: PostQuantumNoteVerifier? = nil) throws(LogError) {
        guard postQuantum == nil || postQuantum?.name == classical.name else {
            throw LogError(
                .key, "the ML-DSA-65 key is of \(postQuantum?.name ?? ""), the Ed25519 key of \(classical.name)",
                remedy: "give two keys of the same log", exit: .unverified)
        }
        self.classical = classical
        self.postQuantum = postQuantum
    }

    /// The keys in their text forms, `ed25519:…` and `mldsa65:…`, as entries carry them.
    /// - Throws: `key`, `note`.
    public init(name: String, classical: String, postQuantum: String?) throws(LogError) {
        let first: PublicKey
        let second: MLDSA65PublicKey?
        do throws(SealingError) {
            first = try PublicKey(classical)
            second = if let postQuantum { try MLDSA65PublicKey(postQuantum) } else { nil }
        } catch {
            throw LogError(.key, error.message, remedy: error.remedy, exit: .unverified)
        }
        let key = try NoteVerifier(name: name, publicKey: first)
        if let second {
            try self.init(key, PostQuantumNoteVerifier(name: name, publicKey: second))
        } else {
            try self.init(key)
        }
    }
}

extension Checkpoint {
    /// Reads a checkpoint as it leaves a room, and demands the lines of all keys that are known.
    /// - Throws: `note`, `signature`, `checkpoint`.
    public init(note: [UInt8], signedBy keys: LogKeys) throws(LogError) {
        try self.init(note: note, signedBy: keys.classical)
        if let key = keys.postQuantum { try key.demand(in: SignedNote(bytes: note)) }
    }
}

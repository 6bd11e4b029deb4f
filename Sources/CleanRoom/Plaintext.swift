// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

/// What a model may read of one input: a sealed memory file that several threads hand to several jails.
final class Plaintext: Sendable {
    let memory: SealedMemory

    init(_ memory: consuming SealedMemory) { self.memory = memory }

    /// A sealed copy; the array is zeroed, because it is plaintext too.
    init(sealing bytes: inout [UInt8]) throws(SealingError) {
        defer { bytes.wipe() }
        memory = try SealedMemory(copying: SecretBytes(copying: bytes))
    }

    /// The document that a microtask with `input: answers` gets: what the parser made, and the answers to what it needs.
    ///
    /// - Parameter parsed: a JSON object in canonical form; nil for a graph without a parser.
    static func document(parsed: Plaintext?, answers: [String: JSONValue]) throws(SealingError) -> Plaintext {
        var bytes = Array("{\"answers\":".utf8) + JSONValue.object(answers).canonical
        if let parsed {
            let secret = try parsed.memory.contents()
            // SAFETY: the bytes are copied while they are lent.
            var object = unsafe secret.withBytes { unsafe Array($0) }
            defer { object.wipe() }
            // `answers` sorts before the members of a parsed message, so the text stays canonical.
            bytes += [0x2c]
            bytes += object.dropFirst()
        } else {
            bytes += [0x7d]
        }
        return try Plaintext(sealing: &bytes)
    }
}

extension [UInt8] {
    /// Overwrites the bytes. A best effort: copies that somebody else made are somebody else's.
    mutating func wipe() {
        for index in indices { self[index] = 0 }
    }
}

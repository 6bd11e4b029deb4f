// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A witness's valid signature under a checkpoint.
public struct Cosignature: Equatable, Sendable {
    /// Who signed.
    public let witness: CosignatureVerifier
    /// When, in seconds since 1970, as the witness says.
    public let timestamp: UInt64
    let line: SignedNote.Signature
}

extension SignedNote {
    /// A note with one signature.
    public init(text: [UInt8], signature: Signature) { self.init(text: text, signatures: [signature]) }

    /// The valid cosignatures of known witnesses, one of each, in the order of `known`; lines of others are ignored.
    ///
    /// - Throws: `signature` when a line under a known witness's name and key id is not its signature: the note was altered.
    public func cosignatures(by known: [CosignatureVerifier]) throws(LogError) -> [Cosignature] {
        var found: [Cosignature] = []
        for witness in known where !found.contains(where: { $0.witness.publicKey == witness.publicKey }) {
            for line in signatures where line.name == witness.name && line.keyID == witness.keyID {
                guard let timestamp = witness.timestamp(of: line.bytes, over: text) else {
                    throw LogError(
                        .signature, "the cosignature of \(witness.name) does not fit the checkpoint",
                        remedy: "the note was altered or signed by another key; do not use it", exit: .unverified)
                }
                guard found.last?.witness != witness else { continue }
                found.append(Cosignature(witness: witness, timestamp: timestamp, line: line))
            }
        }
        return found
    }

    /// The note with the lines of these cosignatures added behind its own.
    public func adding(_ cosignatures: [Cosignature]) -> SignedNote {
        let new = cosignatures.map(\.line).filter { !signatures.contains($0) }
        return SignedNote(text: text, signatures: signatures + new)
    }

    /// The note with a witness's answer behind its own lines, as C2SP tlog-witness advises to read it.
    /// - Parameter lines: signature lines, each with its newline.
    public func adding(lines: [UInt8]) throws(LogError) -> SignedNote { try SignedNote(bytes: bytes + lines) }
}

extension SignedNote.Signature {
    /// The line as it stands in a note, with its newline.
    public var line: [UInt8] {
        Array(SignedNote(text: [], signatures: [self]).bytes.dropFirst())
    }
}

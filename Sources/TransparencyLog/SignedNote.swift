// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A signed note (C2SP signed-note@v1.0.0): a text, a blank line, and one line per signature.
public struct SignedNote: Equatable, Sendable {
    /// One signature line.
    public struct Signature: Equatable, Sendable {
        /// Name of the key, without spaces or plus.
        public let name: String
        /// First four bytes of the key's hash, big-endian.
        public let keyID: UInt32
        /// The signature proper.
        public let bytes: [UInt8]
    }

    /// Largest note that is read, in bytes.
    public static let maximumBytes = 1_000_000
    /// Most signature lines that are read.
    public static let maximumSignatures = 100

    /// The text, with its final newline and without the blank line.
    public let text: [UInt8]
    /// The signatures, in the order of their lines.
    public let signatures: [Signature]

    init(text: [UInt8], signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note without judging its signatures.
    public init(bytes: [UInt8]) throws(LogError) {
        guard bytes.count <= Self.maximumBytes else { throw .note("the note has more than \(Self.maximumBytes) bytes") }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .note("the note is not UTF-8") }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }) else { throw .note("the note has a control character") }
        guard bytes.last == 0x0a else { throw .note("the note does not end with a newline") }
        // The last blank line separates the signatures; the text may have blank lines of its own.
        guard let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }),
            blank < bytes.count - 1
        else { throw .note("the note has no signature") }
        text = Array(bytes[..<blank])
        var found: [Signature] = []
        for line in bytes[(blank + 1)...].dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
            guard found.count < Self.maximumSignatures else { throw .note("the note has too many signatures") }
            found.append(try Self.signature(line: line))
        }
        signatures = found
    }

    private static func signature(line: ArraySlice<UInt8>) throws(LogError) -> Signature {
        let dash: [UInt8] = [0xe2, 0x80, 0x94, 0x20]
        guard line.starts(with: dash) else { throw .note("a signature line does not start with an em dash") }
        let words = line.dropFirst(dash.count).split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 2 else { throw .note("a signature line is not “— name base64”") }
        let name = String(decoding: words[0], as: UTF8.self)
        guard NoteVerifier.isName(name) else { throw .note("a signature line has a malformed key name") }
        guard let blob = Base64.decode(String(decoding: words[1], as: UTF8.self)), blob.count > 4 else {
            throw .note("the signature of \(name) is not base64 of a key id and a signature")
        }
        let keyID = blob.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Signature(name: name, keyID: keyID, bytes: Array(blob.dropFirst(4)))
    }

    /// The note as it is stored and sent.
    public var bytes: [UInt8] {
        var bytes = text
        bytes.append(0x0a)
        for signature in signatures {
            var blob: [UInt8] = []
            blob.appendBigEndian(signature.keyID)
            blob += signature.bytes
            bytes += "\u{2014} \(signature.name) \(Base64.encode(blob))\n".utf8
        }
        return bytes
    }

    /// Checks the signatures of known keys; lines of unknown keys are ignored, as the specification demands.
    /// - Returns: the known keys that signed, never empty.
    /// - Throws: `signature` when a known key's signature is wrong or no known key signed.
    @discardableResult
    public func verified(by known: [NoteVerifier]) throws(LogError) -> [NoteVerifier] {
        var signers: [NoteVerifier] = []
        for signature in signatures {
            let matches = known.filter { $0.name == signature.name && $0.keyID == signature.keyID }
            guard matches.count <= 1 else { throw .note("two known keys are both called \(signature.name)") }
            guard let key = matches.first, !signers.contains(key) else { continue }
            guard key.verify(signature.bytes, of: text) else {
                throw LogError(
                    .signature, "the signature of \(key.name) does not fit the note",
                    remedy: "the note was altered or signed by another key; do not use it", exit: .unverified)
            }
            signers.append(key)
        }
        guard !signers.isEmpty else {
            throw LogError(
                .signature, "no trusted key signed the note",
                remedy: "check that the verifier key is the one of this log", exit: .unverified)
        }
        return signers
    }
}

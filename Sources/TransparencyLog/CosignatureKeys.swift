// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// The public half of a witness's key: Ed25519 under a name, for timestamped cosignatures (C2SP tlog-cosignature@v1.0.1,
/// signature type 0x04).
public struct CosignatureVerifier: Hashable, Sendable, CustomStringConvertible {
    /// Name of the witness.
    public let name: String
    /// First four bytes of `SHA-256(name || 0x0A || 0x04 || key)`, big-endian.
    public let keyID: UInt32
    /// The Ed25519 key.
    public let publicKey: PublicKey
    private let raw: [UInt8]

    private static let type: [UInt8] = [0x04]

    /// A verifier for a key under a name.
    /// - Throws: `key` when it is not Ed25519, `note` when the name has spaces or a plus.
    public init(name: String, publicKey: PublicKey) throws(LogError) {
        guard NoteVerifier.isName(name) else {
            throw .note("“\(name)” cannot be a witness's name: it is empty or has spaces or +")
        }
        guard let raw = publicKey.rawEd25519 else {
            throw LogError(
                .key, "a witness's key must be Ed25519", remedy: "make one with `atomic keygen --type ed25519`")
        }
        self.name = name
        self.publicKey = publicKey
        self.raw = raw
        keyID = VerifierKeyText(name: name, type: Self.type, key: raw).keyID
    }

    /// Reads a verifier key `name+hexid+base64(0x04 || key)`.
    public init(vkey: String) throws(LogError) {
        let text = try VerifierKeyText(vkey, type: Self.type, "an Ed25519 cosignature key of type 4")
        let key: PublicKey
        do {
            key = try PublicKey(ed25519: text.key)
        } catch {
            throw .note("the verifier key of \(text.name) does not hold an Ed25519 key: \(error.message)")
        }
        try self.init(name: text.name, publicKey: key)
    }

    /// The verifier key as other tools take it.
    public var vkey: String { VerifierKeyText(name: name, type: Self.type, key: raw).text }

    /// The verifier key.
    public var description: String { vkey }

    /// Checks a signature line's `timestamped_signature` over the text of a checkpoint.
    /// - Returns: when the witness signed, in seconds since 1970; nil when it did not.
    public func timestamp(of signature: [UInt8], over text: [UInt8]) -> UInt64? {
        guard signature.count == 72 else { return nil }
        let timestamp = signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard timestamp <= UInt64(Int64.max) else { return nil }
        let message = Self.message(text, at: timestamp)
        return publicKey.verify(Array(signature.dropFirst(8)), of: message) ? timestamp : nil
    }

    /// What is signed: a header, the time, and the whole text of the checkpoint.
    static func message(_ text: [UInt8], at timestamp: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(timestamp)\n".utf8) + text
    }

    static func bigEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return bytes
    }
}

/// The secret half of a witness's key.
public struct CosignatureSigner: ~Copyable, Sendable {
    /// The public half.
    public let verifier: CosignatureVerifier
    private let key: SigningKey

    /// A signer under a witness's name.
    /// - Throws: `key` when the key is not Ed25519.
    public init(name: String, key: consuming SigningKey) throws(LogError) {
        verifier = try CosignatureVerifier(name: name, publicKey: key.publicKey)
        self.key = key
    }

    /// The cosignature of a checkpoint's text.
    /// - Parameter timestamp: now, in seconds since 1970.
    public borrowing func cosign(_ text: [UInt8], at timestamp: UInt64) throws(LogError) -> SignedNote.Signature {
        guard timestamp <= UInt64(Int64.max) else {
            throw LogError(.key, "\(timestamp) is no time to sign at", remedy: "set the clock")
        }
        do {
            let signature = try key.sign(CosignatureVerifier.message(text, at: timestamp))
            return SignedNote.Signature(
                name: verifier.name, keyID: verifier.keyID,
                bytes: CosignatureVerifier.bigEndian(timestamp) + signature)
        } catch {
            throw LogError(
                .key, "the witness's key could not sign: \(error.message)", remedy: error.remedy, cause: error)
        }
    }
}

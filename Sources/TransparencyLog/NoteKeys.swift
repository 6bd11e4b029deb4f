// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// The public half of a note key: an Ed25519 key under a name (C2SP signed-note, signature type 0x01).
public struct NoteVerifier: Hashable, Sendable, CustomStringConvertible {
    /// Name of the key; for a log its origin.
    public let name: String
    /// First four bytes of `SHA-256(name || 0x0A || 0x01 || key)`, big-endian.
    public let keyID: UInt32
    /// The Ed25519 key.
    public let publicKey: PublicKey
    private let raw: [UInt8]

    private static let type: [UInt8] = [0x01]

    /// A verifier for a key under a name.
    /// - Throws: `key` when it is not Ed25519, `note` when the name has spaces or a plus.
    public init(name: String, publicKey: PublicKey) throws(LogError) {
        guard Self.isName(name) else { throw .note("“\(name)” cannot be a key name: it is empty or has spaces or +") }
        guard let raw = publicKey.rawEd25519 else {
            throw LogError(.key, "a note key must be Ed25519", remedy: "make one with `atomic keygen --type ed25519`")
        }
        self.name = name
        self.publicKey = publicKey
        self.raw = raw
        keyID = VerifierKeyText(name: name, type: Self.type, key: raw).keyID
    }

    /// Reads a verifier key `name+hexid+base64(0x01 || key)`.
    public init(vkey: String) throws(LogError) {
        let text = try VerifierKeyText(vkey, type: Self.type, "an Ed25519 key of type 1")
        let key: PublicKey
        do {
            key = try PublicKey(ed25519: text.key)
        } catch {
            throw .note("the verifier key does not hold an Ed25519 key: \(error.message)")
        }
        try self.init(name: text.name, publicKey: key)
    }

    /// The verifier key as other tools take it.
    public var vkey: String { VerifierKeyText(name: name, type: Self.type, key: raw).text }

    /// The verifier key.
    public var description: String { vkey }

    /// Whether `signature` is this key's Ed25519 signature (RFC 8032) over `text`.
    public func verify(_ signature: [UInt8], of text: [UInt8]) -> Bool { publicKey.verify(signature, of: text) }

    /// Whether `name` may name a key: not empty, no Unicode space, no plus.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 && $0 != "+" }
    }
}

/// The secret half of a note key, with that of the ML-DSA-65 key beside it where the log has one.
public struct NoteSigner: ~Copyable, Sendable {
    /// The public half.
    public let verifier: NoteVerifier
    /// Both public halves.
    public let keys: LogKeys
    private let key: SigningKey
    private let postQuantum: PostQuantumNoteSigner?

    /// A signer under `name`, which for a log is its origin.
    /// - Throws: `key` when the key is not Ed25519.
    public init(name: String, key: consuming SigningKey) throws(LogError) {
        let verifier = try NoteVerifier(name: name, publicKey: key.publicKey)
        keys = try LogKeys(verifier)
        self.verifier = verifier
        self.key = key
        postQuantum = nil
    }

    /// A signer with an ML-DSA-65 key beside the Ed25519 one.
    /// - Throws: `key` when `key` is not Ed25519.
    public init(name: String, key: consuming SigningKey, postQuantum: consuming MLDSA65SigningKey) throws(LogError) {
        let verifier = try NoteVerifier(name: name, publicKey: key.publicKey)
        let second = try PostQuantumNoteSigner(name: name, key: postQuantum)
        keys = try LogKeys(verifier, second.verifier)
        self.verifier = verifier
        self.key = key
        self.postQuantum = consume second
    }

    /// A note of this signer as it leaves the room: with the ML-DSA-65 line too, where there is such a key.
    public borrowing func complete(_ note: [UInt8]) throws(LogError) -> [UInt8] {
        guard postQuantum != nil else { return note }
        return try postQuantum?.complete(note) ?? note
    }

    /// The text, signed.
    public borrowing func sign(_ text: [UInt8]) throws(LogError) -> SignedNote {
        do {
            let signature = try key.sign(text)
            return SignedNote(
                text: text, signatures: [.init(name: verifier.name, keyID: verifier.keyID, bytes: signature)])
        } catch {
            throw LogError(
                .key, "the log key could not sign: \(error.message)", remedy: error.remedy, cause: error)
        }
    }
}

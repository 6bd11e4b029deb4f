// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// The public half of an ML-DSA-65 note key under a name: what a log signs with beside its Ed25519 key.
///
/// C2SP signed-note has no byte for ML-DSA-65 signatures of a log, so this is type 0xff with an identifier of our own behind it.
/// Who does not know the key ignores the line, as the specification demands of unknown keys. See `docs/audit-format.md`.
public struct PostQuantumNoteVerifier: Hashable, Sendable, CustomStringConvertible {
    /// Stands behind 0xff where signed-note has the type, and is the context string of every signature (FIPS 204 section 5.2).
    public static let identifier = "urn:atomic:note:mldsa65:v1"

    /// Name of the key; for a log its origin.
    public let name: String
    /// First four bytes of `SHA-256(name || 0x0A || 0xFF || identifier || key)`, big-endian.
    public let keyID: UInt32
    /// The key.
    public let publicKey: MLDSA65PublicKey

    private static let type: [UInt8] = [0xff] + Array(identifier.utf8)

    /// A verifier for a key under a name.
    /// - Throws: `note` when the name has spaces or a plus.
    public init(name: String, publicKey: MLDSA65PublicKey) throws(LogError) {
        guard NoteVerifier.isName(name) else {
            throw .note("“\(name)” cannot be a key name: it is empty or has spaces or +")
        }
        self.name = name
        self.publicKey = publicKey
        keyID = VerifierKeyText(name: name, type: Self.type, key: publicKey.raw).keyID
    }

    /// Reads a verifier key `name+hexid+base64(0xFF || identifier || key)`.
    /// - Throws: `note`.
    public init(vkey: String) throws(LogError) {
        let text = try VerifierKeyText(vkey, type: Self.type, "an ML-DSA-65 key of the type \(Self.identifier)")
        let key: MLDSA65PublicKey
        do {
            key = try MLDSA65PublicKey(raw: text.key)
        } catch {
            throw .note("the verifier key does not hold an ML-DSA-65 key: \(error.message)")
        }
        try self.init(name: text.name, publicKey: key)
        guard self.vkey == vkey else { throw .note("the verifier key of \(name) is not in its one form") }
    }

    /// The verifier key, in the form that signed-note uses for those of assigned types.
    public var vkey: String { VerifierKeyText(name: name, type: Self.type, key: publicKey.raw).text }

    /// The verifier key.
    public var description: String { vkey }

    /// Demands this key's line under a note. Every line of the key must hold, and there must be one.
    /// - Throws: `signature` (exit 4).
    public func demand(in note: SignedNote) throws(LogError) {
        let lines = note.signatures.filter { $0.name == name && $0.keyID == keyID }
        guard !lines.isEmpty else {
            throw LogError(
                .signature, "the ML-DSA-65 signature of \(name) is missing under the note",
                remedy: "ask for the note as the room publishes it; do not rely on the Ed25519 line alone",
                exit: .unverified)
        }
        for line in lines where !publicKey.verify(line.bytes, of: note.text, context: Self.identifier) {
            throw LogError(
                .signature, "the ML-DSA-65 signature of \(name) does not fit the note",
                remedy: "the note was altered or signed by another key; do not use it", exit: .unverified)
        }
    }
}

extension SignedNote {
    /// The lines that have the form of an ML-DSA-65 key's of this name, whatever the key; not whether they are right.
    public func postQuantumLines(of name: String) -> [Signature] {
        signatures.filter { $0.name == name && $0.bytes.count == MLDSA65PublicKey.signatureBytes }
    }

    /// The note with the lines of one Ed25519 key alone, as write-ahead files hold it: a full verification checks every byte of
    /// them, and only published notes have lines that it cannot check without knowing more keys.
    func bytes(of key: NoteVerifier) -> [UInt8] {
        SignedNote(text: text, signatures: signatures.filter { $0.name == key.name && $0.keyID == key.keyID }).bytes
    }
}

/// The secret half of an ML-DSA-65 note key.
public struct PostQuantumNoteSigner: ~Copyable, Sendable {
    /// The public half.
    public let verifier: PostQuantumNoteVerifier
    private let key: MLDSA65SigningKey

    /// A signer under `name`, which for a log is its origin.
    public init(name: String, key: consuming MLDSA65SigningKey) throws(LogError) {
        verifier = try PostQuantumNoteVerifier(name: name, publicKey: key.publicKey)
        self.key = key
    }

    /// The note with this key's line behind those that it has; unchanged when it has one.
    public borrowing func complete(_ bytes: [UInt8]) throws(LogError) -> [UInt8] {
        let note = try SignedNote(bytes: bytes)
        let verifier = verifier
        guard !note.signatures.contains(where: { $0.name == verifier.name && $0.keyID == verifier.keyID }) else {
            return bytes
        }
        return SignedNote(text: note.text, signatures: note.signatures + [try sign(note.text)]).bytes
    }

    borrowing func sign(_ text: [UInt8]) throws(LogError) -> SignedNote.Signature {
        do {
            let signature = try key.sign(text, context: PostQuantumNoteVerifier.identifier)
            return .init(name: verifier.name, keyID: verifier.keyID, bytes: signature)
        } catch {
            throw LogError(.key, "the log's ML-DSA-65 key could not sign: \(error.message)", remedy: error.remedy)
        }
    }
}

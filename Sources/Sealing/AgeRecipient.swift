// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// An X25519 recipient of age files: `age1` and the Bech32 of a Curve25519 point (c2sp.org/age).
public struct AgeRecipient: Hashable, Sendable, CustomStringConvertible {
    static let hrp = "age"

    /// The text form.
    public let string: String
    /// The 32 bytes of the point.
    let point: [UInt8]

    /// Reads `age1…`, lower case.
    /// - Throws: `key` for another type of recipient, a damaged one, or a point of small order.
    public init(_ text: String) throws(SealingError) {
        guard let value = Bech32.decode(Array(text.utf8), hrp: Self.hrp) else {
            let known = ["age1pq1", "age1tag1", "age1tagpq1"].contains { text.hasPrefix($0) }
            throw SealingError(
                .key,
                known
                    ? "this type of age recipient is not in this version"
                    : "'\(text.prefix(16))…' is not an age X25519 recipient",
                remedy: "give a recipient age1… as 'atomic keygen' or 'age-keygen' prints it", exit: .usage)
        }
        // SAFETY: the bytes, which are public, are copied while they are lent.
        try self.init(point: unsafe value.withBytes { unsafe Array($0) })
    }

    init(point: [UInt8]) throws(SealingError) {
        // Any scalar finds a point of small order out, because clamping makes scalars multiples of eight.
        let probe = [UInt8](repeating: 0x55, count: X25519.length)
        // SAFETY: the pointer does not leave the closure.
        guard unsafe probe.withUnsafeBytes({ unsafe X25519.sharedSecret($0, with: point) != nil }) else {
            throw SealingError(
                .key, "the recipient is a point of small order, which everybody can open", remedy: "make a new key")
        }
        self.point = point
        let text = Bech32.encode(SecretBytes(copying: point), hrp: Self.hrp)
        // SAFETY: the text, which is public, is copied while it is lent.
        string = unsafe text.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The text form.
    public var description: String { string }

    /// Wraps a file key for this recipient, with a fresh ephemeral key.
    func wrap(_ fileKey: borrowing SecretBytes) throws(SealingError) -> AgeHeader.Stanza {
        let ephemeral = try SecretBytes.random(count: X25519.length)
        // SAFETY: the pointers do not leave the closures.
        guard let share = unsafe ephemeral.withBytes({ unsafe X25519.point(of: $0) }),
            let shared = unsafe ephemeral.withBytes({ unsafe X25519.sharedSecret($0, with: point) })
        else {
            throw SealingError(.crypto, "X25519 failed", remedy: "retry")
        }
        var cipher = try X25519Stanza.wrapCipher(shared: shared, share: share, recipient: point)
        var body = [UInt8](repeating: 0, count: fileKey.count + ChaChaPoly.tagLength)
        // SAFETY: `body` has room for the key and the tag.
        let sealed = unsafe fileKey.withBytes { key in
            unsafe body.withUnsafeMutableBytes { unsafe cipher.seal(nonce: X25519Stanza.nonce, key, into: $0) }
        }
        guard sealed else { throw SealingError(.crypto, "wrapping the file key failed", remedy: "retry") }
        return AgeHeader.Stanza(arguments: [X25519Stanza.type, RawBase64.encode(share)], body: body)
    }
}

extension AgeRecipient: Codable {
    /// Reads the text form from a JSON string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(SealingError) {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    /// Writes the text form as a JSON string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }
}

/// The X25519 stanza of c2sp.org/age.
enum X25519Stanza {
    static let type = "X25519"
    private static let info = "age-encryption.org/v1/X25519"
    /// The key is used once, so the nonce is fixed.
    static let nonce = [UInt8](repeating: 0, count: ChaChaPoly.nonceLength)
    static let fileKeyLength = 16

    /// The cipher under the key that both sides derive.
    static func wrapCipher(shared: borrowing SecretBytes, share: [UInt8], recipient: [UInt8]) throws(SealingError)
        -> ChaChaPoly
    {
        try ChaChaPoly(key: KeyDerivation.hkdf(shared, salt: share + recipient, info: info))
    }

    /// The ephemeral share of a stanza of this type.
    /// - Throws: `header` unless it has one canonical 32-byte argument and a body of 32 bytes. The body's length is
    ///   checked before decryption so that a file key of another length cannot serve as a partitioning oracle.
    static func share(of stanza: AgeHeader.Stanza) throws(SealingError) -> [UInt8] {
        guard stanza.arguments.count == 2, let share = RawBase64.decode(stanza.arguments[1]),
            share.count == X25519.length, stanza.body.count == fileKeyLength + ChaChaPoly.tagLength
        else { throw AgeHeader.bad("an X25519 stanza is malformed") }
        return share
    }
}

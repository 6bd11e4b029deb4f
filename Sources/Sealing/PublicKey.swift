// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
import COpenSSL

/// A public signing key: Ed25519 (RFC 8032) or ECDSA on P-384 with SHA-384.
///
/// Its text form is `ed25519:` or `p384:` followed by the padded base64 of the DER SubjectPublicKeyInfo. There is one
/// accepted encoding per key (P-384 points uncompressed), so two equal keys have equal strings and key ids.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// The signature algorithms of this version; the raw value is the prefix of the text form.
    public enum Algorithm: String, Sendable, CaseIterable {
        case ed25519
        case p384

        /// Every byte of the SPKI before the key itself (RFC 8410; RFC 5480 with the uncompressed-point mark).
        var spkiPrefix: [UInt8] {
            switch self {
            case .ed25519:
                [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
            case .p384:
                [
                    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                    0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
                ]
            }
        }

        /// Bytes of the key after the prefix.
        var keyBytes: Int { self == .ed25519 ? 32 : 96 }

        /// The OpenSSL type number.
        var nid: Int32 { self == .ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_EC }
    }

    public let algorithm: Algorithm
    /// The DER SubjectPublicKeyInfo.
    public let spki: [UInt8]
    /// Lower-case hex of the SHA-256 of `spki`: the `keyid` of DSSE signatures.
    public let keyID: String

    /// Reads the text form.
    /// - Throws: `key` when the prefix is unknown, the base64 is not canonical or the key is not a valid point.
    public init(_ text: String) throws(SealingError) {
        guard let colon = text.firstIndex(of: ":"), let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
            throw SealingError(
                .key, "'\(text.prefix(24))' is not a public key",
                remedy: "write it as ed25519:BASE64 or p384:BASE64, as 'atomic keygen' prints it")
        }
        guard let spki = Base64.decode(String(text[text.index(after: colon)...])) else {
            throw SealingError(
                .key, "the \(algorithm.rawValue) key is not canonical padded base64",
                remedy: "copy the whole line that 'atomic keygen' printed")
        }
        try self.init(spki: spki)
        guard self.algorithm == algorithm else {
            throw SealingError(
                .key, "the key says \(algorithm.rawValue) but holds a \(self.algorithm.rawValue) key",
                remedy: "use the prefix that belongs to the key")
        }
    }

    /// Reads a DER SubjectPublicKeyInfo in the one encoding that is accepted.
    /// - Throws: `key` when it is anything but an Ed25519 key or a valid uncompressed P-384 point.
    public init(spki: [UInt8]) throws(SealingError) {
        let known = Algorithm.allCases.first {
            spki.starts(with: $0.spkiPrefix) && spki.count == $0.spkiPrefix.count + $0.keyBytes
        }
        guard let algorithm = known, Self.handle(algorithm, spki) != nil else {
            ERR_clear_error()
            throw SealingError(
                .key, "not an Ed25519 or P-384 public key",
                remedy: "make one with 'atomic keygen --type ed25519' or '--type p384'")
        }
        if algorithm == .ed25519, Ed25519.isSmallOrder(spki.suffix(32)) {
            throw SealingError(
                .key, "the Ed25519 key is a point of small order, which anybody can sign for",
                remedy: "use a key made by a key generator")
        }
        self.algorithm = algorithm
        self.spki = spki
        keyID = Digest.sha256(spki).hex
    }

    /// Wraps the 32 bytes of an Ed25519 public key (RFC 8032 section 5.1.5), as note keys and age-style files carry it.
    /// - Throws: `key` when there are not 32 bytes or the point is of small order.
    public init(ed25519 raw: [UInt8]) throws(SealingError) {
        try self.init(spki: Algorithm.ed25519.spkiPrefix + raw)
    }

    /// The 32 raw bytes of an Ed25519 key, nil for other algorithms.
    public var rawEd25519: [UInt8]? { algorithm == .ed25519 ? Array(spki.suffix(32)) : nil }

    /// The text form.
    public var description: String { "\(algorithm.rawValue):\(Base64.encode(spki))" }

    private static func handle(_ algorithm: Algorithm, _ spki: [UInt8]) -> KeyHandle? {
        switch algorithm {
        case .ed25519: .ed25519(Array(spki.suffix(algorithm.keyBytes)))
        case .p384: .spki(spki)
        }
    }

    /// Whether `signature` is this key's signature of `message`.
    ///
    /// Ed25519 signatures are 64 bytes; ECDSA ones are the DER of RFC 3279 over the SHA-384 of the message.
    public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let handle = Self.handle(algorithm, spki) else { return false }
        // What an invalid signature leaves in the queue would be blamed on the next operation of this thread.
        defer { ERR_clear_error() }
        let algorithm = algorithm
        // SAFETY: the context is checked for NULL and freed once; it borrows `key`, which outlives the closure.
        return unsafe handle.withPointer { key in
            guard let context = unsafe EVP_MD_CTX_new() else { return false }
            defer { unsafe EVP_MD_CTX_free(context) }
            guard unsafe EVP_DigestVerifyInit(context, nil, algorithm.digest, nil, key) == 1 else { return false }
            // SAFETY: both arrays are passed as pointers with their own counts for the duration of the call.
            return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }
}

extension PublicKey.Algorithm {
    /// The digest that goes with the algorithm; Ed25519 brings its own, which OpenSSL wants as NULL.
    var digest: OpaquePointer? {
        // SAFETY: EVP_sha384 returns a static object that is never freed.
        unsafe self == .ed25519 ? nil : EVP_sha384()
    }
}

extension PublicKey: Codable {
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
        try container.encode(description)
    }
}

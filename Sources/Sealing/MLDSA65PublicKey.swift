// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
import Crypto

/// A public key of ML-DSA-65 (FIPS 204), the post-quantum signature that stands beside a log's Ed25519 one.
///
/// Its text form is `mldsa65:` and the padded base64 of the DER SubjectPublicKeyInfo (RFC 9881). It is a type of its own and
/// not a ``PublicKey``: where a person's or a policy's key is asked for, this version takes none of this kind.
public struct MLDSA65PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of a key in the encoding of FIPS 204.
    public static let rawBytes = 1_952
    /// Bytes of a signature.
    public static let signatureBytes = 3_309

    private static let prefix = "mldsa65:"
    /// Every byte of the SPKI before the key: the algorithm 2.16.840.1.101.3.4.3.18 without parameters, and the bit string.
    private static let spkiPrefix: [UInt8] = [
        0x30, 0x82, 0x07, 0xb2, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12, 0x03,
        0x82,
        0x07, 0xa1, 0x00,
    ]

    /// The key as FIPS 204 encodes it.
    public let raw: [UInt8]

    /// Wraps the encoding of FIPS 204, every value of which is a key.
    /// - Throws: `key` when there are not 1,952 bytes.
    public init(raw: [UInt8]) throws(SealingError) {
        guard raw.count == Self.rawBytes else {
            throw SealingError(
                .key, "an ML-DSA-65 public key has \(Self.rawBytes) bytes, not \(raw.count)",
                remedy: "give the key as it was printed")
        }
        self.raw = raw
    }

    /// Reads the text form.
    /// - Throws: `key` when it is not `mldsa65:` and the canonical base64 of one key.
    public init(_ text: String) throws(SealingError) {
        guard text.hasPrefix(Self.prefix), let spki = Base64.decode(String(text.dropFirst(Self.prefix.utf8.count))),
            spki.starts(with: Self.spkiPrefix), spki.count == Self.spkiPrefix.count + Self.rawBytes
        else {
            throw SealingError(
                .key, "'\(text.prefix(24))' is not an ML-DSA-65 public key",
                remedy: "write it as mldsa65:BASE64 of its SubjectPublicKeyInfo")
        }
        raw = Array(spki.suffix(Self.rawBytes))
    }

    /// The DER SubjectPublicKeyInfo.
    public var spki: [UInt8] { Self.spkiPrefix + raw }

    /// The text form.
    public var description: String { Self.prefix + Base64.encode(spki) }

    /// Whether `signature` is this key's signature of `message` under a context string: pure ML-DSA, FIPS 204 section 5.3.
    public func verify(_ signature: [UInt8], of message: [UInt8], context: String) -> Bool {
        guard signature.count == Self.signatureBytes, let key = try? MLDSA65.PublicKey(rawRepresentation: raw) else {
            return false
        }
        return key.isValidSignature(signature, for: message, context: Array(context.utf8))
    }
}

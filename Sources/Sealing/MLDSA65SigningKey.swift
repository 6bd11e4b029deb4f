// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
import Crypto

/// A private key of ML-DSA-65 (FIPS 204), kept as its 32-byte seed.
///
/// OpenSSL 3.0 does not have the algorithm; swift-crypto does, and holds its copy of the seed in memory that it does not
/// cleanse. What this type reads and writes itself is zeroed.
public struct MLDSA65SigningKey: ~Copyable, Sendable {
    private let key: MLDSA65.PrivateKey
    /// The public half.
    public let publicKey: MLDSA65PublicKey

    /// Every byte of the PKCS#8 before the seed: version 0, the algorithm, and the seed-only choice of RFC 9881 section 6.
    private static let pkcs8Prefix: [UInt8] = [
        0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12,
        0x04,
        0x22, 0x80, 0x20,
    ]
    private static let seedBytes = 32

    private init(_ key: MLDSA65.PrivateKey) throws(SealingError) {
        self.key = key
        publicKey = try MLDSA65PublicKey(raw: Array(key.publicKey.rawRepresentation))
    }

    /// A fresh key from the system's random generator.
    /// - Throws: `crypto` when there is no entropy or memory.
    public static func generate() throws(SealingError) -> MLDSA65SigningKey {
        do {
            return try MLDSA65SigningKey(MLDSA65.PrivateKey())
        } catch {
            throw SealingError(.crypto, "no ML-DSA-65 key could be made", remedy: "retry")
        }
    }

    /// Opens the key that a URI names: `file:PATH` or a plain path to an unencrypted PKCS#8 PEM file.
    /// - Throws: `key-uri` for another scheme, `io` when the file cannot be read, `key` when it is not a key.
    public init(uri: String) throws(SealingError) {
        let path = try KeyURI(uri).filePath
        try self.init(pem: SecretFile.read(path, limit: 16_384), named: path)
    }

    /// Reads an unencrypted PKCS#8 PEM that holds the seed.
    /// - Throws: `key` when it is not one; also for the other choices of RFC 9881, which hold the expanded key.
    public init(pem: borrowing SecretBytes, named name: String = "the key") throws(SealingError) {
        let der = PKCS8.der(fromPEM: pem) ?? SecretBytes(count: 0)
        // SAFETY: the bytes are copied while they are lent.
        let seed: [UInt8]? = unsafe der.withBytes { bytes in
            guard bytes.count == Self.pkcs8Prefix.count + Self.seedBytes, unsafe bytes.starts(with: Self.pkcs8Prefix)
            else { return nil }
            return unsafe Array(bytes.suffix(Self.seedBytes))
        }
        guard let seed, let key = try? MLDSA65.PrivateKey(seedRepresentation: seed, publicKey: nil) else {
            throw SealingError(
                .key, "\(name) is not an ML-DSA-65 private key in PEM, unencrypted and as its seed",
                remedy: "restore the file from a copy")
        }
        try self.init(key)
    }

    /// Signs a message under a context string of at most 255 bytes (pure ML-DSA, hedged: two signatures of a text differ).
    /// - Throws: `crypto`.
    public borrowing func sign(_ message: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        do {
            return Array(try key.signature(for: message, context: Array(context.utf8)))
        } catch {
            throw SealingError(.crypto, "the ML-DSA-65 key could not sign", remedy: "retry")
        }
    }

    /// The key as an unencrypted PKCS#8 PEM, for a file of mode 0600.
    public borrowing func pem() -> SecretBytes {
        PKCS8.wrap(der: SecretBytes(copying: Self.pkcs8Prefix + Array(key.seedRepresentation)))
    }

    /// Makes a new PEM file of mode 0600, durable on return.
    /// - Throws: `io`, also when the file exists: keys are never overwritten.
    public borrowing func write(to path: String) throws(SealingError) {
        try SecretFile.create(path, pem())
    }
}

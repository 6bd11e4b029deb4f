// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
import COpenSSL

/// A private signing key. It lives in OpenSSL's memory and is cleansed when the value ends.
///
/// Sendable although it holds a pointer: the key is never changed, and every signature has a context of its own.
public struct SigningKey: ~Copyable, @unchecked Sendable {
    private let handle: KeyHandle
    /// The public half.
    public let publicKey: PublicKey

    /// A fresh key from the system's random generator.
    /// - Throws: `crypto` when OpenSSL has no entropy or memory.
    public static func generate(_ algorithm: PublicKey.Algorithm) throws(SealingError) -> SigningKey {
        guard let handle = KeyHandle.generate(nid: algorithm.nid) else {
            throw SealingError(
                .crypto, "OpenSSL could not make a \(algorithm.rawValue) key: \(CryptoTrouble.take())", remedy: "retry")
        }
        return try SigningKey(handle: handle, name: "the new key")
    }

    /// Opens the key that a URI names: `file:PATH` or a plain path to an unencrypted PKCS#8 PEM file.
    /// - Throws: `key-uri` for `pkcs11:` and `tpm:`, `io` when the file cannot be read, `key` when it is not a key.
    public init(uri: String) throws(SealingError) {
        let path = try KeyURI(uri).filePath
        let text = try SecretFile.read(path, limit: 16_384)
        try self.init(pem: text, named: path)
    }

    /// Reads an unencrypted PKCS#8 PEM.
    /// - Throws: `key` when it is not one, or neither Ed25519 nor P-384.
    public init(pem: borrowing SecretBytes, named name: String = "the key") throws(SealingError) {
        try self.init(handle: PKCS8.key(fromPEM: pem, named: name), name: name)
    }

    /// Reads an unencrypted PKCS#8 PEM that is not worth protecting (a test's).
    public init(pem: [UInt8]) throws(SealingError) {
        try self.init(pem: SecretBytes(copying: pem))
    }

    private init(handle: consuming KeyHandle, name: String) throws(SealingError) {
        guard let spki = handle.spki() else {
            throw SealingError(.crypto, "OpenSSL could not encode \(name): \(CryptoTrouble.take())", remedy: "retry")
        }
        do throws(SealingError) {
            publicKey = try PublicKey(spki: spki)
        } catch {
            throw SealingError(
                .key, "\(name) is neither an Ed25519 nor a P-384 key",
                remedy: "make one with 'atomic keygen --type ed25519' or '--type p384'")
        }
        self.handle = handle
    }

    /// Signs a message: 64 bytes of Ed25519, or DER ECDSA over the message's SHA-384.
    /// - Throws: `crypto` when OpenSSL fails.
    public borrowing func sign(_ message: [UInt8]) throws(SealingError) -> [UInt8] {
        let algorithm = publicKey.algorithm
        // SAFETY: the context is checked for NULL and freed once; `key` outlives the closure.
        let signature: [UInt8]? = unsafe handle.withPointer { key in
            guard let context = unsafe EVP_MD_CTX_new() else { return nil }
            defer { unsafe EVP_MD_CTX_free(context) }
            // 144 bytes hold any signature of the two algorithms; OpenSSL is told so and sets what it used.
            var signature = [UInt8](repeating: 0, count: 144)
            var count = signature.count
            // SAFETY: arrays are passed as pointers with their own counts for the duration of the calls.
            guard unsafe EVP_DigestSignInit(context, nil, algorithm.digest, nil, key) == 1,
                unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1
            else { return nil }
            return Array(signature.prefix(count))
        }
        guard let signature else {
            throw SealingError(.crypto, "OpenSSL could not sign: \(CryptoTrouble.take())", remedy: "retry")
        }
        return signature
    }

    /// The key as an unencrypted PKCS#8 PEM, for a file of mode 0600.
    public borrowing func pem() throws(SealingError) -> SecretBytes {
        try PKCS8.pem(of: handle)
    }

    /// Makes a new PEM file of mode 0600.
    /// - Throws: `io`, also when the file exists: keys are never overwritten.
    public borrowing func write(to path: String) throws(SealingError) {
        try SecretFile.create(path, pem())
    }
}

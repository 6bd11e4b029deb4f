// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import COpenSSL
internal import Glibc

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// Exactly 32 bytes.
    public let bytes: [UInt8]

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Of 32 bytes that a hash function wrote.
    fileprivate init(hashed bytes: [UInt8]) { self.bytes = bytes }

    /// From 64 lower-case hexadecimal digits.
    public init?(hex: String) {
        guard hex.utf8.count == 64, let bytes = Hex.decode(hex) else { return nil }
        self.bytes = bytes
    }

    /// From the written form `sha256:…`.
    public init?(string: String) {
        guard string.hasPrefix("sha256:") else { return nil }
        self.init(hex: String(string.dropFirst(7)))
    }

    public var hex: String { Hex.encode(bytes) }
    public var description: String { "sha256:" + hex }

    public static func sha256(_ bytes: [UInt8]) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    public static func sha256(_ bytes: some Collection<UInt8>) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(string: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a digest is sha256: and 64 lower-case hexadecimal digits")
        }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public static func < (left: Digest, right: Digest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// Incremental SHA-256 (FIPS 180-4) by OpenSSL, so that files are hashed with bounded memory.
@safe
public struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer?
    private var isFinished = false

    /// Fetched once: OpenSSL 3 otherwise searches its providers for every digest, which costs more than hashing a
    /// short message. Nil falls back to that search.
    // SAFETY: an EVP_MD is immutable and reference-counted with atomics; it is never freed.
    nonisolated(unsafe) private static let method: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    /// For a program that hashes a little and does no other cryptography: OpenSSL then reads no configuration and fills no table
    /// of ciphers and messages, which takes it 1.3 ms. Call it before anything else touches OpenSSL.
    public static func startHashingOnly() {
        let nothingElse =
            OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ADD_ALL_CIPHERS
            | OPENSSL_INIT_NO_ADD_ALL_DIGESTS
        // What fails here fails again at the first hash, which checks.
        _ = OPENSSL_init_crypto(UInt64(nothingElse), nil)
    }

    /// One context per thread is kept when its value goes: making one costs as much as hashing a short message.
    private static let spare: pthread_key_t? = {
        var key = pthread_key_t()
        // SAFETY: the destructor gets what was stored, a context that nobody else has.
        let made = unsafe pthread_key_create(&key) { unsafe EVP_MD_CTX_free(OpaquePointer($0)) }
        return made == 0 ? key : nil
    }()

    private static func takeContext() -> OpaquePointer? {
        // SAFETY: what is stored under the key is a context of this thread alone, and taking it leaves nothing there.
        if let spare, let context = unsafe pthread_getspecific(spare) {
            pthread_setspecific(spare, nil)
            return OpaquePointer(context)
        }
        return unsafe EVP_MD_CTX_new()
    }

    public init() {
        // SAFETY: the context is owned by this value alone and given back or freed once, in deinit; a nil context (out of
        // memory) is caught by the checks below.
        unsafe context = Self.takeContext()
        let started = unsafe context != nil && EVP_DigestInit_ex(context, Self.method ?? EVP_sha256(), nil) == 1
        precondition(started, "SHA-256 is not available from the system's OpenSSL")
    }

    deinit {
        // SAFETY: given back or freed once, and OpenSSL accepts nil. A context that was finished holds nothing of what was
        // hashed: EVP_DigestFinal_ex clears its block. Freeing clears the others.
        if isFinished, let spare = Self.spare, unsafe pthread_getspecific(spare) == nil,
            unsafe pthread_setspecific(spare, UnsafeRawPointer(context)) == 0
        {
            return
        }
        unsafe EVP_MD_CTX_free(context)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        // SAFETY: the buffer is valid for `count` bytes during the call, and the context was initialised.
        let fed = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(fed == 1, "SHA-256 update failed in OpenSSL")
    }

    /// One byte.
    public mutating func update(byte: UInt8) {
        var byte = byte
        // SAFETY: the pointer is to one byte and does not leave the call.
        unsafe withUnsafeBytes(of: &byte) { unsafe update($0) }
    }

    /// As the generic one, which other modules cannot specialize.
    public mutating func update(_ bytes: [UInt8]) {
        // SAFETY: the pointer does not leave the closure.
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    public mutating func update(_ bytes: some Collection<UInt8>) {
        // SAFETY: the pointer does not leave the closure.
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { storage in
            unsafe update(UnsafeRawBufferPointer(storage))
        }
        if contiguous == nil {
            // SAFETY: as above, for a copy.
            unsafe Array(bytes).withUnsafeBytes { unsafe update($0) }
        }
    }

    public consuming func finish() -> Digest {
        // SAFETY: the buffer has the 32 bytes that SHA-256 writes, and is counted as filled only when it wrote them.
        let out = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            count = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1 ? 32 : 0
        }
        isFinished = true
        precondition(out.count == 32, "SHA-256 finish failed in OpenSSL")
        return Digest(hashed: out)
    }
}

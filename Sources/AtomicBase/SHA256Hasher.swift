// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import COpenSSL
internal import Glibc

/// Incremental SHA-256 (FIPS 180-4) by OpenSSL, so that files are hashed with bounded memory.
@safe
public struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer?
    private var isFinished = false

    /// Fetched once: OpenSSL 3 otherwise searches its providers for every digest, which costs more than hashing a
    /// short message. Nil falls back to that search.
    // SAFETY: an EVP_MD is immutable and reference-counted with atomics; it is never freed.
    nonisolated(unsafe) fileprivate static let method: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA256", nil)

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
        var wrote: Int32 = 0
        // SAFETY: the buffer has the 32 bytes that SHA-256 writes.
        let digest = unsafe Digest { out in
            wrote = unsafe EVP_DigestFinal_ex(
                context, out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        isFinished = true
        precondition(wrote == 1, "SHA-256 finish failed in OpenSSL")
        return digest
    }
}

/// SHA-256 (FIPS 180-4) of many messages one after the other, by one OpenSSL context that is never given back in between.
@safe
public struct SHA256Engine: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer?

    /// An engine.
    public init() {
        // SAFETY: the context is owned by this value alone and freed once, in deinit; a nil context (out of memory) is
        // caught by the check.
        unsafe context = EVP_MD_CTX_new()
        let started = unsafe context != nil && EVP_DigestInit_ex(context, SHA256Hasher.method ?? EVP_sha256(), nil) == 1
        precondition(started, "SHA-256 is not available from the system's OpenSSL")
    }

    deinit {
        // SAFETY: freed once; OpenSSL accepts nil.
        unsafe EVP_MD_CTX_free(context)
    }

    /// Digest of the bytes, behind a byte where one is given.
    public mutating func hash(_ bytes: Span<UInt8>, behind prefix: UInt8? = nil) -> Digest {
        // SAFETY: no pointer leaves its call, and the context was initialised.
        unsafe bytes.withUnsafeBytes { message in
            var isGood = unsafe EVP_DigestInit_ex(context, nil, nil) == 1
            if var prefix {
                isGood = unsafe EVP_DigestUpdate(context, &prefix, 1) == 1 && isGood
            }
            if message.count > 0 {
                isGood = unsafe EVP_DigestUpdate(context, message.baseAddress, message.count) == 1 && isGood
            }
            return finish(isGood)
        }
    }

    /// Digest of a byte and two digests: the node of a Merkle tree.
    public mutating func hash(_ prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
        // One call for 65 bytes is cheaper than three.
        // SAFETY: the buffer has 65 bytes, each of which is written; no pointer leaves its call.
        unsafe withUnsafeTemporaryAllocation(byteCount: 65, alignment: 1) { buffer in
            unsafe buffer[0] = prefix
            unsafe left.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0)
            }
            unsafe right.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]).copyMemory(from: $0)
            }
            let isGood =
                unsafe EVP_DigestInit_ex(context, nil, nil) == 1
                && EVP_DigestUpdate(context, buffer.baseAddress, buffer.count) == 1
            return finish(isGood)
        }
    }

    private func finish(_ isGood: Bool) -> Digest {
        var isGood = isGood
        // SAFETY: the buffer has the 32 bytes that SHA-256 writes.
        let digest = unsafe Digest { out in
            isGood =
                unsafe EVP_DigestFinal_ex(
                    context, out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1 && isGood
        }
        precondition(isGood, "SHA-256 failed in OpenSSL")
        return digest
    }
}

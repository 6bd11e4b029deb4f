// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import COpenSSL
import Glibc

/// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) with outputs of 32 bytes, which is all that age needs.
enum KeyDerivation {
    private static let length = 32

    /// The MAC of a message.
    static func hmac(key: borrowing SecretBytes, _ message: [UInt8]) throws(SealingError) -> SecretBytes {
        // SAFETY: the buffer is valid during the closure.
        let mac: SecretBytes? = unsafe key.withBytes { unsafe hmac(key: $0, message) }
        return try check(mac)
    }

    /// HKDF-Extract, then the first block of HKDF-Expand.
    static func hkdf(_ material: borrowing SecretBytes, salt: [UInt8], info: String) throws(SealingError)
        -> SecretBytes
    {
        // An absent salt is 32 zero bytes by the RFC; HMAC pads keys with zeros, so it makes no difference to others.
        let key = salt.isEmpty ? [UInt8](repeating: 0, count: length) : salt
        // SAFETY: the buffers are valid during their closures.
        let extracted: SecretBytes? = unsafe key.withUnsafeBytesReturning { salt in
            unsafe material.withBytes { unsafe hmac(key: salt, $0) }
        }
        return try hmac(key: check(extracted), Array(info.utf8) + [1])
    }

    private static func check(_ result: consuming SecretBytes?) throws(SealingError) -> SecretBytes {
        guard let result else {
            throw SealingError(.crypto, "OpenSSL could not compute a MAC: \(CryptoTrouble.take())", remedy: "retry")
        }
        return result
    }

    private static func hmac(key: UnsafeRawBufferPointer, _ message: [UInt8]) -> SecretBytes? {
        // SAFETY: the buffer is valid during the closure.
        unsafe message.withUnsafeBytesReturning { unsafe hmac(key: key, $0) }
    }

    private static func hmac(key: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer) -> SecretBytes? {
        var out = SecretBytes(count: length)
        // SAFETY: OpenSSL reads `key` and `message` within their counts and writes the 32 bytes of SHA-256.
        let done = unsafe out.withMutableBytes { target in
            unsafe HMAC(
                EVP_sha256(), key.baseAddress, Int32(key.count),
                message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count,
                target.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) != nil
        }
        guard done else { return nil }
        return out
    }
}

extension Array where Element == UInt8 {
    /// `withUnsafeBytes` for results that cannot be copied.
    fileprivate func withUnsafeBytesReturning(_ body: (UnsafeRawBufferPointer) -> SecretBytes?) -> SecretBytes? {
        var result: SecretBytes?
        // SAFETY: the pointer does not leave `body`.
        unsafe withUnsafeBytes { result = unsafe body($0) }
        return result
    }
}

extension SecretBytes {
    /// Fresh random bytes that never were outside secret memory (getentropy(3)).
    static func random(count: Int) throws(SealingError) -> SecretBytes {
        precondition(count <= 256, "getentropy gives at most 256 bytes")
        var out = SecretBytes(count: count)
        // SAFETY: the buffer has `count` bytes.
        let result = unsafe out.withMutableBytes { unsafe getentropy($0.baseAddress, count) }
        guard result == 0 else { throw .system("getentropy", "\(count) bytes") }
        return out
    }

    /// Whether two secrets are equal, in time that does not depend on where they differ.
    borrowing func matches(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        // SAFETY: both have `count` bytes.
        return unsafe withBytes { unsafe CRYPTO_memcmp($0.baseAddress, other, other.count) == 0 }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import COpenSSL

/// X25519 (RFC 7748) by OpenSSL.
enum X25519 {
    /// Length of scalars, points and shared secrets.
    static let length = 32

    /// The public point of a scalar.
    static func point(of scalar: UnsafeRawBufferPointer) -> [UInt8]? {
        // SAFETY: OpenSSL copies the 32 bytes; the key it returns is adopted.
        guard let key = unsafe privateKey(scalar) else { return nil }
        return unsafe key.withPointer { pointer in
            var out = [UInt8](repeating: 0, count: length)
            var count = length
            // SAFETY: `out` has `count` bytes.
            guard unsafe EVP_PKEY_get_raw_public_key(pointer, &out, &count) == 1, count == length else { return nil }
            return out
        }
    }

    /// The shared secret, nil when it is all zero: the peer's point has a small order (RFC 7748 section 6.1).
    static func sharedSecret(_ scalar: UnsafeRawBufferPointer, with point: [UInt8]) -> SecretBytes? {
        defer { ERR_clear_error() }
        // SAFETY: OpenSSL copies the bytes of both; the keys it returns are adopted.
        guard point.count == length, let own = unsafe privateKey(scalar),
            let peer = unsafe KeyHandle(adopting: EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, point, length))
        else { return nil }
        var secret = SecretBytes(count: length)
        // SAFETY: the context is checked for NULL and freed once; both keys outlive it, and the buffer is as long as
        // OpenSSL is told.
        let derived = unsafe own.withPointer { ownPointer in
            unsafe peer.withPointer { peerPointer in
                guard let context = unsafe EVP_PKEY_CTX_new(ownPointer, nil) else { return false }
                defer { unsafe EVP_PKEY_CTX_free(context) }
                guard unsafe EVP_PKEY_derive_init(context) == 1,
                    unsafe EVP_PKEY_derive_set_peer(context, peerPointer) == 1
                else { return false }
                return unsafe secret.withMutableBytes { buffer in
                    var count = length
                    let out = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    return unsafe EVP_PKEY_derive(context, out, &count) == 1 && count == length
                }
            }
        }
        // OpenSSL refuses the all-zero secret itself; other providers need not, so it is looked at here as well.
        guard derived, unsafe secret.withBytes({ unsafe $0.contains { $0 != 0 } }) else { return nil }
        return secret
    }

    private static func privateKey(_ scalar: UnsafeRawBufferPointer) -> KeyHandle? {
        guard scalar.count == length else { return nil }
        // SAFETY: OpenSSL copies the 32 bytes; the key it returns is adopted.
        let bytes = unsafe scalar.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe KeyHandle(adopting: EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, bytes, length))
    }
}

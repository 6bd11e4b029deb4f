// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import COpenSSL

/// An OpenSSL key object, freed on deinit (OpenSSL cleanses the private part while freeing).
@safe struct KeyHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes ownership of `pointer`; nil when OpenSSL returned NULL.
    init?(adopting pointer: OpaquePointer?) {
        // SAFETY: the pointer is stored, not followed; from here on this value alone owns it.
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = pointer
    }

    deinit {
        // SAFETY: the pointer came from OpenSSL, is owned by this value alone and is freed once, here.
        unsafe EVP_PKEY_free(pointer)
    }

    /// Lends the pointer for the duration of `body`.
    borrowing func withPointer<Result: ~Copyable>(_ body: (OpaquePointer) -> Result) -> Result {
        // SAFETY: `self` is borrowed while `body` runs, so the object outlives every use inside it.
        unsafe body(pointer)
    }
}

extension KeyHandle {
    /// A fresh key of a type named by its NID (`EVP_PKEY_X25519`, `EVP_PKEY_ED25519`) or the P-384 curve.
    static func generate(nid: Int32) -> KeyHandle? {
        // SAFETY: the context is checked for NULL and freed once; the key it returns is adopted.
        guard let context = unsafe EVP_PKEY_CTX_new_id(nid, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_keygen_init(context) == 1 else { return nil }
        // SAFETY: as above; the group name is a literal that OpenSSL copies.
        if nid == EVP_PKEY_EC, unsafe EVP_PKEY_CTX_set_group_name(context, "P-384") != 1 { return nil }
        var key: OpaquePointer?
        // SAFETY: `key` receives a new object that the caller owns.
        guard unsafe EVP_PKEY_generate(context, &key) == 1 else { return nil }
        return unsafe KeyHandle(adopting: key)
    }

    /// A public key from its DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); nil when it does not parse.
    static func spki(_ der: [UInt8]) -> KeyHandle? {
        // SAFETY: the buffer outlives the call; OpenSSL reads at most `count` bytes from it.
        let key: OpaquePointer? = unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
        }
        return unsafe KeyHandle(adopting: key)
    }

    /// An Ed25519 public key from its 32 bytes: the quick way, without a search for a decoder.
    static func ed25519(_ raw: [UInt8]) -> KeyHandle? {
        // SAFETY: OpenSSL reads the array within its count and copies it; the key it returns is adopted.
        unsafe KeyHandle(adopting: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count))
    }

    /// The DER SubjectPublicKeyInfo of this key.
    borrowing func spki() -> [UInt8]? {
        // SAFETY: see inside; the key is lent for the closure only.
        unsafe withPointer { key in
            var out: UnsafeMutablePointer<UInt8>?
            // SAFETY: OpenSSL allocates `out` with the returned length; it is copied, then freed.
            let count = unsafe i2d_PUBKEY(key, &out)
            guard count > 0, let start = unsafe out else { return nil }
            defer { unsafe CRYPTO_free(start, #file, #line) }
            return unsafe [UInt8](UnsafeBufferPointer(start: start, count: Int(count)))
        }
    }
}

/// OpenSSL's thread-local error queue.
enum CryptoTrouble {
    /// The oldest reason in the queue, which is emptied. Reasons are static strings: they hold no data.
    static func take() -> String {
        defer { ERR_clear_error() }
        let code = ERR_get_error()
        // SAFETY: ERR_reason_error_string returns NULL or a static NUL-terminated string.
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "no reason given" }
        return unsafe String(cString: text)
    }
}

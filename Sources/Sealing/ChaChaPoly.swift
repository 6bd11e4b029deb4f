// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import COpenSSL

/// ChaCha20-Poly1305 (RFC 8439) without associated data; the key schedule is kept from message to message.
@safe struct ChaChaPoly: ~Copyable {
    static let tagLength = 16
    static let nonceLength = 12

    private let context: OpaquePointer

    /// - Throws: `crypto` when OpenSSL has no memory or no such cipher.
    init(key: borrowing SecretBytes) throws(SealingError) {
        precondition(key.count == 32)
        // SAFETY: checked for NULL; owned by this value and freed in deinit, or below.
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            throw SealingError(.crypto, "OpenSSL is out of memory", remedy: "retry")
        }
        // SAFETY: OpenSSL copies the 32 bytes of the key.
        let started = unsafe key.withBytes { bytes in
            unsafe EVP_CipherInit_ex(
                context, EVP_chacha20_poly1305(), nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, 1)
        }
        guard started == 1 else {
            // SAFETY: freed here because deinit does not run for a value that was never made.
            unsafe EVP_CIPHER_CTX_free(context)
            throw SealingError(.crypto, "no ChaCha20-Poly1305: \(CryptoTrouble.take())", remedy: "install OpenSSL 3")
        }
        unsafe self.context = context
    }

    deinit {
        // SAFETY: owned by this value alone; OpenSSL cleanses the key while freeing.
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// Encrypts `plain` and appends the tag; `target` has room for both.
    mutating func seal(nonce: [UInt8], _ plain: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
        -> Bool
    {
        precondition(nonce.count == Self.nonceLength && target.count == plain.count + Self.tagLength)
        var count: Int32 = 0
        // SAFETY: output is as long as input for this stream cipher, and the tag fits behind it by the check above.
        // OpenSSL takes a NULL input for associated data, so empty messages skip the update.
        let out = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let source = unsafe plain.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe EVP_EncryptInit_ex(context, nil, nil, nil, nonce) == 1
            && (plain.isEmpty || EVP_EncryptUpdate(context, out, &count, source, Int32(plain.count)) == 1)
            && EVP_EncryptFinal_ex(context, out?.advanced(by: plain.count), &count) == 1
            && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), out?.advanced(by: plain.count)) == 1
    }

    /// Decrypts ciphertext and tag. On false `target` holds zeros: nothing unauthenticated is left behind.
    mutating func open(nonce: [UInt8], _ sealed: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
        -> Bool
    {
        guard sealed.count >= Self.tagLength else { return false }
        let length = sealed.count - Self.tagLength
        precondition(nonce.count == Self.nonceLength && target.count == length)
        var count: Int32 = 0
        // SAFETY: `target` has the length of the ciphertext without its tag, and the tag lies behind it. The tag is
        // passed as mutable because the C prototype is shared with reading; OpenSSL only copies from it.
        let out = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let source = unsafe sealed.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var tail: [UInt8] = [0]
        let opened =
            unsafe EVP_DecryptInit_ex(context, nil, nil, nil, nonce) == 1
            && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagLength),
                UnsafeMutablePointer(mutating: source?.advanced(by: length))) == 1
            && (length == 0 || EVP_DecryptUpdate(context, out, &count, source, Int32(length)) == 1)
            && EVP_DecryptFinal_ex(context, &tail, &count) == 1
        if !opened {
            // SAFETY: `target` has `length` bytes.
            unsafe OPENSSL_cleanse(target.baseAddress, length)
            ERR_clear_error()
        }
        return opened
    }
}

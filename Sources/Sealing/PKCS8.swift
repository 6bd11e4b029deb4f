// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import COpenSSL

/// PKCS#8 private keys in PEM (RFC 5958, RFC 7468 section 10), unencrypted.
///
/// OpenSSL's own PEM reader prompts for passphrases and frees its base64 buffers without zeroing them, so the text is
/// taken apart here, in secret memory, and OpenSSL sees the DER only.
enum PKCS8 {
    private static let begin = Array("-----BEGIN PRIVATE KEY-----\n".utf8)
    private static let end = Array("-----END PRIVATE KEY-----".utf8)
    /// DER bytes on one PEM line of 64 columns.
    private static let lineBytes = 48

    /// The key in a PEM text.
    /// - Throws: `key` when the text is not one unencrypted PKCS#8 block, with white space around it at most.
    static func key(fromPEM text: borrowing SecretBytes, named name: String) throws(SealingError) -> KeyHandle {
        defer { ERR_clear_error() }
        // SAFETY: `pem` is valid during the closure and is only read within its bounds.
        let handle: KeyHandle? = unsafe text.withBytes { pem in
            guard let body = unsafe base64(in: pem) else { return nil }
            return parse(base64: body)
        }
        guard let handle else {
            throw SealingError(
                .key, "\(name) is not an unencrypted PKCS#8 private key in PEM",
                remedy: "make one with 'atomic keygen --type ed25519', or convert with 'openssl pkcs8 -topk8 -nocrypt'")
        }
        return handle
    }

    /// The PEM of a key, 64 columns, as `openssl genpkey` writes it.
    static func pem(of key: borrowing KeyHandle) throws(SealingError) -> SecretBytes {
        defer { ERR_clear_error() }
        // SAFETY: the structure is checked for NULL and freed once; freeing cleanses the private octets.
        let text: SecretBytes? = unsafe key.withPointer { pointer in
            guard let info = unsafe EVP_PKEY2PKCS8(pointer) else { return nil }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            let count = Int(unsafe i2d_PKCS8_PRIV_KEY_INFO(info, nil))
            guard count > 0 else { return nil }
            var der = SecretBytes(count: count)
            // SAFETY: the buffer has the size that OpenSSL asked for in the call above.
            let written = unsafe der.withMutableBytes { buffer in
                var cursor = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
                return Int(unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &cursor))
            }
            guard written == count else { return nil }
            return wrap(der: der)
        }
        guard let text else {
            throw SealingError(.crypto, "OpenSSL could not encode the key: \(CryptoTrouble.take())", remedy: "retry")
        }
        return text
    }

    /// The base64 characters between the markers, without line ends and blanks.
    private static func base64(in pem: UnsafeRawBufferPointer) -> SecretBytes? {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }
        // SAFETY: collection operations on the caller's valid buffer; every index comes from the buffer itself.
        var text = unsafe pem[...]
        while let first = unsafe text.first, isSpace(first) { unsafe text.removeFirst() }
        while let last = unsafe text.last, isSpace(last) { unsafe text.removeLast() }
        guard unsafe text.starts(with: begin), unsafe text.suffix(end.count).elementsEqual(end) else { return nil }
        // SAFETY: as above.
        guard unsafe text.count > begin.count + end.count else { return nil }
        let body = unsafe text.dropFirst(begin.count).dropLast(end.count)
        let count = unsafe body.count { !isSpace($0) }
        guard count > 0, count.isMultiple(of: 4) else { return nil }
        var out = SecretBytes(count: count)
        // SAFETY: `index` ends at the number of characters counted above, which is the size of `target`.
        unsafe out.withMutableBytes { target in
            var index = 0
            unsafe body.forEach { byte in
                guard !isSpace(byte) else { return }
                unsafe target[index] = byte
                index += 1
            }
        }
        return out
    }

    /// Decodes and parses DER that must be used up to its last byte.
    private static func parse(base64 body: borrowing SecretBytes) -> KeyHandle? {
        guard let der = decode(base64: body) else { return nil }
        // SAFETY: the buffer outlives the call; OpenSSL reads its bytes at most and reports where it stopped.
        return unsafe der.withBytes { buffer in
            let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var cursor = unsafe start
            guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, buffer.count) else { return nil }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            guard unsafe cursor == start?.advanced(by: buffer.count) else { return nil }
            return unsafe KeyHandle(adopting: EVP_PKCS82PKEY(info))
        }
    }

    /// The DER inside a PEM text, nil when it is not one unencrypted PKCS#8 block.
    static func der(fromPEM text: borrowing SecretBytes) -> SecretBytes? {
        defer { ERR_clear_error() }
        // SAFETY: `pem` is valid during the closure and is only read within its bounds.
        return unsafe text.withBytes { pem in
            guard let body = unsafe base64(in: pem) else { return nil }
            return decode(base64: body)
        }
    }

    private static func decode(base64 body: borrowing SecretBytes) -> SecretBytes? {
        var der = SecretBytes(count: body.count / 4 * 3)
        // SAFETY: EVP_DecodeBlock writes exactly three bytes for four characters, the size of `target`.
        let count: Int? = unsafe body.withBytes { source in
            unsafe der.withMutableBytes { target in
                let wrote = unsafe EVP_DecodeBlock(
                    target.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    source.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(source.count))
                guard wrote == target.count else { return nil }
                // SAFETY: `source` has at least four characters.
                let padding = unsafe source.suffix(2).reduce(0) { $0 + ($1 == 0x3d ? 1 : 0) }
                return target.count - padding
            }
        }
        guard let count else { return nil }
        // SAFETY: `count` is at most the size of the buffer.
        return unsafe der.withBytes { buffer in unsafe SecretBytes(copying: buffer.prefix(count)) }
    }

    /// Markers and lines around the base64 of `der`.
    static func wrap(der: borrowing SecretBytes) -> SecretBytes {
        let lines = (der.count + lineBytes - 1) / lineBytes
        var text = SecretBytes(count: begin.count + (der.count + 2) / 3 * 4 + lines + end.count + 1)
        let total = text.count
        // SAFETY: the sizes add up to `total`: a line of n bytes takes (n + 2) / 3 * 4 characters and a line feed, and
        // only the last line may be short. EVP_EncodeBlock also writes a NUL after each line, where the line feed
        // goes; the last one is followed by the end marker.
        unsafe der.withBytes { source in
            unsafe text.withMutableBytes { target in
                unsafe target.copyBytes(from: begin)
                var at = begin.count
                for start in stride(from: 0, to: source.count, by: lineBytes) {
                    let size = min(lineBytes, source.count - start)
                    at += Int(
                        unsafe EVP_EncodeBlock(
                            target.baseAddress?.advanced(by: at).assumingMemoryBound(to: UInt8.self),
                            source.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self), Int32(size)))
                    unsafe target[at] = 0x0a
                    at += 1
                }
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[at...]).copyBytes(from: end)
                unsafe target[total - 1] = 0x0a
            }
        }
        return text
    }
}

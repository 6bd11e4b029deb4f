# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""ChaCha20-Poly1305 (RFC 8439) and HKDF-SHA-256 (RFC 5869), plain and slow."""
import hmac
import struct

_MASK = 0xFFFFFFFF


def _block(key, counter, nonce):
    start = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key)) + [counter] + list(struct.unpack("<3I", nonce))
    x = start[:]

    def quarter(a, b, c, d):
        x[a] = (x[a] + x[b]) & _MASK
        x[d] ^= x[a]
        x[d] = (x[d] << 16 | x[d] >> 16) & _MASK
        x[c] = (x[c] + x[d]) & _MASK
        x[b] ^= x[c]
        x[b] = (x[b] << 12 | x[b] >> 20) & _MASK
        x[a] = (x[a] + x[b]) & _MASK
        x[d] ^= x[a]
        x[d] = (x[d] << 8 | x[d] >> 24) & _MASK
        x[c] = (x[c] + x[d]) & _MASK
        x[b] ^= x[c]
        x[b] = (x[b] << 7 | x[b] >> 25) & _MASK

    for _ in range(10):
        quarter(0, 4, 8, 12)
        quarter(1, 5, 9, 13)
        quarter(2, 6, 10, 14)
        quarter(3, 7, 11, 15)
        quarter(0, 5, 10, 15)
        quarter(1, 6, 11, 12)
        quarter(2, 7, 8, 13)
        quarter(3, 4, 9, 14)
    return struct.pack("<16I", *((a + b) & _MASK for a, b in zip(x, start)))


def _poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at : at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) & (2**128 - 1)).to_bytes(16, "little")


def seal(key, nonce, plaintext):
    """RFC 8439, 2.8, without associated data."""
    stream = b"".join(_block(key, 1 + i, nonce) for i in range((len(plaintext) + 63) // 64))
    size = len(plaintext)
    ciphertext = (int.from_bytes(plaintext, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")
    padded = ciphertext + bytes(-size % 16)
    return ciphertext + _poly1305(_block(key, 0, nonce)[:32], padded + struct.pack("<QQ", 0, size))


def hkdf(secret, salt, info):
    """32 bytes; an empty salt is 32 zero bytes as RFC 5869 says."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")

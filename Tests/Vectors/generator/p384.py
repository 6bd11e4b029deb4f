# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""ECDSA over P-384 with SHA-384 (FIPS 186-5), the nonce as in RFC 6979, the signature as ASN.1 DER (RFC 3279)."""
import hashlib
import hmac

P = 2**384 - 2**128 - 2**96 + 2**32 - 1
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
G = (
    0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
    0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
)


def _add(a, b):
    if a is None:
        return b
    if b is None:
        return a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _multiply(scalar, point):
    result = None
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def scalar(seed):
    return int.from_bytes(hashlib.sha512(b"p384" + seed).digest(), "big") % (N - 1) + 1


def public(seed):
    x, y = _multiply(scalar(seed), G)
    return b"\x04" + x.to_bytes(48, "big") + y.to_bytes(48, "big")


def _nonce(private, hashed):
    v, k = b"\x01" * 48, bytes(48)
    seed = private.to_bytes(48, "big") + (int.from_bytes(hashed, "big") % N).to_bytes(48, "big")
    for step in (b"\x00", b"\x01"):
        k = hmac.digest(k, v + step + seed, "sha384")
        v = hmac.digest(k, v, "sha384")
    while True:
        v = hmac.digest(k, v, "sha384")
        candidate = int.from_bytes(v, "big")
        if 0 < candidate < N:
            return candidate
        k = hmac.digest(k, v + b"\x00", "sha384")
        v = hmac.digest(k, v, "sha384")


def _integer(value):
    body = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(body)]) + body


def sign(seed, message):
    private = scalar(seed)
    hashed = hashlib.sha384(message).digest()
    k = _nonce(private, hashed)
    r = _multiply(k, G)[0] % N
    s = pow(k, -1, N) * (int.from_bytes(hashed, "big") + r * private) % N
    body = _integer(r) + _integer(s)
    return b"\x30" + bytes([len(body)]) + body

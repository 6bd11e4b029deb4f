# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Digest, hex and base64 forms, public keys and their ids, raw signatures, private key files."""
import base64
import hashlib

from .. import ed25519, p384
from ..keys import key
from ..output import b64, vectors

FOLDER = "digest-and-keys"


def _digests():
    empty = hashlib.sha256(b"").hexdigest()
    yield {"name": "good", "expect": "ok", "text": "sha256:" + empty, "hex": empty}
    for name, text in [
        ("no prefix", empty), ("capital prefix", "SHA256:" + empty), ("capital digits", "sha256:" + empty.upper()),
        ("one digit short", "sha256:" + empty[:-1]), ("one digit long", "sha256:" + empty + "0"), ("space", "sha256: " + empty),
        ("final newline", "sha256:" + empty + "\n"), ("no hex", "sha256:" + "g" * 64), ("other algorithm", "sha512:" + empty),
        ("empty", ""), ("prefix only", "sha256:"), ("base64", "sha256:" + b64(hashlib.sha256(b"").digest())),
        ("full-width digits", "sha256:" + "\uff10" * 64),
    ]:
        yield {"name": name, "expect": "refused", "text": text}


def _hashes():
    for name, data in [("empty", b""), ("abc", b"abc"), ("448 bits", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                       ("1000 bytes", bytes(i % 251 for i in range(1000)))]:
        yield {"name": name, "expect": "ok", "data": b64(data), "digest": "sha256:" + hashlib.sha256(data).hexdigest()}


def _base64():
    for data in [b"", b"f", b"fo", b"foo", b"foob", b"fooba", b"foobar", bytes(range(256)), b"\xfb\xff\xfe\xfd"]:
        yield {"name": f"{len(data)} bytes" if data[:1] != b"\xfb" else "plus and slash", "expect": "ok", "text": b64(data), "hex": data.hex()}
    for name, text in [
        ("no padding", "Zg"), ("half padding", "Zg="), ("too much padding", "Zg==="), ("trailing bits of one byte", "Zh=="),
        ("trailing bits of two bytes", "Zm9="), ("URL alphabet", "-_-_"), ("space", "Zm9v Zm9v"), ("newline", "Zm9v\n"),
        ("padding inside", "Zg==Zg=="), ("padding only", "===="), ("one character", "Z"), ("five characters", "Zm9vZ"),
        ("not ASCII", "Zm\u00f6v"), ("NUL", "Zm9\x00"),
    ]:
        yield {"name": name, "expect": "refused", "text": text}


def _hex():
    yield {"name": "empty", "expect": "ok", "text": "", "base64": ""}
    yield {"name": "all digits", "expect": "ok", "text": "0123456789abcdef", "base64": b64(bytes.fromhex("0123456789abcdef"))}
    for name, text in [("capital", "AB"), ("odd", "abc"), ("prefix", "0xab"), ("space", "ab cd"), ("no hex", "zz")]:
        yield {"name": name, "expect": "refused", "text": text}


def _public():
    ed, p3 = key("keys one"), key("keys two", "p384")
    yield {"name": "ed25519", "expect": "ok", "text": ed.text, "keyid": ed.id, "raw": b64(ed.raw)}
    yield {"name": "p384", "expect": "ok", "text": p3.text, "keyid": p3.id}
    point = bytearray(p3.raw)
    point[-1] ^= 1
    compressed = bytes([2 + (p3.raw[-1] & 1)]) + p3.raw[1:49]
    p256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04" + bytes(range(64))
    unused = "\n" + ed.text
    loose = ed.text[:-1]
    assert ed.text.endswith("=")
    for name, text in [
        ("ed25519 prefix, p384 key", "ed25519:" + b64(p3.spki)), ("p384 prefix, ed25519 key", "p384:" + b64(ed.spki)),
        ("raw bytes instead of SPKI", "ed25519:" + b64(ed.raw)), ("one byte short", "ed25519:" + b64(ed.spki[:-1])),
        ("one byte long", "ed25519:" + b64(ed.spki + b"\x00")), ("X25519 OID", "ed25519:" + b64(ed.spki.replace(b"\x2b\x65\x70", b"\x2b\x65\x6e"))),
        ("no padding", loose), ("no prefix", b64(ed.spki)), ("capital prefix", "Ed25519:" + b64(ed.spki)),
        ("leading newline", unused), ("final newline", ed.text + "\n"), ("unknown algorithm", "rsa:" + b64(ed.spki)),
        ("p384 point off the curve", "p384:" + b64(p3.spki[:23] + bytes(point))),
        ("p384 point compressed", "p384:" + b64(bytes.fromhex("3046301006072a8648ce3d020106052b81040022033200") + compressed)),
        ("p384 point at infinity", "p384:" + b64(bytes.fromhex("3016301006072a8648ce3d020106052b8104002203020000"))),
        ("a P-256 key", "p384:" + b64(p256)), ("empty", ""), ("prefix only", "ed25519:"),
        ("non-minimal DER length", "ed25519:" + b64(b"\x30\x81\x2a" + ed.spki[2:])),
    ]:
        yield {"name": name, "expect": "key", "text": text}


def _private():
    for kind in ("ed25519", "p384"):
        subject = key(f"private {kind}", kind)
        yield {"name": f"PKCS#8 {kind}", "expect": "ok", "pem": subject.pem, "public": subject.text}
    subject = key("private ed25519")
    body = subject.pem.splitlines()[1]
    x25519 = base64.b64encode(subject.pkcs8.replace(b"\x2b\x65\x70", b"\x2b\x65\x6e")).decode()
    for name, pem in [
        ("empty file", ""), ("public key", "-----BEGIN PUBLIC KEY-----\n" + b64(subject.spki) + "\n-----END PUBLIC KEY-----\n"),
        ("truncated", subject.pem.replace(body, body[:-8])), ("no end line", subject.pem.rsplit("-----END", 1)[0]),
        ("X25519 key", "-----BEGIN PRIVATE KEY-----\n" + x25519 + "\n-----END PRIVATE KEY-----\n"),
        ("not base64", subject.pem.replace(body, "*" * 64)),
    ]:
        yield {"name": name, "expect": "key", "pem": pem}


def _signatures():
    message = b"the quick brown fox"
    ed, p3, other = key("signer one"), key("signer two", "p384"), key("signer three")
    good = ed.sign(message)
    s = int.from_bytes(good[32:], "little") + ed25519.L
    cases = [
        ("ed25519", "ok", ed, message, good),
        ("ed25519 of nothing", "ok", ed, b"", ed.sign(b"")),
        ("ed25519, another message", "refused", ed, message + b"s", good),
        ("ed25519, another key", "refused", other, message, good),
        ("ed25519, R flipped", "refused", ed, message, bytes([good[0] ^ 1]) + good[1:]),
        ("ed25519, S flipped", "refused", ed, message, good[:32] + bytes([good[32] ^ 1]) + good[33:]),
        ("ed25519, S plus the group order", "refused", ed, message, good[:32] + s.to_bytes(32, "little")),
        ("ed25519, one byte short", "refused", ed, message, good[:-1]),
        ("ed25519, one byte long", "refused", ed, message, good + b"\x00"),
        ("ed25519, empty signature", "refused", ed, message, b""),
        ("ed25519, zeros", "refused", ed, message, bytes(64)),
    ]
    der = p3.sign(message)
    size = der[3]
    r = int.from_bytes(der[4 : 4 + size], "big")
    t = int.from_bytes(der[6 + size :], "big")
    cases += [
        ("p384, DER", "ok", p3, message, der),
        ("p384, another message", "refused", p3, message + b"s", der),
        ("p384, as two raw integers", "refused", p3, message, r.to_bytes(48, "big") + t.to_bytes(48, "big")),
        ("p384, trailing byte", "refused", p3, message, der + b"\x00"),
        ("p384, flipped", "refused", p3, message, der[:-1] + bytes([der[-1] ^ 1])),
        ("p384, r and s zero", "refused", p3, message, bytes.fromhex("3006020100020100")),
        ("p384, ed25519 signature", "refused", p3, message, good),
    ]
    assert 0 < r < p384.N
    for name, expect, subject, text, signature in cases:
        yield {"name": name, "expect": expect, "key": subject.text, "message": b64(text), "signature": b64(signature)}


def files():
    contract = "contract: digests, keys, base64"
    return {
        "digest.json": vectors("Digest text and its hex digits; a refused one gives no digest", contract, list(_digests())),
        "sha256.json": vectors("SHA-256 of bytes", "FIPS 180-4", list(_hashes())),
        "base64.json": vectors("Canonical padded base64 and the hex of its bytes", "RFC 4648, 3.5 and 4", list(_base64())),
        "hex.json": vectors("Lower-case hex and the base64 of its bytes", contract, list(_hex())),
        "public.json": vectors(
            "Public key text; keyid is the hex SHA-256 of the SPKI DER; code `key` when refused",
            contract + "; RFC 8410; RFC 5480", list(_public())),
        "private.json": vectors("PKCS#8 files and their public key; code `key` when refused", "RFC 5958; RFC 8410", list(_private())),
        "signature.json": vectors(
            "Raw signatures: Ed25519 over the message; P-384 as ECDSA with SHA-384 in DER; `refused` verifies to false",
            "RFC 8032; FIPS 186-5; RFC 3279", list(_signatures())),
    }

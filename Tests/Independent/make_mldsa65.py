#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Makes Tests/Fixtures/notes/mldsa65.json: a note under an Ed25519 and an ML-DSA-65 key, without any code of the project.

Needs the Python package `cryptography` (48 or later, whose OpenSSL has ML-DSA); the tests read the file and need nothing.
Written from FIPS 204, RFC 9881, c2sp.org/signed-note and docs/audit-format.md. ML-DSA signatures are hedged, so two runs differ.
With --check FILE it reads a note from FILE instead, and the verifier key from --vkey, and exits 0 when the ML-DSA-65 line holds.
"""
import argparse
import base64
import hashlib
import json
import os
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

IDENTIFIER = b"urn:atomic:note:mldsa65:v1"
DASH = "\u2014"


def b64(data):
    return base64.b64encode(data).decode()


def key_id(name, kind, raw):
    return hashlib.sha256(name.encode() + b"\n" + kind + raw).digest()[:4]


def check(path, vkey):
    name, digits, blob = vkey.split("+", 2)
    blob = base64.b64decode(blob)
    assert blob[:1] == b"\xff" and blob[1:1 + len(IDENTIFIER)] == IDENTIFIER, "not a verifier key of this type"
    raw = blob[1 + len(IDENTIFIER):]
    hint = key_id(name, b"\xff" + IDENTIFIER, raw)
    assert hint.hex() == digits, "the hash in the verifier key"
    text, lines = open(path, encoding="utf-8", newline="").read().rsplit("\n\n", 1)
    mine = [base64.b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.split(" ")[1] == name]
    mine = [each[4:] for each in mine if each[:4] == hint]
    if len(mine) != 1:
        return f"{len(mine)} lines of the key"
    try:
        mldsa.MLDSA65PublicKey.from_public_bytes(raw).verify(mine[0], (text + "\n").encode(), context=IDENTIFIER)
    except InvalidSignature:
        return "the signature does not fit"
    return None


def make(path):
    seed = hashlib.sha256(b"atomic test vector: mldsa65").digest()
    second = mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)
    first = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"atomic test vector: ed25519").digest())
    raw, own = second.public_key().public_bytes_raw(), first.public_key().public_bytes_raw()
    name = "atomic.example/quantum"
    root = hashlib.sha256(b"").digest()
    text = f"{name}\n0\n{b64(root)}\n"
    hint, kind = key_id(name, b"\xff" + IDENTIFIER, raw), b"\xff" + IDENTIFIER
    one = f"{DASH} {name} {b64(key_id(name, bytes([1]), own) + first.sign(text.encode()))}\n"
    two = f"{DASH} {name} {b64(hint + second.sign(text.encode(), context=IDENTIFIER))}\n"
    other = f"{DASH} {name} {b64(hint + second.sign(text.encode()))}\n"
    spki = second.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem = second.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    case = {
        "about": "An empty log's checkpoint under an Ed25519 and an ML-DSA-65 key; `withoutContext` has a signature of the text under no context string.",
        "source": f"Tests/Independent/make_mldsa65.py, Python cryptography with {backend.openssl_version_text()}",
        "seed": b64(seed), "key": "mldsa65:" + b64(spki), "pem": pem.decode(), "keyID": hint.hex(),
        "vkey": f"{name}+{key_id(name, bytes([1]), own).hex()}+{b64(bytes([1]) + own)}",
        "postQuantumVkey": f"{name}+{hint.hex()}+{b64(kind + raw)}",
        "note": text + "\n" + one + two, "withoutContext": text + "\n" + one + other, "root": b64(root),
    }
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(case, file, indent=1, ensure_ascii=False)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", metavar="FILE")
    parser.add_argument("--vkey")
    options = parser.parse_args()
    if options.check:
        trouble = check(options.check, options.vkey)
        print(trouble or "verified")
        return 4 if trouble else 0
    make(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "notes", "mldsa65.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Fixed test keys by name, their SPKI strings, key ids and PKCS#8 files. Never use one outside tests."""
import base64
import functools
import hashlib

from . import ed25519, p384

_ED_SPKI = bytes.fromhex("302a300506032b6570032100")
_ED_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
_P384_SPKI = bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200")
_P384_PKCS8 = bytes.fromhex("3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430")
_P384_PKCS8_PUBLIC = bytes.fromhex("a164036200")


def seed(name):
    return hashlib.sha256(b"atomic test vector key: " + name.encode()).digest()


class Key:
    def __init__(self, name, kind="ed25519"):
        self.name, self.kind, self.seed = name, kind, seed(name)
        if kind == "ed25519":
            self.raw = ed25519.public(self.seed)
            self.spki = _ED_SPKI + self.raw
            self.pkcs8 = _ED_PKCS8 + self.seed
        else:
            self.raw = p384.public(self.seed)
            self.spki = _P384_SPKI + self.raw
            scalar = p384.scalar(self.seed).to_bytes(48, "big")
            self.pkcs8 = _P384_PKCS8 + scalar + _P384_PKCS8_PUBLIC + self.raw
        self.text = kind + ":" + base64.b64encode(self.spki).decode()
        self.id = hashlib.sha256(self.spki).hexdigest()

    def sign(self, message):
        return (ed25519 if self.kind == "ed25519" else p384).sign(self.seed, message)

    @property
    def pem(self):
        body = base64.b64encode(self.pkcs8).decode()
        lines = [body[i : i + 64] for i in range(0, len(body), 64)]
        return "-----BEGIN PRIVATE KEY-----\n" + "\n".join(lines) + "\n-----END PRIVATE KEY-----\n"


@functools.cache
def key(name, kind="ed25519"):
    return Key(name, kind)

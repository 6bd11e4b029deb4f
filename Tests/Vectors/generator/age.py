# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""age v1 files (c2sp.org/age) with X25519 recipients, file key and nonces fixed: for vectors only, never for secrets."""
import base64
import hashlib
import hmac

from . import chacha, ed25519

CHUNK = 64 * 1024
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def raw64(data):
    return base64.b64encode(data).decode().rstrip("=")


def _polymod(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> i & 1:
                check ^= generator
    return check


def bech32(prefix, data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod(expanded + values + [0] * 6) ^ 1
    return prefix + "1" + "".join(_CHARSET[v] for v in values + [check >> 5 * (5 - i) & 31 for i in range(6)])


class Identity:
    def __init__(self, name):
        self.secret = hashlib.sha256(b"atomic test vector age identity: " + name.encode()).digest()
        self.public = ed25519.x25519_public(self.secret)
        self.recipient = bech32("age", self.public)
        self.text = bech32("age-secret-key-", self.secret).upper()

    @property
    def file(self):
        return f"# created: 2026-11-21T00:00:00Z\n# public key: {self.recipient}\n{self.text}\n"


def fixed(name, count):
    return hashlib.sha256(b"atomic test vector age value: " + name.encode()).digest()[:count]


def wrapped(body):
    text = raw64(body)
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    if len(text) % 64 == 0:
        lines.append("")
    return "".join(line + "\n" for line in lines)


def stanza(arguments, body):
    return "-> " + " ".join(arguments) + "\n" + wrapped(body)


def x25519_stanza(identity, file_key, name):
    ephemeral = fixed("ephemeral " + name, 32)
    share = ed25519.x25519_public(ephemeral)
    shared = ed25519.x25519(ephemeral, identity.public)
    key = chacha.hkdf(shared, share + identity.public, b"age-encryption.org/v1/X25519")
    return stanza(["X25519", raw64(share)], chacha.seal(key, bytes(12), file_key))


def mac(file_key, header):
    """`header` ends with the three dashes."""
    return hmac.digest(chacha.hkdf(file_key, b"", b"header"), header.encode(), "sha256")


def header(file_key, stanzas, version="age-encryption.org/v1"):
    text = version + "\n" + "".join(stanzas) + "---"
    return (text + " " + raw64(mac(file_key, text)) + "\n").encode()


def chunks(file_key, nonce, parts):
    """`parts` are (counter, final, plaintext) as they shall be sealed."""
    key = chacha.hkdf(file_key, nonce, b"payload")
    return [chacha.seal(key, counter.to_bytes(11, "big") + bytes([final]), data) for counter, final, data in parts]


def split(plaintext):
    pieces = [plaintext[i : i + CHUNK] for i in range(0, len(plaintext), CHUNK)] or [b""]
    return [(i, i == len(pieces) - 1, piece) for i, piece in enumerate(pieces)]


def payload(file_key, nonce, plaintext):
    return nonce + b"".join(chunks(file_key, nonce, split(plaintext)))


def encrypt(plaintext, identities, name):
    """A whole file for these identities, reproducible from `name`."""
    file_key, nonce = fixed("file key " + name, 16), fixed("nonce " + name, 16)
    stanzas = [x25519_stanza(identity, file_key, f"{name} {i}") for i, identity in enumerate(identities)]
    return header(file_key, stanzas) + payload(file_key, nonce, plaintext)


def armor(data):
    text = base64.b64encode(data).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return ("-----BEGIN AGE ENCRYPTED FILE-----\n" + "".join(line + "\n" for line in lines) + "-----END AGE ENCRYPTED FILE-----\n").encode()

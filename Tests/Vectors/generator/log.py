# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""RFC 6962 trees, C2SP tiles, notes, checkpoints and proofs."""
import base64
import hashlib

from .output import b64


def leaf(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count):
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def root(leaves):
    """MTH of leaf hashes (RFC 6962, 2.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def inclusion(index, leaves):
    """PATH (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return inclusion(index, leaves[:k]) + [root(leaves[k:])]
    return inclusion(index - k, leaves[k:]) + [root(leaves[:k])]


def _subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return _subproof(m, leaves[:k], whole) + [root(leaves[k:])]
    return _subproof(m - k, leaves[k:], False) + [root(leaves[:k])]


def consistency(m, leaves):
    """PROOF (RFC 6962, 2.1.2); empty for m == 0 and m == n."""
    return _subproof(m, leaves, True) if m else []


def tile_number(n):
    text = f"{n % 1000:03d}"
    while n >= 1000:
        n //= 1000
        text = f"x{n % 1000:03d}/{text}"
    return text


def tiles(entries):
    """Path → bytes of every tile and entry bundle that a tree of these entries has."""
    found = {}
    level, hashes = 0, [leaf(entry) for entry in entries]
    while hashes:
        for n in range((len(hashes) + 255) // 256):
            part = hashes[n * 256 : n * 256 + 256]
            tail = "" if len(part) == 256 else f".p/{len(part)}"
            found[f"tile/{level}/{tile_number(n)}{tail}"] = b"".join(part)
            if level == 0:
                raw = entries[n * 256 : n * 256 + 256]
                found[f"tile/entries/{tile_number(n)}{tail}"] = b"".join(len(e).to_bytes(2, "big") + e for e in raw)
        hashes = [root(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
        level += 1
    return found


def key_hash(name, key, kind=1):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key.raw).digest()[:4]


def vkey(name, key):
    return f"{name}+{key_hash(name, key).hex()}+{b64(bytes([1]) + key.raw)}"


def signature_line(name, key, text, hash_=None, signature=None):
    raw = (hash_ or key_hash(name, key)) + (key.sign(text.encode()) if signature is None else signature)
    return f"\u2014 {name} {base64.b64encode(raw).decode()}\n"


def body(origin, size, top):
    return f"{origin}\n{size}\n{b64(top)}\n"


def checkpoint(origin, key, leaves):
    text = body(origin, len(leaves), root(leaves))
    return text + "\n" + signature_line(origin, key, text)


def tlog_proof(index, leaves, note):
    hashes = "".join(b64(each) + "\n" for each in inclusion(index, leaves))
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"

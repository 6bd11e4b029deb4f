# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Data-class labels: in-toto Statements over a ciphertext digest, signed by the data owner."""
import hashlib

from . import clock, dsse, jcs
from .output import b64

PREDICATE = "urn:atomic:label:v1"


def predicate(origin, **changes):
    """A label's predicate; `origin` is that of the room's log; `owner` the owner's id in policy and trust file."""
    return {
        "class": "pii", "purposes": ["customer-support"], "owner": "clinic-desk", "serial": 1, "room": origin,
        "notBefore": clock.at(-86400), "expires": clock.at(86400 * 30), "retention": "30d",
        "salt": b64(hashlib.sha256(b"label salt").digest()[:16]), **changes,
    }


def statement(ciphertext, content, name="message.eml.age"):
    return dsse.statement([(name, hashlib.sha256(ciphertext).hexdigest())], PREDICATE, content)


def encoded(keys, content, signatures=None):
    return dsse.encoded(dsse.IN_TOTO, jcs.encode(content), keys, signatures)

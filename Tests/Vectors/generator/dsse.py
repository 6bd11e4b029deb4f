# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""DSSE v1 envelopes (secure-systems-lab/dsse, envelope.md and protocol.md) and in-toto Statements v1."""
from . import jcs
from .output import b64

IN_TOTO = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"


def pae(payload_type, payload):
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def signature(key, payload_type, payload):
    return {"keyid": key.id, "sig": b64(key.sign(pae(payload_type, payload)))}


def envelope(payload_type, payload, keys, signatures=None):
    if signatures is None:
        signatures = [signature(key, payload_type, payload) for key in keys]
    return {"payload": b64(payload), "payloadType": payload_type, "signatures": signatures}


def encoded(payload_type, payload, keys, signatures=None):
    return jcs.encode(envelope(payload_type, payload, keys, signatures))


def statement(subjects, predicate_type, predicate):
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        "predicateType": predicate_type,
        "predicate": predicate,
    }

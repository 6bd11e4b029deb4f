# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""DSSE envelopes: the pre-authentication encoding, and which trusted keys signed."""
from .. import dsse, jcs
from ..keys import key
from ..output import b64, vectors

FOLDER = "dsse"


def _pae():
    for name, kind, payload in [
        ("the sample of the specification", "http://example.com/HelloWorld", b"hello world"),
        ("empty", "", b""), ("binary", dsse.IN_TOTO, bytes(range(256))),
        ("lengths are of bytes, not of characters", "t\u00ffpe", "\u20ac".encode()),
        ("a payload that looks like a header", "a", b"DSSEv1 1 a 0 "),
    ]:
        yield {"name": name, "expect": "ok", "payloadType": kind, "payload": b64(payload), "pae": b64(dsse.pae(kind, payload))}


def _envelopes():
    one, two, stranger = key("dsse one"), key("dsse two", "p384"), key("dsse stranger")
    kind, payload = dsse.IN_TOTO, b'{"hello":"world"}'

    def sign(*keys):
        return [dsse.signature(each, kind, payload) for each in keys]

    def case(name, envelope, signers, trusted=(one, two), why=None):
        raw = envelope if isinstance(envelope, bytes) else jcs.encode(envelope)
        found = {"name": name, "expect": "ok", "envelope": b64(raw), "keys": [each.text for each in trusted], "signers": sorted(each.text for each in signers)}
        return {**found, "why": why} if why else found

    def make(signatures, **changes):
        return {**dsse.envelope(kind, payload, [], signatures), **changes}

    first = sign(one)[0]
    yield case("one ed25519 signature", make(sign(one)), [one])
    yield case("one p384 signature", make(sign(two)), [two])
    yield case("two signatures", make(sign(one, two)), [one, two])
    yield case("two signatures in the other order", make(sign(two, one)), [one, two])
    yield case("a stranger beside a trusted key", make(sign(stranger, one)), [one])
    yield case("only a stranger", make(sign(stranger)), [])
    yield case("no trusted keys at all", make(sign(one)), [], trusted=())
    yield case("the same signature twice counts once", make([first, first]), [one], why="a threshold counts distinct keys")
    yield case("wrong keyid", make([{**first, "keyid": stranger.id}]), [], why="contract: the keyid must match a trusted key")
    yield case("another trusted key's keyid", make([{**first, "keyid": two.id}]), [], why="contract: the keyid must match the key that signed")
    yield case("empty keyid", make([{**first, "keyid": ""}]), [], why="contract: the keyid must match a trusted key")
    yield case("keyid in capitals", make([{**first, "keyid": one.id.upper()}]), [])
    yield case("payload changed", make(sign(one), payload=b64(b'{"hello":"there"}')), [])
    yield case("payload type changed", make(sign(one), payloadType="text/plain"), [], why="the type is signed")
    yield case("signed without the pre-authentication encoding", make([{"keyid": one.id, "sig": b64(one.sign(payload))}]), [])
    broken = bytearray(one.sign(dsse.pae(kind, payload)))
    broken[10] ^= 4
    yield case("signature flipped", make([{"keyid": one.id, "sig": b64(bytes(broken))}]), [])
    yield case("empty signature", make([{"keyid": one.id, "sig": ""}]), [])
    yield case("a bad and a good signature of one key", make([{"keyid": one.id, "sig": b64(bytes(broken))}, first]), [one])
    yield case("no signatures", make([]), [])

    for name, raw in [
        ("unknown field", jcs.encode(make(sign(one), extra=1))), ("missing payload", jcs.encode({"payloadType": kind, "signatures": sign(one)})),
        ("missing signatures", jcs.encode({"payload": b64(payload), "payloadType": kind})),
        ("unknown field in a signature", jcs.encode(make([{**first, "cert": ""}]))), ("signature without keyid", jcs.encode(make([{"sig": first["sig"]}]))),
        ("payload without padding", jcs.encode(make(sign(one), payload="eyJhIjoxfQ"))), ("payload in URL base64", jcs.encode(make(sign(one), payload="_-_-"))),
        ("signature not base64", jcs.encode(make([{"keyid": one.id, "sig": "*"}]))), ("not canonical", jcs.encode(make(sign(one))) + b"\n"),
        ("duplicate field", jcs.encode(make(sign(one)))[:-1] + b',"payload":""}'), ("not JSON", b"envelope"), ("empty", b""),
    ]:
        yield {"name": name, "expect": "envelope", "envelope": b64(raw), "keys": [one.text], "signers": []}


def files():
    source = "secure-systems-lab/dsse v1.0 protocol.md; contract"
    return {
        "pae.json": vectors("The bytes that a DSSE signature covers", source, list(_pae())),
        "envelope.json": vectors(
            "Canonical envelopes, the keys that are trusted, and those of them that count as signers; code `envelope` when unreadable",
            source, list(_envelopes())),
    }

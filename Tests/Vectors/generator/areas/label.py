# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Labels as `X.age.label` holds them, and what the room that reads them must answer."""
from .. import clock, dsse, jcs, label
from ..keys import key
from ..output import b64, vectors

FOLDER = "label"

ROOM = "atomic.example/clinic"
CIPHERTEXT = b"age-encryption.org/v1 stands for any ciphertext"


def _cases():
    owner, second, stranger = key("label owner"), key("label second owner", "p384"), key("label stranger")
    owners = {"clinic-desk": owner.text, "lab": second.text}
    good = label.statement(CIPHERTEXT, label.predicate(ROOM))

    def case(name, expect, file, why=None, **changes):
        found = {
            "name": name, "expect": expect, "file": b64(file), "ciphertext": jcs.digest(CIPHERTEXT), "room": ROOM, "owners": owners,
            "now": clock.at(0), "highestSerial": None, **changes,
        }
        if expect == "ok":
            found["predicate"] = changes.get("predicate", good["predicate"])
        if why:
            found["why"] = why
        return found

    def variant(name, expect, why=None, keys=(owner,), **changes):
        content = label.statement(CIPHERTEXT, label.predicate(ROOM, **changes))
        more = {"predicate": content["predicate"]} if expect == "ok" else {}
        return case(name, expect, label.encoded(keys, content), why, **more)

    file = label.encoded([owner], good)
    yield case("good", "ok", file)
    yield variant("good, signed with P-384", "ok", keys=(second,), owner="lab")
    yield variant("good, several purposes", "ok", purposes=["billing", "customer-support"])
    yield case("same serial again", "ok", file, highestSerial=1)
    yield variant("newer serial", "ok", serial=7) | {"highestSerial": 6}
    yield case("at the first moment", "ok", file, now=good["predicate"]["notBefore"])
    yield case("older serial", "label-replayed", file, "an owner who raised the class must not be rolled back", highestSerial=2)
    yield case("another ciphertext", "label-subject", file, ciphertext=jcs.digest(b"another"))
    yield case("another room", "label-room", file, room="atomic.example/other")
    yield variant("made for another room", "label-room", room="atomic.example/other")
    yield variant("room in capitals", "label-room", room=ROOM.upper())
    yield case("a moment too early", "label-not-yet-valid", file, now=clock.at(-86401, 999_999_999))
    yield case("at its end", "label-expired", file, "[notBefore, expires)", now=good["predicate"]["expires"])
    yield case("long expired", "label-expired", file, now=clock.at(86400 * 400))
    yield variant("unknown owner", "label-owner", owner="nobody")
    yield variant("owner of another key", "label-owner", owner="lab")
    yield variant("signed by a stranger", "label-owner", keys=(stranger,))
    yield variant("signed by two keys", "signature", "exactly one signature is expected", keys=(owner, second))
    yield variant("signed by owner and stranger", "signature", "exactly one signature is expected", keys=(owner, stranger))
    yield variant("not signed", "signature", keys=())
    payload = jcs.encode(good)
    once = dsse.signature(owner, dsse.IN_TOTO, payload)
    yield case("the same signature twice", "signature", label.encoded([], good, [once, once]))
    yield case("stranger's signature under the owner's keyid", "signature",
               label.encoded([], good, [{**dsse.signature(stranger, dsse.IN_TOTO, payload), "keyid": owner.id}]))
    raised = label.statement(CIPHERTEXT, label.predicate(ROOM, **{"class": "public"}))
    yield case("class changed after signing", "signature", label.encoded([], raised, [once]))
    yield case("signed as another payload type", "statement", dsse.encoded("text/plain", payload, [owner]))
    for name, content in [
        ("another statement type", {**good, "_type": "https://in-toto.io/Statement/v0.1"}),
        ("another predicate type", {**good, "predicateType": "urn:atomic:label:v2"}),
        ("unknown field in the statement", {**good, "comment": "x"}),
        ("unknown field in the predicate", {**good, "predicate": {**good["predicate"], "comment": "x"}}),
        ("unknown field in the subject", {**good, "subject": [{**good["subject"][0], "uri": "x"}]}),
        ("a second digest algorithm", {**good, "subject": [{**good["subject"][0], "digest": {**good["subject"][0]["digest"], "sha1": "0" * 40}}]}),
        ("no class", {**good, "predicate": {k: v for k, v in good["predicate"].items() if k != "class"}}),
        ("serial as text", {**good, "predicate": {**good["predicate"], "serial": "1"}}),
        ("time without digits", {**good, "predicate": {**good["predicate"], "expires": "2026-12-21T10:00:00Z"}}),
        ("capitals in the digest", {**good, "subject": [{"name": "x", "digest": {"sha256": good["subject"][0]["digest"]["sha256"].upper()}}]}),
    ]:
        yield case(name, "statement", label.encoded([owner], content))
    yield case("no subject", "label-subject", label.encoded([owner], {**good, "subject": []}))
    yield case("two subjects", "label-subject", label.encoded([owner], {**good, "subject": good["subject"] * 2}))
    yield case("statement not canonical", "statement", dsse.encoded(dsse.IN_TOTO, payload + b"\n", [owner]))
    yield case("statement not JSON", "statement", dsse.encoded(dsse.IN_TOTO, b"label", [owner]))
    yield case("envelope not canonical", "envelope", file + b"\n")
    yield case("envelope empty", "envelope", b"")
    yield case("envelope with an unknown field", "envelope", file[:-1] + b',"x":1}')
    yield case("no owners are known", "label-owner", file, owners={})


def files():
    return {
        "label.json": vectors(
            "Label files with the ciphertext, room, owners' keys, clock and highest serial seen for that ciphertext. `room` is the origin of the room's log.",
            "in-toto Statement v1; DSSE v1; contract: Label", list(_cases()))
    }

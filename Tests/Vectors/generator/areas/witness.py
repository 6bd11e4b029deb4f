# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Witnesses: verifier keys and cosignatures (C2SP tlog-cosignature), requests and a witness's answers (C2SP tlog-witness)."""
import base64

from .. import log
from ..keys import key
from ..output import b64, vectors

FOLDER = "witness"

ORIGIN = "atomic.example/clinic"
WITNESS = "witness.example/w1"
NOW = 1_790_000_000
LEAVES = [log.leaf(b"entry %d" % i) for i in range(40)]
FORKED = [*LEAVES[:5], log.leaf(b"another"), *LEAVES[6:]]


def cosigned_message(text, time):
    return b"cosignature/v1\ntime %d\n" % time + text.encode()


def cosignature(text, time, name=WITNESS, signer="witness", kind=4, signature=None, stamp=None):
    """A signature line of type 0x04."""
    subject = key(signer)
    proper = subject.sign(cosigned_message(text, time)) if signature is None else signature
    raw = log.key_hash(name, subject, kind) + (time if stamp is None else stamp).to_bytes(8, "big") + proper
    return f"\u2014 {name} {base64.b64encode(raw).decode()}\n"


def witness_line(text):
    """The first witness's cosignature under a checkpoint."""
    return cosignature(text, NOW)


def vkey(name, subject, kind=4):
    return f"{name}+{log.key_hash(name, subject, kind).hex()}+{b64(bytes([kind]) + subject.raw)}"


def _vkeys():
    good = vkey(WITNESS, key("witness"))
    yield {"name": "a witness's key", "expect": "ok", "text": good, "keyName": WITNESS, "key": key("witness").text}
    yield {"name": "a note key of type 1", "expect": "note", "text": log.vkey(WITNESS, key("witness")), "why": "it signs notes, not cosignatures"}
    yield {"name": "type 4 with the hash of type 1", "expect": "note",
           "text": f"{WITNESS}+{log.key_hash(WITNESS, key('witness'), 1).hex()}+{b64(bytes([4]) + key('witness').raw)}"}
    yield {"name": "another name", "expect": "note", "text": good.replace("w1", "w2")}
    yield {"name": "a name with a space", "expect": "note", "text": vkey("witness example", key("witness"))}
    yield {"name": "no name", "expect": "note", "text": vkey("", key("witness"))}
    yield {"name": "a byte more", "expect": "note", "text": f"{WITNESS}+{log.key_hash(WITNESS, key('witness'), 4).hex()}+{b64(bytes([4]) + key('witness').raw + bytes(1))}"}
    yield {"name": "a small-order point", "expect": "note", "why": "anybody can sign for it",
           "text": f"{WITNESS}+00000000+{b64(bytes([4]) + (1).to_bytes(32, 'little'))}"}
    yield {"name": "two parts", "expect": "note", "text": good.rsplit("+", 1)[0]}


def _note(leaves, size, signer="log", origin=ORIGIN, lines=""):
    text = log.body(origin, size, log.root(leaves[:size]))
    return text + "\n" + log.signature_line(origin, key(signer), text) + lines


def _text(size):
    return log.body(ORIGIN, size, log.root(LEAVES[:size]))


def _cosignatures():
    text = _text(7)
    base = {"vkeys": [vkey(WITNESS, key("witness")), vkey("witness.example/w2", key("witness 2"))]}
    one = cosignature(text, NOW)
    two = cosignature(text, NOW + 5, "witness.example/w2", "witness 2")

    def case(name, expect, lines, signers=(), times=(), why=None):
        found = {"name": name, "expect": expect, **base, "note": b64(_note(LEAVES, 7, lines=lines).encode()),
                 "signers": list(signers), "times": [str(each) for each in times]}
        return {**found, "why": why} if why else found

    w1, w2 = WITNESS, "witness.example/w2"
    yield {**case("one witness", "ok", one, [w1], [NOW]), "line": one, "text": b64(text.encode())}
    yield case("two witnesses, in either order", "ok", two + one, [w1, w2], [NOW, NOW + 5])
    yield case("none", "ok", "")
    yield case("a witness that nobody knows", "ok", cosignature(text, NOW, "witness.example/w3", "witness 3"), why="unknown lines are ignored")
    yield case("the right name and another key", "ok", cosignature(text, NOW, signer="witness 3"), why="another key id is another key")
    yield case("the same line twice", "ok", one + one, [w1], [NOW], why="one witness counts once")
    yield case("two times of one witness", "ok", one + cosignature(text, NOW + 9), [w1], [NOW])
    yield case("at the beginning of time", "ok", cosignature(text, 0), [w1], [0])
    yield case("the last second there is", "ok", cosignature(text, 2**63 - 1), [w1], [2**63 - 1])
    yield case("a time past that", "signature", cosignature(text, 2**63))
    yield case("another time than was signed", "signature", cosignature(text, NOW, stamp=NOW + 1))
    yield case("another checkpoint", "signature", cosignature(_text(8), NOW))
    flipped = bytearray(key("witness").sign(cosigned_message(text, NOW)))
    flipped[20] ^= 1
    yield case("a bit flipped", "signature", cosignature(text, NOW, signature=bytes(flipped)))
    yield case("a signature without the header", "signature", cosignature(text, NOW, signature=key("witness").sign(text.encode())), why="a note signature is no cosignature")
    yield case("a byte short", "signature", cosignature(text, NOW, signature=key("witness").sign(cosigned_message(text, NOW))[:-1]))
    yield case("a byte more", "signature", cosignature(text, NOW, signature=key("witness").sign(cosigned_message(text, NOW)) + bytes(1)))


def _request(old, proof, note):
    return f"old {old}\n" + "".join(b64(each) + "\n" for each in proof) + "\n" + note


def _requests():
    good = _request(5, log.consistency(5, LEAVES[:20]), _note(LEAVES, 20))
    yield {"name": "a request", "expect": "ok", "body": b64(good.encode()), "old": 5, "proof": [b64(each) for each in log.consistency(5, LEAVES[:20])],
           "note": b64(_note(LEAVES, 20).encode())}
    yield {"name": "from nothing", "expect": "ok", "body": b64(_request(0, [], _note(LEAVES, 3)).encode()), "old": 0, "proof": [], "note": b64(_note(LEAVES, 3).encode())}
    yield {"name": "63 lines", "expect": "ok", "body": b64(_request(5, [bytes(32)] * 63, _note(LEAVES, 20)).encode()), "old": 5, "proof": [b64(bytes(32))] * 63,
           "note": b64(_note(LEAVES, 20).encode())}

    def bad(name, body, expect="proof"):
        return {"name": name, "expect": expect, "body": b64(body if isinstance(body, bytes) else body.encode())}

    yield bad("64 lines", _request(5, [bytes(32)] * 64, _note(LEAVES, 20)))
    yield bad("nothing", "")
    yield bad("garbage", bytes(range(256)) * 4)
    yield bad("a newline", "\n")
    yield bad("two newlines", "\n\n")
    yield bad("no old line", good.split("\n", 1)[1])
    yield bad("a leading zero", good.replace("old 5\n", "old 05\n"))
    yield bad("a sign", good.replace("old 5\n", "old +5\n"))
    yield bad("negative", good.replace("old 5\n", "old -5\n"))
    yield bad("two spaces", good.replace("old 5\n", "old  5\n"))
    yield bad("a space behind", good.replace("old 5\n", "old 5 \n"))
    yield bad("past 2^64", good.replace("old 5\n", "old 18446744073709551616\n"))
    yield bad("in capitals", good.replace("old 5\n", "Old 5\n"))
    yield bad("carriage returns", good.replace("\n", "\r\n"))
    yield bad("a carriage return after the size", good.replace("old 5\n", "old 5\r\n"))
    yield bad("a hash of 31 bytes", _request(5, [bytes(31)], _note(LEAVES, 20)))
    yield bad("a hash of 33 bytes", _request(5, [bytes(33)], _note(LEAVES, 20)))
    yield bad("base64 that is not canonical", good.replace(b64(log.consistency(5, LEAVES[:20])[0]), b64(log.consistency(5, LEAVES[:20])[0]).rstrip("=")))
    yield bad("no empty line", good.replace("\n\n", "\n", 1))
    yield bad("no checkpoint", "old 5\n\n", "note")
    yield bad("a checkpoint without a signature", "old 0\n\n" + _text(3), "note")
    yield bad("no newline at the end", good[:-1], "note")
    yield {"name": "too large", "expect": "proof", "body": b64(good.encode()), "padding": 65_536, "why": "so many zero bytes follow"}


def _answers():
    trusted = [log.vkey(ORIGIN, key("log"))]
    proof = log.consistency

    def case(name, status, latest, body, **more):
        size, leaves = latest
        raw = body if isinstance(body, bytes) else body.encode()
        found = {"name": name, "expect": str(status), "logs": trusted, "latestSize": size, "latestRoot": b64(log.root(leaves[:size])), "body": b64(raw), **more}
        if status == 409:
            found["answer"] = f"{size}\n"
        return found

    def signed(name, latest, old, size, **more):
        return case(name, 200, latest, _request(old, proof(old, LEAVES[:size]), _note(LEAVES, size)), size=size, root=b64(log.root(LEAVES[:size])),
                    answer=cosignature(_text(size), NOW), **more)

    nothing, five = (0, LEAVES), (5, LEAVES)
    yield signed("the first checkpoint", nothing, 0, 7)
    yield signed("an empty log", nothing, 0, 0)
    yield signed("a log that grew", five, 5, 20)
    yield signed("by one", five, 5, 6)
    yield signed("from a power of two", (16, LEAVES), 16, 33)
    yield signed("the same checkpoint again", five, 5, 5)
    more = log.signature_line("other.example", key("log 2"), _text(20))
    yield case("with lines of keys that nobody knows", 200, five, _request(5, proof(5, LEAVES[:20]), _note(LEAVES, 20, lines=more)), size=20,
               root=b64(log.root(LEAVES[:20])), answer=cosignature(_text(20), NOW))
    extended = _text(20) + "an extension\n"
    yield case("with an extension line", 200, five, _request(5, proof(5, LEAVES[:20]), extended + "\n" + log.signature_line(ORIGIN, key("log"), extended)), size=20,
               root=b64(log.root(LEAVES[:20])), answer=cosignature(extended, NOW), why="the whole text is signed")

    yield case("an old size that is too small", 409, five, _request(4, proof(4, LEAVES[:20]), _note(LEAVES, 20)))
    yield case("an old size of zero", 409, five, _request(0, [], _note(LEAVES, 20)), why="how a client asks for the size")
    yield case("an old size that is too large", 409, five, _request(6, proof(6, LEAVES[:20]), _note(LEAVES, 20)))
    yield case("an old size, and the witness knows nothing", 409, nothing, _request(5, proof(5, LEAVES[:20]), _note(LEAVES, 20)))
    yield case("a rollback", 409, (20, LEAVES), _request(5, proof(5, LEAVES[:7]), _note(LEAVES, 7)))
    yield case("a rollback that says so", 400, (20, LEAVES), _request(20, [], _note(LEAVES, 7)), why="the old size is above the checkpoint's")
    yield case("a split view of the same size", 409, (20, LEAVES), _request(20, [], _note(FORKED, 20)))
    yield case("a split view of the same size, with a proof", 409, (20, LEAVES), _request(20, [bytes(32)], _note(FORKED, 20)))
    yield case("a split view that grew", 422, (10, LEAVES), _request(10, proof(10, FORKED[:20]), _note(FORKED, 20)))
    yield case("a split view with the honest log's proof", 422, (10, LEAVES), _request(10, proof(10, LEAVES[:20]), _note(FORKED, 20)))
    yield case("no proof", 422, five, _request(5, [], _note(LEAVES, 20)))
    yield case("a hash missing", 422, five, _request(5, proof(5, LEAVES[:20])[:-1], _note(LEAVES, 20)))
    yield case("a hash more", 422, five, _request(5, [*proof(5, LEAVES[:20]), bytes(32)], _note(LEAVES, 20)))
    yield case("63 hashes", 422, five, _request(5, [bytes(32)] * 63, _note(LEAVES, 20)))
    yield case("64 hashes", 400, five, _request(5, [bytes(32)] * 64, _note(LEAVES, 20)))
    yield case("a proof from nothing", 422, nothing, _request(0, [bytes(32)], _note(LEAVES, 7)))
    yield case("a proof where nothing was added", 422, five, _request(5, [bytes(32)], _note(LEAVES, 5)))
    wrong = log.body(ORIGIN, 0, bytes(32))
    yield case("an empty log with a root of its own", 409, nothing, _request(0, [], wrong + "\n" + log.signature_line(ORIGIN, key("log"), wrong)))

    yield case("a log that nobody knows", 404, nothing, _request(0, [], _note(LEAVES, 7, origin="other.example/log")))
    yield case("signed by another key", 403, five, _request(5, proof(5, LEAVES[:20]), _note(LEAVES, 20, signer="log 2")))
    broken = log.body(ORIGIN, 20, log.root(FORKED[:20])) + "\n" + _note(LEAVES, 20).split("\n\n")[1]
    yield case("the signature of another checkpoint", 403, five, _request(5, proof(5, FORKED[:20]), broken))
    yield case("the key's signature as a cosignature", 403, five,
               _request(5, proof(5, LEAVES[:20]), _text(20) + "\n" + cosignature(_text(20), NOW, ORIGIN, "log")), why="type 4 is another key id")
    yield case("signed by another log's key", 403, five,
               _request(5, proof(5, LEAVES[:20]), _text(20) + "\n" + log.signature_line("other.example", key("log"), _text(20))))
    other = "other.example/log"
    yield {**case("another known log's signature", 403, five, _request(5, proof(5, LEAVES[:20]), _text(20) + "\n" + log.signature_line(other, key("log 2"), _text(20)))),
           "logs": [*trusted, log.vkey(other, key("log 2"))], "why": "a key signs for its own log only"}
    rotated = {"logs": [log.vkey(ORIGIN, key("log 2")), *trusted]}
    yield {**signed("the older of two keys", five, 5, 20), **rotated}
    newer = _note(LEAVES, 20, signer="log 2")
    yield {**case("the newer of two keys", 200, five, _request(5, proof(5, LEAVES[:20]), newer), size=20, root=b64(log.root(LEAVES[:20])), answer=cosignature(_text(20), NOW)), **rotated}

    yield case("garbage", 400, five, bytes(range(256)))
    yield case("nothing", 400, five, b"")
    yield case("not a checkpoint", 400, five, _request(0, [], "one line\n\n" + log.signature_line(ORIGIN, key("log"), "one line\n")))
    yield case("a size with a leading zero", 400, five, _request(0, [], _note(LEAVES, 7).replace("\n7\n", "\n07\n")))
    yield case("a body that is too large", 413, five, b"old 0\n", padding=65_536)


def files():
    return {
        "vkey.json": vectors("Verifier keys of witnesses.", "C2SP signed-note@v1.0.0, tlog-cosignature@v1.0.1", list(_vkeys())),
        "cosignature.json": vectors("Who cosigned a checkpoint, and when.", "C2SP tlog-cosignature@v1.0.1", list(_cosignatures()),
                                    pem=key("witness").pem, keyName=WITNESS, time=str(NOW)),
        "request.json": vectors("Bodies of add-checkpoint.", "C2SP tlog-witness@v1.0.0", list(_requests())),
        "answer.json": vectors("What a witness answers, by what it signed last.", "C2SP tlog-witness@v1.0.0", list(_answers()),
                               pem=key("witness").pem, keyName=WITNESS, time=str(NOW)),
    }

# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The transparency log: entries and their chain, tiles, trees, proofs, notes and checkpoints."""
import hashlib

from .. import clock, jcs, log
from ..keys import key
from ..output import b64, vectors

FOLDER = "log"

ORIGIN = "atomic.example/clinic"
BOOT = "6f6b1c1e-8d5c-4c55-9f0f-2a5a4f0f1b3c"
SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 254, 255, 256, 257, 258, 300]
DATA = [b"entry %d" % i for i in range(300)]
LEAVES = [log.leaf(each) for each in DATA]


def _spread(size):
    return sorted({i for i in (0, 1, size // 2, size - 2, size - 1, 255, 256) if 0 <= i < size})


def _inclusion():
    for size in SIZES:
        top = b64(log.root(LEAVES[:size]))
        for index in _spread(size):
            yield {"name": f"entry {index} of {size}", "expect": "ok", "index": index, "size": size, "leaf": b64(LEAVES[index]), "root": top,
                   "proof": [b64(each) for each in log.inclusion(index, LEAVES[:size])]}
    size, index = 257, 100
    proof, top = log.inclusion(index, LEAVES[:size]), log.root(LEAVES[:size])

    def bad(name, why=None, **changes):
        case = {"index": index, "size": size, "leaf": LEAVES[index], "root": top, "proof": proof, **changes}
        case = {"name": name, "expect": "proof", **case, "leaf": b64(case["leaf"]), "root": b64(case["root"]), "proof": [b64(each) for each in case["proof"]]}
        return {**case, "why": why} if why else case

    yield bad("another index", index=101)
    yield bad("the root of a tree of the same depth", size=258, root=log.root(LEAVES[:258]), why="the last subtree is larger")
    yield bad("a smaller tree", size=256)
    yield bad("index at the size", index=257)
    yield bad("index beyond the size", index=2**40)
    yield bad("an empty tree", size=0, index=0, proof=[], root=log.root([]))
    yield bad("another leaf", leaf=LEAVES[101])
    yield bad("another root", root=log.root(LEAVES[:256]))
    yield bad("first hash missing", proof=proof[1:])
    yield bad("last hash missing", proof=proof[:-1])
    yield bad("no hashes", proof=[])
    yield bad("one hash more", proof=[*proof, bytes(32)])
    yield bad("two hashes swapped", proof=[proof[1], proof[0], *proof[2:]])
    yield bad("a hash flipped", proof=[proof[0], bytes([proof[1][0] ^ 128]) + proof[1][1:], *proof[2:]])
    yield bad("a hash one byte short", proof=[proof[0][:-1], *proof[1:]])
    yield bad("a hash one byte long", proof=[proof[0] + b"\x00", *proof[1:]])
    yield bad("a proof where a single entry has none", size=1, index=0, leaf=LEAVES[0], root=LEAVES[0], proof=[LEAVES[1]])


def _consistency():
    pairs = [(m, n) for n in SIZES for m in sorted({1, 2, n // 2, n - 1, n, 128, 255, 256}) if 1 <= m <= n]
    for m, n in pairs:
        yield {"name": f"{m} to {n}", "expect": "ok", "oldSize": m, "newSize": n, "oldRoot": b64(log.root(LEAVES[:m])), "newRoot": b64(log.root(LEAVES[:n])),
               "proof": [b64(each) for each in log.consistency(m, LEAVES[:n])]}
    yield {"name": "0 to 7", "expect": "ok", "oldSize": 0, "newSize": 7, "oldRoot": b64(log.root([])), "newRoot": b64(log.root(LEAVES[:7])), "proof": []}
    m, n = 100, 257
    proof = log.consistency(m, LEAVES[:n])

    def bad(name, **changes):
        case = {"oldSize": m, "newSize": n, "oldRoot": log.root(LEAVES[:m]), "newRoot": log.root(LEAVES[:n]), "proof": proof, **changes}
        return {"name": name, "expect": "proof", **case, "oldRoot": b64(case["oldRoot"]), "newRoot": b64(case["newRoot"]), "proof": [b64(e) for e in case["proof"]]}

    forked = [*LEAVES[:50], log.leaf(b"another"), *LEAVES[51:]]
    yield bad("the old tree had another entry", oldRoot=log.root(forked[:m]))
    yield bad("the new tree has another entry", newRoot=log.root(forked[:n]), proof=log.consistency(m, forked[:n]))
    yield bad("sizes exchanged", oldSize=n, newSize=m)
    yield bad("another old size", oldSize=101)
    yield bad("another new tree of the same depth", newSize=260, newRoot=log.root(LEAVES[:260]))
    yield bad("a hash missing", proof=proof[:-1])
    yield bad("first hash missing", proof=proof[1:])
    yield bad("a hash more", proof=[*proof, bytes(32)])
    yield bad("no proof", proof=[])
    yield bad("a hash flipped", proof=[*proof[:-1], bytes([proof[-1][0] ^ 1]) + proof[-1][1:]])
    yield bad("same size, other root", oldSize=n, oldRoot=log.root(forked[:n]), proof=[])
    yield bad("same size with a proof", oldSize=n, oldRoot=log.root(LEAVES[:n]), proof=[bytes(32)])
    yield bad("an empty old tree with a proof", oldSize=0, oldRoot=log.root([]), proof=[bytes(32)])
    yield bad("an empty old tree with another root", oldSize=0, oldRoot=bytes(32), proof=[])


def _trees():
    for size in [0, *SIZES]:
        yield {"name": f"{size} entries", "expect": "ok", "size": size, "root": b64(log.root(LEAVES[:size]))}


def _tiles():
    for size in (1, 2, 255, 256, 257, 300):
        found = log.tiles(DATA[:size])
        yield {"name": f"{size} entries", "expect": "ok", "size": size,
               "files": [{"path": path, "bytes": len(data), "digest": jcs.digest(data)} for path, data in sorted(found.items())]}


def _paths():
    for level, n, width, path in [
        ("0", 0, 256, "tile/0/000"), ("0", 1234067, 256, "tile/0/x001/x234/067"), ("0", 999, 256, "tile/0/999"), ("0", 1000, 256, "tile/0/x001/000"),
        ("3", 5, 17, "tile/3/005.p/17"), ("63", 0, 1, "tile/63/000.p/1"), ("entries", 0, 255, "tile/entries/000.p/255"),
        ("entries", 1000000, 256, "tile/entries/x001/x000/000"), ("entries", 12, 1, "tile/entries/012.p/1"),
    ]:
        yield {"name": path, "expect": "ok", "level": level, "tile": n, "width": width, "path": path}


def chain(count=6):
    """A small hash chain of real entries."""
    people, found, previous = {"id": "room", "role": "supervisor"}, [], "0" * 64
    for seq in range(count):
        entry = {
            "v": 1, "seq": seq, "prev": previous, "boot": BOOT, "wall": clock.at(seq, seq * 1000), "mono": str(5_000_000_000 + seq * 1_000_000), "type": "x.sample",
            "actor": people, "policy": 0, "data": {"n": seq},
        }
        if seq == 2:
            entry |= {"job": "01", "label": {"class": "pii", "owners": ["clinic-desk", "lab"]}}
        if seq == 3:
            entry |= {"policy": 7, "job": "01", "data": {"text": "\u20ac \U0001f600 \u00f6", "nested": {"b": [1, None, True], "a": {}}}}
        raw = jcs.encode(entry)
        found.append(raw)
        previous = hashlib.sha256(raw).hexdigest()
    return found


def _entries():
    raws = chain()
    yield {"name": "a chain of six", "expect": "ok", "entries": [b64(each) for each in raws], "leaves": [b64(log.leaf(each)) for each in raws],
           "last": hashlib.sha256(raws[-1]).hexdigest()}

    def change(index, **changes):
        import json

        entry = json.loads(raws[index]) | changes
        return jcs.encode({k: v for k, v in entry.items() if v is not ...})

    def bad(name, expect, at, raw, why=None):
        case = {"name": name, "expect": expect, "entry": at, "entries": [b64(each) for each in [*raws[:at], raw, *raws[at + 1 :]]]}
        return {**case, "why": why} if why else case

    yield bad("an entry left out", "damaged", 2, raws[3])
    yield bad("an entry twice", "damaged", 3, raws[2])
    yield bad("prev of another entry", "damaged", 3, change(3, prev="1" * 64))
    yield bad("first entry with a prev", "damaged", 0, change(0, prev="1" * 64))
    yield bad("seq jumps", "damaged", 3, change(3, seq=4))
    last = change(5, data={"n": 6})
    yield {"name": "the last entry changed keeps the chain", "expect": "ok", "entries": [b64(each) for each in [*raws[:5], last]],
           "leaves": [b64(log.leaf(each)) for each in [*raws[:5], last]], "last": hashlib.sha256(last).hexdigest(), "why": "only the tree and the checkpoint say otherwise"}
    for name, raw in [
        ("unknown field", change(5, extra=1)), ("version 2", change(5, v=2)), ("no data", change(5, data=...)), ("data not an object", change(5, data=[1])),
        ("prev in capitals", change(5, prev=hashlib.sha256(raws[4]).hexdigest().upper())), ("prev with a prefix", change(5, prev="sha256:" + hashlib.sha256(raws[4]).hexdigest())),
        ("wall without nine digits", change(5, wall="2026-11-21T10:00:05Z")), ("wall with an offset", change(5, wall="2026-11-21T10:00:05.000000000+00:00")),
        ("mono as a number", change(5, mono=5)), ("mono with a leading zero", change(5, mono="05")), ("mono negative", change(5, mono="-5")),
        ("label owners not sorted", change(5, label={"class": "pii", "owners": ["lab", "clinic-desk"]})),
        ("label owner twice", change(5, label={"class": "pii", "owners": ["lab", "lab"]})), ("job null", change(5, job=None)),
        ("actor without role", change(5, actor={"id": "room"})), ("not canonical", raws[5] + b"\n"), ("seq as text", change(5, seq="5")),
        ("longer than 65535 bytes", change(5, data={"text": "x" * 65535})),
    ]:
        if name.startswith("longer"):
            yield {"name": name, "expect": "entry", "entry": 0, "entries": [], "padding": 65536, "why": "build an entry whose canonical form is this long; the prefix is a uint16"}
        else:
            yield bad(name, "entry", 5, raw)


def _notes():
    mine, other = key("log"), key("other log")
    top = log.root(LEAVES[:257])
    text = log.body(ORIGIN, 257, top)
    line = log.signature_line(ORIGIN, mine, text)
    good = text + "\n" + line

    def case(name, expect, note, why=None, **changes):
        found = {"name": name, "expect": expect, "vkey": log.vkey(ORIGIN, mine), "origin": ORIGIN, "note": b64(note.encode() if isinstance(note, str) else note), **changes}
        if expect == "ok":
            found |= {"size": changes.get("size", 257), "root": changes.get("root", b64(top))}
        return {**found, "why": why} if why else found

    def signed(body):
        return body + "\n" + log.signature_line(ORIGIN, mine, body)

    witness = log.signature_line("witness.example", other, text)
    yield case("good", "ok", good)
    yield case("empty tree", "ok", signed(log.body(ORIGIN, 0, log.root([]))), size=0, root=b64(log.root([])))
    yield case("a witness before", "ok", text + "\n" + witness + line, "unknown signatures are ignored")
    yield case("a witness after", "ok", good + witness)
    yield case("an unknown line of another type", "ok", good + log.signature_line(ORIGIN, mine, text, hash_=b"\x01\x02\x03\x04", signature=bytes(2420)), "a post-quantum line that we do not know")
    yield case("same name, another key hash", "ok", good + log.signature_line(ORIGIN, other, text))
    yield case("extension line", "ok", signed(text + "extension\n"), "C2SP allows them; opaque")
    yield case("fifteen witnesses", "ok", good + "".join(log.signature_line(f"w{i}.example", other, text) for i in range(15)))
    yield case("only a witness", "signature", text + "\n" + witness)
    yield case("another key", "signature", text + "\n" + log.signature_line(ORIGIN, other, text))
    yield case("another name", "signature", text + "\n" + log.signature_line("atomic.example/x", mine, text))
    raw = bytearray(mine.sign(text.encode()))
    raw[5] ^= 1
    flipped = log.signature_line(ORIGIN, mine, text, signature=bytes(raw))
    yield case("signature flipped", "signature", text + "\n" + flipped)
    yield case("a flipped and a good signature of the key", "signature", text + "\n" + flipped + line, "a bad signature of a known key rejects the note")
    yield case("signature one byte short", "signature", text + "\n" + log.signature_line(ORIGIN, mine, text, signature=bytes(raw)[:63]))
    yield case("size changed", "signature", good.replace("257\n", "258\n", 1))
    yield case("root changed", "signature", good.replace(b64(top), b64(bytes(32))))
    yield case("origin changed", "signature", good.replace(ORIGIN + "\n", "atomic.example/x\n", 1))
    yield case("signed, another origin inside", "checkpoint", signed(log.body("atomic.example/x", 257, top)), "the key name says one log, the body another")
    yield case("another origin expected", "checkpoint", good, origin="atomic.example/x")
    for name, body in [
        ("size with a leading zero", text.replace("257", "0257")), ("size negative", text.replace("257", "-257")), ("size with a plus", text.replace("257", "+257")),
        ("size empty", text.replace("257", "")), ("size not a number", text.replace("257", "0x101")), ("size beyond 64 bits", text.replace("257", "99999999999999999999999")),
        ("root too short", text.replace(b64(top), b64(top[:31]))), ("root without padding", text.replace("=\n", "\n")), ("root missing", f"{ORIGIN}\n257\n"),
        ("an empty extension line", text + "\n" + "extension\n"),
    ]:
        yield case(name, "checkpoint", signed(body))
    for name, note in [
        ("empty", b""), ("no signatures", (text + "\n").encode()), ("no blank line", (text + line).encode()), ("no final newline", good.encode()[:-1]),
        ("CRLF", good.replace("\n", "\r\n").encode()), ("a hyphen for the dash", good.replace("\u2014", "-").encode()), ("not UTF-8", b"\xff" + good.encode()),
        ("a control character", good.replace("atomic", "atomi\x01c", 1).encode()), ("two spaces in the signature line", good.replace("\u2014 ", "\u2014  ").encode()),
        ("signature not base64", (text + "\n" + f"\u2014 {ORIGIN} ****\n").encode()), ("signature too short for a key hash", (text + "\n" + f"\u2014 {ORIGIN} AAA=\n").encode()),
        ("text after the signatures", (good + "more\n").encode()), ("a tab in the name", (text + "\n" + line.replace(ORIGIN, "a\tb")).encode()),
    ]:
        yield case(name, "note", note)


def _vkeys():
    mine = key("log")
    good = log.vkey(ORIGIN, mine)
    yield {"name": "good", "expect": "ok", "text": good, "key": mine.text, "keyName": ORIGIN, "hash": log.key_hash(ORIGIN, mine).hex()}
    name, digits, body = good.split("+", 2)
    for case, text in [
        ("hash of another name", f"x.example+{digits}+{body}"), ("hash in capitals", f"{name}+{digits.upper()}+{body}"), ("no name", f"+{digits}+{body}"),
        ("a space in the name", f"a b+{digits}+{body}"), ("no key", f"{name}+{digits}+"), ("unknown type", f"{name}+{digits}+{b64(bytes([7]) + mine.raw)}"),
        ("key one byte short", f"{name}+{digits}+{b64(bytes([1]) + mine.raw[:-1])}"), ("key one byte long", f"{name}+{digits}+{b64(bytes([1]) + mine.raw + b'x')}"),
        ("hash of seven digits", f"{name}+{digits[:-1]}+{body}"), ("not base64", f"{name}+{digits}+****"), ("empty", ""), ("final newline", good + "\n"),
        ("two parts", f"{name}+{digits}"), ("wrong hash", f"{name}+00000000+{body}"),
    ]:
        if text != good:
            yield {"name": case, "expect": "note", "text": text}


def files():
    raw = "Leaf number i is the bytes `entry i` (decimal), i = 0…299."
    return {
        "tree.json": vectors(raw + " Root hashes by size.", "RFC 6962, 2.1", list(_trees())),
        "inclusion.json": vectors(raw + " Inclusion proofs; `leaf` is the leaf hash. Code `proof` when it does not prove it.", "RFC 6962, 2.1.1", list(_inclusion())),
        "consistency.json": vectors(raw + " Consistency proofs. Code `proof` when it does not prove it.", "RFC 6962, 2.1.2", list(_consistency())),
        "tiles.json": vectors(raw + " Every tile and entry bundle that a log of this size has once all is written out.", "c2sp.org/tlog-tiles", list(_tiles())),
        "paths.json": vectors("Tile coordinates and their path", "c2sp.org/tlog-tiles", list(_paths())),
        "entries.json": vectors(
            "Canonical entries in order. `damaged`: entry number `entry` is the first whose prev or seq does not follow; `entry`: it is malformed by itself.",
            "contract: Log entry", list(_entries())),
        "checkpoint.json": vectors(
            "Signed checkpoints read with one known vkey and the expected origin. Codes: `note` the note is malformed, `signature` no valid signature of the known key, "
            "`checkpoint` the signed body is malformed or speaks of another log", "c2sp.org/signed-note, tlog-checkpoint", list(_notes())),
        "vkey.json": vectors("Verifier keys of type Ed25519; code `note` when refused", "c2sp.org/signed-note; golang.org/x/mod/sumdb/note", list(_vkeys())),
    }

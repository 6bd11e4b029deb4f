# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Files that prove offline that one entry is in a log."""
from .. import log
from ..keys import key
from ..output import b64, vectors
from .log import DATA, LEAVES, ORIGIN

FOLDER = "tlog-proof"


def _cases():
    mine = key("log")

    def case(name, expect, text, index, why=None, entry=None):
        found = {"name": name, "expect": expect, "vkey": log.vkey(ORIGIN, mine), "origin": ORIGIN, "entry": b64(DATA[index] if entry is None else entry),
                 "file": b64(text.encode() if isinstance(text, str) else text)}
        if expect == "ok":
            found |= {"index": index}
        return {**found, "why": why} if why else found

    for size, index in [(1, 0), (2, 0), (2, 1), (3, 2), (7, 3), (255, 254), (256, 0), (256, 255), (257, 256), (257, 0), (300, 257)]:
        leaves = LEAVES[:size]
        note = log.checkpoint(ORIGIN, mine, leaves)
        yield case(f"entry {index} of {size}", "ok", log.tlog_proof(index, leaves, note), index)
    leaves, index = LEAVES[:257], 100
    note = log.checkpoint(ORIGIN, mine, leaves)
    good = log.tlog_proof(index, leaves, note)
    head = "c2sp.org/tlog-proof@v1\n"
    yield case("with extra data", "ok", good.replace(head, head + "extra " + b64(b"anything") + "\n"), index, "not authenticated, ignored")
    yield case("another entry", "proof", good, index, entry=DATA[101])
    yield case("the entry with a byte more", "proof", good, index, entry=DATA[100] + b"\n")
    yield case("index changed", "proof", good.replace("index 100", "index 101"), index)
    yield case("index beyond the tree", "proof", good.replace("index 100", "index 257"), index)
    lines = good.split("\n")
    yield case("a hash missing", "proof", good.replace(lines[3] + "\n", ""), index)
    yield case("a hash twice", "proof", good.replace(lines[3] + "\n", lines[3] + "\n" + lines[3] + "\n"), index)
    yield case("two hashes swapped", "proof", good.replace(lines[2] + "\n" + lines[3], lines[3] + "\n" + lines[2]), index)
    yield case("proof of another tree", "proof", log.tlog_proof(index, LEAVES[:256], note), index)
    yield case("checkpoint of another key", "signature", log.tlog_proof(index, leaves, log.checkpoint(ORIGIN, key("other log"), leaves)), index)
    yield case("checkpoint changed", "signature", good.replace("\n257\n", "\n258\n"), index)
    yield case("checkpoint of another log", "checkpoint", log.tlog_proof(index, leaves, log.body("atomic.example/x", 257, log.root(leaves)) + "\n" + log.signature_line(
        ORIGIN, mine, log.body("atomic.example/x", 257, log.root(leaves)))), index)
    for name, text in [
        ("empty", ""), ("version 2", good.replace("@v1", "@v2")), ("no index", good.replace("index 100\n", "")), ("index with a leading zero", good.replace("index 100", "index 0100")),
        ("index negative", good.replace("index 100", "index -1")), ("two spaces before the index", good.replace("index 100", "index  100")),
        ("extra after the index", good.replace("index 100\n", "index 100\nextra AAAA\n")), ("extra twice", good.replace(head, head + "extra AAAA\nextra AAAA\n")),
        ("extra not base64", good.replace(head, head + "extra *\n")), ("a hash too short", good.replace(lines[3], b64(bytes(31)))),
        ("a hash without padding", good.replace(lines[3], lines[3].rstrip("="))), ("no blank line", good.replace("\n\n", "\n", 1)), ("cut before the checkpoint", good[: good.index("\n\n") + 2]),
        ("CRLF", good.replace("\n", "\r\n")),
    ]:
        yield case(name, "proof", text, index)


def files():
    return {
        "tlog-proof.json": vectors(
            "Proof files with the entry's bytes, a known vkey and the expected origin. Codes: `proof` the file is malformed or does not prove the entry, "
            "`signature` and `checkpoint` as for checkpoints", "c2sp.org/tlog-proof@v1", list(_cases()))
    }

# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""age v1 files with X25519 recipients: good ones, and each way in which one can be bad."""
import hashlib

from .. import age
from ..output import b64, vectors

FOLDER = "age"

ME, OTHER = age.Identity("me"), age.Identity("other")
KEY, NONCE = age.fixed("file key", 16), age.fixed("nonce", 16)
TEXT = b"a sealed message\n"


def _case(name, expect, file, payload=None, identity=ME, why=None):
    case = {"name": name, "expect": expect, "identity": identity.text, "file": b64(file)}
    if payload is not None:
        case["payload"] = "sha256:" + hashlib.sha256(payload).hexdigest()
        case["bytes"] = len(payload)
    if why:
        case["why"] = why
    return case


def _file(stanzas=None, payload=None, version="age-encryption.org/v1"):
    if stanzas is None:
        stanzas = [age.x25519_stanza(ME, KEY, "one")]
    return age.header(KEY, stanzas, version) + (age.payload(KEY, NONCE, TEXT) if payload is None else payload)


def _good():
    grease = age.stanza(["grease-me", "argument"], b"any body at all")
    yield _case("one recipient", "ok", _file(), TEXT)
    yield _case("empty payload", "ok", _file(payload=age.payload(KEY, NONCE, b"")), b"")
    for size in (1, 15, 16, 64, 1000):
        data = bytes(i % 253 for i in range(size))
        yield _case(f"{size} bytes", "ok", _file(payload=age.payload(KEY, NONCE, data)), data)
    other, mine = age.x25519_stanza(OTHER, KEY, "other"), age.x25519_stanza(ME, KEY, "one")
    yield _case("two recipients, mine first", "ok", _file([mine, other]), TEXT)
    yield _case("two recipients, mine last", "ok", _file([other, mine]), TEXT)
    yield _case("two recipients, opened by the other", "ok", _file([mine, other]), TEXT, OTHER)
    yield _case("an unknown stanza before", "ok", _file([grease, mine]), TEXT, why="identities ignore stanzas they do not know")
    yield _case("an unknown stanza after", "ok", _file([mine, grease]), TEXT)
    yield _case("an unknown stanza with a full line and an empty one", "ok", _file([age.stanza(["x"], bytes(48)), mine]), TEXT)
    yield _case("an unknown stanza without a body", "ok", _file([age.stanza(["x"], b""), mine]), TEXT)
    yield _case("the same recipient twice", "ok", _file([mine, age.x25519_stanza(ME, KEY, "two")]), TEXT)
    yield _case("armored", "ok", age.armor(_file()), TEXT)
    full = next(size for size in range(48) if (len(_file(payload=age.payload(KEY, NONCE, bytes(size)))) % 48) == 0)
    yield _case("armored, last line full", "ok", age.armor(_file(payload=age.payload(KEY, NONCE, bytes(full)))), bytes(full))
    yield _case("armored, empty lines after it", "ok", age.armor(_file()) + b"\n\n", TEXT, why="the specification allows whitespace around the armor")
    yield _case("armored with CRLF", "ok", age.armor(_file()).replace(b"\n", b"\r\n"), TEXT, why="RFC 7468 line ends")


def _large():
    """Two chunk borders; the plaintext is a repeated pattern so that the file is not the size of the story."""
    for name, size in [("exactly one chunk", age.CHUNK), ("one chunk and a byte", age.CHUNK + 1)]:
        data = bytes(size)
        yield _case(name, "ok", _file(payload=age.payload(KEY, NONCE, data)), data)


def _headers():
    mine = age.x25519_stanza(ME, KEY, "one")
    good = _file()
    head, body = good[: good.index(b"\n--- ") + 1], good[good.index(b"\n--- ") + 1 :]

    def bad(name, file, expect="header", why=None):
        return _case(name, expect, file, why=why)

    yield bad("no match", _file([age.x25519_stanza(OTHER, KEY, "other")]), "no-match")
    yield bad("only an unknown stanza", _file([age.stanza(["grease"], b"x")]), "no-match")
    flipped = bytearray(good)
    at = good.index(b"--- ") + 10
    flipped[at] = ord("A") if flipped[at] != ord("A") else ord("B")
    yield bad("MAC changed", bytes(flipped), "hmac")
    yield bad("a stanza added without a new MAC", head + age.stanza(["x"], b"y").encode() + body, "hmac")
    yield bad("a stanza removed without a new MAC", _file([mine, age.stanza(["x"], b"y")]).replace(age.stanza(["x"], b"y").encode(), b""), "hmac")
    yield bad("stanza body flipped", good.replace(mine.splitlines()[1].encode()[:8], b"AAAAAAAA"), "no-match", "the file key cannot be unwrapped")
    yield bad("MAC with padding", good[: len(head) + 4 + 43] + b"=" + good[len(head) + 4 + 43 :])
    yield bad("MAC too short", good[: len(head) + 4 + 42] + good[len(head) + 4 + 43 :])
    yield bad("MAC too long", good[: len(head) + 4 + 43] + b"A" + good[len(head) + 4 + 43 :])
    last = good[len(head) + 4 + 42 : len(head) + 4 + 43]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = bytes([alphabet[alphabet.index(last) + 1]])
    yield bad("MAC with trailing bits", good[: len(head) + 4 + 42] + loose + good[len(head) + 4 + 43 :], why="base64 must be canonical")
    yield bad("no MAC", head + b"---\n" + age.payload(KEY, NONCE, TEXT))
    yield bad("no space before the MAC", good.replace(b"--- ", b"---", 1))
    yield bad("two spaces before the MAC", good.replace(b"--- ", b"---  ", 1))
    yield bad("version 2", _file(version="age-encryption.org/v2"))
    yield bad("version with a space", _file(version="age-encryption.org/v1 "))
    yield bad("version in capitals", _file(version="AGE-ENCRYPTION.ORG/v1"))
    yield bad("CRLF after the version", good.replace(b"v1\n", b"v1\r\n", 1))
    yield bad("CRLF everywhere in the header", head.replace(b"\n", b"\r\n") + body)
    yield bad("no stanza", _file([]))
    yield bad("empty file", b"")
    yield bad("header cut in the version", good[:10])
    yield bad("header cut in a stanza", head[:40])
    yield bad("header cut before the MAC", head)
    yield bad("header cut in the MAC", good[: len(head) + 20])
    share = mine.split()[2]
    wrapped_key = mine.splitlines()[1]
    for name, text in [
        ("X25519 with three arguments", mine.replace(share, share + " more")),
        ("X25519 with one argument", mine.replace(" " + share, "")),
        ("X25519 share with padding", mine.replace(share, share + "=")),
        ("X25519 share too short", mine.replace(share, share[:-2])),
        ("X25519 share too long", mine.replace(share, age.raw64(bytes(33)))),
        ("X25519 body too short", age.stanza(["X25519", share], bytes(31))),
        ("X25519 body too long", age.stanza(["X25519", share], bytes(33))),
        ("X25519 body empty", age.stanza(["X25519", share], b"")),
        ("X25519 share of low order", age.stanza(["X25519", age.raw64(bytes(32))], bytes(32))),
        ("stanza without arguments", "-> \n" + wrapped_key + "\n"),
        ("stanza with two spaces", mine.replace("X25519 ", "X25519  ")),
        ("stanza with a trailing space", mine.replace(share + "\n", share + " \n")),
        ("stanza without a space", mine.replace("-> ", "->")),
        ("stanza body with padding", mine.replace(wrapped_key, wrapped_key + "=")),
        ("stanza body wrapped early", mine.replace(wrapped_key, wrapped_key[:20] + "\n" + wrapped_key[20:])),
        ("stanza body with trailing bits", mine.replace(wrapped_key, wrapped_key[:-1] + chr(alphabet[alphabet.index(wrapped_key[-1].encode()) + 1]))),
        ("stanza body not base64", mine.replace(wrapped_key, "*" + wrapped_key[1:])),
        ("stanza full line without a final line", mine + "-> x\n" + "A" * 64 + "\n"),
        ("stanza line of 65", mine + "-> x\n" + "A" * 65 + "\n"),
        ("stanza argument with a control character", mine + "-> x\x7f\n\n"),
        ("stanza argument not ASCII", mine + "-> \u00e9\n\n"),
    ]:
        yield bad(name, _file([text]))


def _payloads():
    good = age.payload(KEY, NONCE, TEXT)

    def bad(name, payload, why=None):
        return _case(name, "payload", _file(payload=payload), why=why)

    cut = "the nonce counts as header in the published vectors: c2sp.org/CCTV stream_no_nonce and stream_short_nonce"
    yield _case("no payload at all", "header", _file(payload=b""), why=cut)
    yield _case("nonce cut", "header", _file(payload=NONCE[:8]), why=cut)
    yield bad("nonce only", NONCE)
    yield bad("chunk shorter than its tag", NONCE + bytes(15))
    yield bad("last byte missing", good[:-1])
    yield bad("tag missing", good[:-16])
    yield bad("one byte more", good + b"\x00")
    for name, at in [("nonce", 3), ("first byte", 16), ("last byte of the text", 16 + len(TEXT) - 1), ("tag", len(good) - 1)]:
        flipped = bytearray(good)
        flipped[at] ^= 1
        yield bad(f"flip in the {name}", bytes(flipped))
    yield bad("chunk sealed as not final", NONCE + b"".join(age.chunks(KEY, NONCE, [(0, 0, TEXT)])), "a truncated stream looks like this")
    yield bad("short chunk followed by a final one", NONCE + b"".join(age.chunks(KEY, NONCE, [(0, 0, TEXT), (1, 1, TEXT)])))
    yield bad("two final chunks", NONCE + b"".join(age.chunks(KEY, NONCE, [(0, 1, TEXT), (1, 1, TEXT)])))
    yield bad("counter starts at one", NONCE + b"".join(age.chunks(KEY, NONCE, [(1, 1, TEXT)])))
    other = age.payload(age.fixed("another file key", 16), NONCE, TEXT)
    yield bad("payload of another file", other)


def _long_payloads():
    parts = [(0, 0, bytes(age.CHUNK)), (1, 1, b"end")]
    first, last = age.chunks(KEY, NONCE, parts)
    empty = age.chunks(KEY, NONCE, [(1, 1, b"")])[0]
    for name, payload, why in [
        ("second chunk missing", NONCE + first, "the first chunk is not final"),
        ("chunks swapped", NONCE + last + first, None),
        ("empty final chunk after a full one", NONCE + first + empty, "only an empty payload may end in an empty chunk"),
    ]:
        yield _case(name, "payload", _file(payload=payload), why=why)


def _armors():
    good = age.armor(_file())
    lines = good.split(b"\n")

    def bad(name, file, why=None):
        return _case(name, "armor", file, why=why)

    yield bad("no end line", good[: good.index(b"-----END")])
    yield bad("wrong end line", good.replace(b"-----END AGE", b"-----END AGF"))
    yield bad("empty line inside", good.replace(lines[1] + b"\n", lines[1] + b"\n\n"))
    yield bad("line of 63", good.replace(lines[1], lines[1][:63]))
    yield bad("line of 65", good.replace(lines[1] + b"\n" + lines[2], lines[1] + lines[2][:1] + b"\n" + lines[2][1:]))
    yield bad("space in a line", good.replace(lines[1][:4], lines[1][:3] + b" ", 1))
    yield bad("not base64", good.replace(lines[1][:4], b"****", 1))
    yield bad("text after the end", good + b"more\n")
    yield bad("a second file after the end", good + good)
    yield bad("headers as in PEM", good.replace(lines[0] + b"\n", lines[0] + b"\nVersion: 1\n\n"))
    padded = next(size for size in range(48) if (len(_file(payload=age.payload(KEY, NONCE, bytes(size)))) % 3) == 1)
    text = age.armor(_file(payload=age.payload(KEY, NONCE, bytes(padded))))
    assert text.count(b"==\n") == 1
    yield bad("padding missing", text.replace(b"==\n", b"\n"))
    at = text.index(b"==\n") - 1
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    yield bad("trailing bits", text[:at] + bytes([alphabet[alphabet.index(text[at : at + 1]) + 1]]) + text[at + 1 :])
    yield bad("trailing space after the begin line", good.replace(b"FILE-----\n", b"FILE----- \n", 1))
    yield _case("armor around a bad header", "header", age.armor(b"age-encryption.org/v2\n"))


def _keys():
    yield {"name": "identity file", "expect": "ok", "file": ME.file, "recipient": ME.recipient}
    yield {"name": "identity alone", "expect": "ok", "file": ME.text, "recipient": ME.recipient}
    yield {"name": "comments and empty lines", "expect": "ok", "file": "# one\n\n# two\n" + ME.text + "\n\n", "recipient": ME.recipient}
    spec = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    yield {"name": "the sample of the specification", "expect": "ok", "file": spec, "recipient": "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"}
    for name, text in [
        ("empty", ""), ("comments only", "# public key: " + ME.recipient + "\n"), ("checksum", ME.text[:-1] + ("Q" if ME.text[-1] != "Q" else "P")),
        ("mixed case", ME.text[:-1] + ME.text[-1].lower() if ME.text[-1].isalpha() else ME.text[:20].lower() + ME.text[20:]),
        ("a recipient", ME.recipient), ("one byte short", age.bech32("age-secret-key-", ME.secret[:31]).upper()),
        ("one byte long", age.bech32("age-secret-key-", ME.secret + b"x").upper()), ("other prefix", age.bech32("age-secret-kex-", ME.secret).upper()),
    ]:
        yield {"name": "identity: " + name, "expect": "key", "file": text}


def _recipients():
    yield {"name": "good", "expect": "ok", "text": ME.recipient, "raw": b64(ME.public)}
    for name, text in [
        ("empty", ""), ("checksum", ME.recipient[:-1] + ("q" if ME.recipient[-1] != "q" else "p")), ("capital first letter", "A" + ME.recipient[1:]),
        ("one byte short", age.bech32("age", ME.public[:31])), ("one byte long", age.bech32("age", ME.public + b"x")),
        ("other prefix", age.bech32("agf", ME.public)), ("an identity", ME.text), ("trailing space", ME.recipient + " "),
        ("post-quantum prefix", age.bech32("age1pq", ME.public)), ("no separator", "age"), ("low order point", age.bech32("age", bytes(32))),
    ]:
        yield {"name": name, "expect": "key", "text": text}


def files():
    source = "c2sp.org/age v1; BIP 173; RFC 8439; RFC 5869"
    about = "age files to open with `identity`; `payload` is the digest of what comes out. A file that is not ok gives no byte of plaintext."
    return {
        "good.json": vectors(about, source, list(_good())),
        "chunks.json": vectors(about + " Plaintexts of about one chunk of 64 KiB.", source, [*_large(), *_long_payloads()]),
        "header.json": vectors(about, source, list(_headers())),
        "payload.json": vectors(about, source, list(_payloads())),
        "armor.json": vectors(about, source, list(_armors())),
        "identity.json": vectors("Identity files as age-keygen writes them, and their recipient; code `key` when refused", source, list(_keys())),
        "recipient.json": vectors("X25519 recipients and their raw bytes; code `key` when refused", source, list(_recipients())),
    }

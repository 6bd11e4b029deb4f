#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Checks a room's log without any code of the project: Python's standard library and the openssl command.

    check_log.py ROOM [--vkey VKEY]          a room: log/ and log-wal/
    check_log.py --tiles DIR --vkey VKEY     a static copy of log/ alone

Written from c2sp.org/tlog-tiles, tlog-checkpoint, signed-note, RFC 6962 section 2.1, RFC 8785 and docs/audit-format.md.
Prints one line of JSON. Exits 0 when everything holds, 4 with what is wrong, 2 for wrong arguments.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

SPKI = bytes.fromhex("302a300506032b6570032100")
FIELDS = {"v", "seq", "prev", "boot", "wall", "mono", "type", "actor", "job", "label", "policy", "data"}
OPTIONAL = {"job", "label"}


class Damage(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damage(what)


def sha(data):
    return hashlib.sha256(data).digest()


# --- RFC 6962 -------------------------------------------------------------------------------------------------------

def leaf_hash(entry):
    return sha(b"\x00" + entry)


def node_hash(left, right):
    return sha(b"\x01" + left + right)


class Tree:
    """Roots of a growing tree, from the perfect subtrees of its size."""

    def __init__(self):
        self.size, self.parts = 0, []

    def add(self, leaf):
        self.size += 1
        height = 0
        while self.parts and self.parts[-1][0] == height:
            leaf = node_hash(self.parts.pop()[1], leaf)
            height += 1
        self.parts.append((height, leaf))

    def root(self):
        if not self.parts:
            return sha(b"")
        value = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            value = node_hash(left, value)
        return value


def perfect_root(hashes):
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


# --- signed notes ---------------------------------------------------------------------------------------------------

def b64(text, where):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Damage(f"{where}: not base64") from error
    need(base64.b64encode(raw).decode() == text, f"{where}: not canonical base64")
    return raw


class Key:
    def __init__(self, vkey):
        parts = vkey.split("+", 2)
        need(len(parts) == 3, "the verifier key is not name+hash+key")
        self.vkey, self.name = vkey, parts[0]
        blob = b64(parts[2], "verifier key")
        need(len(blob) == 33 and blob[0] == 1, "the verifier key is not Ed25519")
        self.raw = blob[1:]
        self.id = sha(self.name.encode() + b"\n\x01" + self.raw)[:4]
        need(self.id.hex() == parts[1], "the hash in the verifier key does not fit it")
        self.text = "ed25519:" + base64.b64encode(SPKI + self.raw).decode()

    def verify(self, signature, message):
        with tempfile.TemporaryDirectory() as directory:
            def put(name, data):
                path = os.path.join(directory, name)
                with open(path, "wb") as file:
                    file.write(data)
                return path
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", put("key", SPKI + self.raw),
                       "-rawin", "-in", put("text", message), "-sigfile", put("signature", signature)]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0


def signed_text(note, key, where):
    """The text of a note that the key signed. Lines of other keys, those of other types among them, are ignored."""
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Damage(f"{where}: not UTF-8") from error
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", text), f"{where}: control character")
    need(text.endswith("\n") and "\n\n" in text, f"{where}: not a signed note")
    split = text.rindex("\n\n") + 1
    body, signatures = text[:split], text[split + 1:]
    need(signatures, f"{where}: no signature")
    good = False
    for line in signatures[:-1].split("\n"):
        words = line.split(" ")
        need(len(words) == 3 and words[0] == "\u2014" and words[1] and "+" not in words[1], f"{where}: signature line")
        blob = b64(words[2], where)
        need(len(blob) > 4, f"{where}: signature too short")
        if words[1] == key.name and blob[:4] == key.id:
            need(key.verify(blob[4:], body.encode()), f"{where}: the log's signature is wrong")
            good = True
    need(good, f"{where}: not signed by {key.name}")
    return body


def has_line(note, key):
    text = note.decode("utf-8", "replace")
    words = [line.split(" ") for line in text[text.rfind("\n\n") + 2:].splitlines()]
    return any(len(each) == 3 and each[1] == key.name and b64(each[2], "a note")[:4] == key.id for each in words)


def read_note(note, key, where):
    """(size, root) of a signed checkpoint. With several keys, that of the first that has a line under it."""
    if isinstance(key, list):
        key = next((each for each in key if has_line(note, each)), key[0])
    body = signed_text(note, key, where)
    lines = body[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), f"{where}: not a checkpoint")
    need(lines[0] == key.name, f"{where}: origin {lines[0]!r}")
    need(re.fullmatch(r"0|[1-9][0-9]*", lines[1]), f"{where}: size {lines[1]!r}")
    root = b64(lines[2], where)
    need(len(root) == 32, f"{where}: root")
    SEEN.append((key, int(lines[1]), where))
    return int(lines[1]), root


# --- the log's keys -------------------------------------------------------------------------------------------------

SEEN = []  # who signed which size, and where


def plain_key(name, text):
    """The key of an entry: `ed25519:` and the base64 of its SubjectPublicKeyInfo."""
    spki = b64(text.removeprefix("ed25519:"), "a key")
    need(text.startswith("ed25519:") and spki[:12] == SPKI and len(spki) == 44, "not an Ed25519 key")
    digest = sha(name.encode() + b"\n\x01" + spki[12:])[:4]
    return Key(f"{name}+{digest.hex()}+{base64.b64encode(bytes([1]) + spki[12:]).decode()}")


def rotation(raw, index, where):
    """(old key, new key) of an entry key.rotated, signed by the old one."""
    entry = json.loads(raw)
    data = entry["data"]
    need(set(data) - {"postQuantumKey"} == {"purpose", "key", "statement"} and data["purpose"] == "log", f"{where}: members")
    note = data["statement"].encode()
    lines = data["statement"][:data["statement"].rfind("\n\n") + 1].split("\n")
    need(len(lines) in (6, 7) and lines[0] == "urn:atomic:key-rotation:v1" and lines[2] == str(index), f"{where}: statement")
    old, new = Key(lines[3]), Key(lines[4])
    need(old.name == new.name == lines[1] and data["key"] == plain_key(lines[1], data["key"]).text and plain_key(lines[1], data["key"]).vkey == new.vkey,
         f"{where}: other keys than its statement")
    need(("postQuantumKey" in data) == (len(lines) == 7), f"{where}: the ML-DSA-65 key")
    signed_text(note, old, where)
    return old, new


def check_keys(log, trusted, head):
    """Who may sign what: each key from the entry that announces it to the one that announces the next. `head` is the newest checkpoint's
    key: the trusted one or a later one."""
    tenures = []
    first = json.loads(log.entries[0]) if log.entries else {"type": ""}
    if first["type"] == "room.created" and "logKey" in first["data"]:
        tenures.append([plain_key(head[0].name, first["data"]["logKey"]), 0, None])
    for index, raw in enumerate(log.entries):
        if json.loads(raw)["type"] != "key.rotated":
            continue
        old, new = rotation(raw, index, f"entry {index}")
        if not tenures:
            tenures.append([old, 0, None])
        need(tenures[-1][0].vkey == old.vkey, f"entry {index}: retires another key than the log's")
        need(new.vkey not in [each[0].vkey for each in tenures], f"entry {index}: a key that the log had before")
        tenures[-1][2] = index + 1
        tenures.append([new, index + 1, None])
    if not tenures:
        tenures.append([trusted or head[0], 0, None])
    order = [each[0].vkey for each in tenures]
    need(trusted is None or trusted.vkey in order, "the verifier key is none of this log")

    def may(vkey, size):
        return vkey in order and any(each[0].vkey == vkey and each[1] <= size <= (each[2] or size) for each in tenures)

    for key, size, where in SEEN:
        need(may(key.vkey, size), f"{where}: a checkpoint of {size} entries by a key that was not the log's then")
    need(trusted is None or order.index(head[0].vkey) >= order.index(trusted.vkey), "the newest checkpoint is by a key from before the trusted one")


# --- tiles ----------------------------------------------------------------------------------------------------------

def tile_name(level, index, width):
    digits = f"{index % 1000:03d}"
    index //= 1000
    while index:
        digits = f"x{index % 1000:03d}/{digits}"
        index //= 1000
    return f"tile/{level}/{digits}" + ("" if width == 256 else f".p/{width}")


def read_file(path, name):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError as error:
        raise Damage(f"{name}: missing") from error


def split_bundle(data, name):
    entries, at = [], 0
    while at < len(data):
        need(at + 2 <= len(data), f"{name}: length prefix cut")
        size = struct.unpack(">H", data[at:at + 2])[0]
        need(at + 2 + size <= len(data), f"{name}: entry cut")
        entries.append(data[at + 2:at + 2 + size])
        at += 2 + size
    return entries


# --- entries --------------------------------------------------------------------------------------------------------

def es_number(value):
    """A double as ECMAScript prints it (RFC 8785 section 3.2.2.3)."""
    if value == 0:
        return "0"
    digits, exponent = f"{abs(value):.17e}".split("e")
    for precision in range(17):
        short = f"{abs(value):.{precision}e}"
        if float(short) == abs(value):
            digits, exponent = short.split("e")
            break
    digits, point = digits.replace(".", ""), int(exponent) + 1
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if count > 1 else "") + f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return ("-" if value < 0 else "") + text


def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return es_number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def no_twins(pairs):
    need(len({name for name, _ in pairs}) == len(pairs), "a member appears twice")
    return dict(pairs)


def check_entry(raw, index, previous, where):
    place = f"entry {index} in {where}"
    need(len(raw) <= 65535, f"{place}: too long")
    try:
        entry = json.loads(raw.decode("utf-8"), object_pairs_hook=no_twins)
    except (ValueError, UnicodeDecodeError) as error:
        raise Damage(f"{place}: not JSON") from error
    need(isinstance(entry, dict) and canonical(entry).encode() == raw, f"{place}: not canonical JSON")
    names = set(entry)
    need(names <= FIELDS and FIELDS - OPTIONAL <= names, f"{place}: members {sorted(names ^ FIELDS)}")
    need(entry["v"] == 1, f"{place}: version")
    need(entry["seq"] == index and not isinstance(entry["seq"], bool), f"{place}: says it is {entry['seq']}")
    need(entry["prev"] == previous, f"{place}: does not continue the entry before it")
    need(isinstance(entry["data"], dict), f"{place}: data")
    need(set(entry["actor"]) == {"id", "role"}, f"{place}: actor")
    need(re.fullmatch(r"0|[1-9][0-9]*", entry["mono"]), f"{place}: mono")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", entry["wall"]), f"{place}: wall")
    if "label" in entry:
        owners = entry["label"]["owners"]
        need(set(entry["label"]) == {"class", "owners"} and owners == sorted(set(owners)), f"{place}: label")
    return entry


# --- the write-ahead files ------------------------------------------------------------------------------------------

class Segment:
    def __init__(self, path, name):
        self.name, self.data = name, read_file(path, name)
        need(self.data[:8] in (b"atomwal1", b"atomwal2"), f"{name}: not a write-ahead file")
        # The second kind begins batches at multiples of 16, and has space behind them.
        self.spacious = self.data[7:8] == b"2"
        need(len(self.data) >= 18, f"{name}: header cut")
        self.mark, check = struct.unpack(">II", self.data[8:16])
        need(self.mark ^ check == 0xFFFFFFFF, f"{name}: broken mark")
        at, self.vkey = self.prefixed(16)
        at, note = self.prefixed(at)
        # Which keys may follow each other, check_keys says.
        self.key = key = Key(self.vkey.decode("utf-8", "replace"))
        self.base = read_note(note, key, name)
        self.start = self.aligned(at)

    def aligned(self, at):
        if not self.spacious:
            return at
        end = (at + 15) // 16 * 16
        need(self.data[at:end] == b" " * (end - at), f"{self.name}: not filled up at byte {at}")
        return end

    def check_space(self, at, following):
        """What stands behind the batches is space with the mark of its end, or what a crash leaves of a batch; a disk writes 512 bytes whole."""
        rest = self.data[at:].rstrip(b"\0")
        if not self.spacious or self.is_end_mark(rest, at, at + len(rest) - 8) and not rest[:-8].strip(b"\0"):
            return
        need(rest or at > self.mark, f"{self.name}: cut behind its batches")
        torn = at
        head = self.data[at:at + 16]
        if len(head) == 16 and head[4:12] == struct.pack(">Q", following) and any(head[:4]) and any(head[12:]):
            torn = (at + 4 + int.from_bytes(head[:4], "big") + 15) // 16 * 16
        for start in range(at // 512 * 512, at + len(rest), 512):
            begin = max(start, at, torn)
            part = self.data[begin:start + 512]
            used = [begin + i for i, byte in enumerate(part) if byte]
            marked = used and self.is_end_mark(rest, at, used[0])
            need(marked or torn > at or start > at or not used, f"{self.name}: byte {used and used[0]} behind its batches is none that a crash leaves")
            used = used[8:] if marked else used
            need(not used or len(used) >= 12, f"{self.name}: byte {used and used[0]} behind its batches is none that a crash leaves")

    def is_end_mark(self, rest, at, place):
        return place >= at and rest[place - at:place - at + 8] == b"%08x" % place

    def prefixed(self, at):
        need(at + 2 <= len(self.data), f"{self.name}: cut")
        size = struct.unpack(">H", self.data[at:at + 2])[0]
        need(at + 2 + size <= len(self.data), f"{self.name}: cut")
        return at + 2 + size, self.data[at + 2:at + 2 + size]

    def frame(self, at):
        """(end, first, entries, note) of the batch at an offset."""
        need(at + 16 <= len(self.data), f"{self.name}: batch header cut")
        length, first, count = struct.unpack(">IQI", self.data[at:at + 16])
        end = at + 4 + length
        need(end <= len(self.data) and count > 0, f"{self.name}: batch cut at byte {at}")
        at += 16
        entries = []
        for _ in range(count):
            at, entry = self.prefixed(at)
            entries.append(entry)
        at, note = self.prefixed(at)
        need(at == end, f"{self.name}: batch length at byte {end}")
        return self.aligned(end), first, entries, note


class Log:
    """Entries as they come, with the tiles that they make."""

    def __init__(self):
        self.tree, self.previous, self.entries, self.roots, self.first = Tree(), "0" * 64, [], {0: sha(b"")}, None

    def add(self, raw, where):
        entry = check_entry(raw, self.tree.size, self.previous, where)
        self.first = self.first or entry
        self.previous = sha(raw).hex()
        self.entries.append(raw)
        self.tree.add(leaf_hash(raw))
        self.roots[self.tree.size] = self.tree.root()


def check_tiles(directory, log, published):
    """Every file below log/ must be what the entries demand, and every tile of the published size must be there."""
    expected = {}
    row, level = [leaf_hash(entry) for entry in log.entries], 0
    while row:
        for start in range(0, len(row), 256):
            expected[(str(level), start // 256)] = b"".join(row[start:start + 256])
        row = [perfect_root(row[i:i + 256]) for i in range(0, len(row) - len(row) % 256, 256)]
        level += 1
    found = {}
    for parent, _, names in os.walk(directory):
        for name in names:
            path = os.path.relpath(os.path.join(parent, name), directory)
            if path == "checkpoint":
                continue
            match = re.fullmatch(r"tile/(entries|[0-9]+)/((?:x\d{3}/)*\d{3})(?:\.p/([0-9]+))?", path)
            need(match, f"log/{path}: does not belong there")
            index = int(match[2].replace("x", "").replace("/", ""))
            width = int(match[3] or 256)
            need(tile_name(match[1], index, width) == path, f"log/{path}: not how a tile is named")
            data = read_file(os.path.join(directory, path), f"log/{path}")
            if match[1] == "entries":
                want = log.entries[index * 256:index * 256 + width]
                need(len(want) == width and split_bundle(data, f"log/{path}") == want, f"log/{path}: not what was logged")
            else:
                want = expected.get((match[1], index), b"")[:32 * width]
                need(len(want) == 32 * width and data == want, f"log/{path}: not the hashes of the entries")
            found.setdefault((match[1], index), set()).add(width)
    for kind, level in [("entries", 0)] + [(str(n), n) for n in range(8)]:
        count = published >> (8 * level)
        for index in range((count + 255) // 256):
            width = min(256, count - index * 256)
            have = found.get((kind, index), set())
            need(width in have or 256 in have, f"log/{tile_name(kind, index, width)}: missing")


def bundles(directory, size):
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        name = tile_name("entries", index, width)
        if not os.path.exists(os.path.join(directory, name)):
            name = tile_name("entries", index, 256)
        data = split_bundle(read_file(os.path.join(directory, name), f"log/{name}"), f"log/{name}")
        need(len(data) >= width, f"log/{name}: {len(data)} entries")
        for entry in data[:width]:
            yield entry, f"log/{name}"


def check_room(room, vkey):
    SEEN.clear()
    wal = os.path.join(room, "log-wal")
    need(os.path.isdir(wal), "log-wal: missing")
    names = sorted(name for name in os.listdir(wal) if re.fullmatch(r"\d{8,}\.wal", name))
    need(names, "log-wal: no write-ahead file")
    trusted = Key(vkey) if vkey else None
    segments = [Segment(os.path.join(wal, name), f"log-wal/{name}") for name in names]
    key = segments[-1].key
    need(trusted is None or trusted.name == key.name, "the verifier key is of another log")
    directory = os.path.join(room, "log")
    keys = [segment.key for segment in reversed(segments)]
    published, root = read_note(read_file(os.path.join(directory, "checkpoint"), "log/checkpoint"), keys, "log/checkpoint")
    log = Log()
    for raw, where in bundles(directory, published):
        log.add(raw, where)
    need(log.tree.root() == root, "log/checkpoint: not the root of the entries")
    need(segments[0].base[0] <= published, f"log/checkpoint: older than {segments[0].name}")
    position = segments[0].base[0]
    for number, segment in enumerate(segments):
        following = segments[number + 1].base[0] if number + 1 < len(segments) else None
        need(segment.base[0] == position, f"{segment.name}: continues at {segment.base[0]}, not {position}")
        need(log.roots.get(position) == segment.base[1], f"{segment.name}: its base is not the log's root")
        at, ends = segment.start, {segment.start}
        while at < len(segment.data) and segment.data[at:at + 4] != bytes(4) and position != following:
            try:
                end, first, entries, note = segment.frame(at)
                need(first == position, f"{segment.name}: a batch begins at {first}, not {position}")
                size, root = read_note(note, segment.key, segment.name)
                tree = Log() if first + len(entries) > published else None
                if tree:
                    tree.tree.size, tree.tree.parts = log.tree.size, list(log.tree.parts)
                    need(log.tree.size == first, f"{segment.name}: a batch reaches over the published size")
                    for entry in entries:
                        tree.tree.add(leaf_hash(entry))
                    need((size, root) == (tree.tree.size, tree.tree.root()), f"{segment.name}: not what was signed")
                else:
                    for offset, entry in enumerate(entries):
                        need(log.entries[first + offset] == entry, f"entry {first + offset} in {segment.name}: differs")
                    need(log.roots.get(size) == root, f"{segment.name}: not what was signed")
                need(size == first + len(entries), f"{segment.name}: size")
            except Damage:
                # Nobody was told of what lies after the mark, so a torn batch there is not damage.
                if at < segment.mark or following is not None:
                    raise
                break
            if tree:
                for entry in entries:
                    log.add(entry, segment.name)
            at, position = end, first + len(entries)
            ends.add(at)
        if following is None:
            need(at >= segment.mark, f"{segment.name}: acknowledged up to byte {segment.mark}, sound up to {at}")
            need(segment.mark in ends, f"{segment.name}: the mark is not the end of a batch")
        segment.check_space(at, position)
    need(position >= published, f"{segments[-1].name}: ends at {position}, log/checkpoint has {published}")
    check_tiles(directory, log, published)
    check_keys(log, trusted, (key, log.tree.size))
    return key, log, published


def check_static(directory, vkey):
    SEEN.clear()
    trusted = Key(vkey)
    note = read_file(os.path.join(directory, "checkpoint"), "checkpoint")
    size = note.decode("utf-8", "replace").split("\n")[1:2]
    need(size and re.fullmatch(r"0|[1-9][0-9]*", size[0]), "checkpoint: size")
    log = Log()
    for raw, where in bundles(directory, int(size[0])):
        log.add(raw, where)
    keys = [trusted] + [rotation(raw, index, f"entry {index}")[1] for index, raw in enumerate(log.entries) if json.loads(raw)["type"] == "key.rotated"]
    key = next((each for each in reversed(keys) if has_line(note, each)), trusted)
    published, root = read_note(note, key, "checkpoint")
    check_keys(log, trusted, (key, published))
    need(log.tree.root() == root, "checkpoint: not the root of the entries")
    check_tiles(directory, log, published)
    return key, log, published


# --- what the entries tell ------------------------------------------------------------------------------------------

def check_story(log):
    """The backbone of docs/audit-format.md, "An input's way": one key release per input and attempt, one delivery per jail and input,
    after the key of the same life of the room, one outcome per input, counted by the job's end."""
    keys, delivered, answered, outcomes, ciphertexts, held, jobs = set(), set(), set(), {}, set(), set(), 0
    for index, raw in enumerate(log.entries):
        entry = json.loads(raw)
        kind, data, job = entry["type"], entry["data"], entry.get("job")

        def fits(condition, what):
            need(condition, f"entry {index} ({kind}): {what}")

        if kind == "room.opened":
            # Whatever was not in an outcome never happened; a key that was released stays released.
            held, answered = set(), set()
        elif kind == "key.released":
            place = (job, data["input"])
            fits((*place, data["attempt"]) not in keys and place not in outcomes, "the key a second time, or after the outcome")
            fits(data["attempt"] == 1 or (*place, data["attempt"] - 1) in keys, "an attempt was left out")
            keys.add((*place, data["attempt"]))
            held.add((*place, data["attempt"]))
        elif kind == "input.delivered":
            fits((job, data["input"], data["attempt"]) in held, "an input without its key")
            fits((data["jail"], data["input"]) not in delivered, "an input twice to one jail")
            delivered.add((data["jail"], data["input"]))
        elif kind == "output.validated":
            fits((data["jail"], data["input"]) in delivered, "an output of a jail that never had the input")
            if data["verdict"] != "rejected":
                answered.add((job, data["input"], data["microtask"].split("/", 1)[1], data["model"], data["verdict"]))
        elif kind in ("output.released", "output.withheld"):
            place = (job, data["input"])
            fits(place not in outcomes, "a second outcome")
            outcomes[place] = data
            for each in data["microtasks"]:
                verdict = {"answered": "valid", "unsure": "unsure"}.get(each["state"])
                fits(verdict is None or (*place, each["id"], each.get("model"), verdict) in answered, f"{each['id']} has no such answer")
            if kind == "output.released":
                models = {each["model"] for each in data["microtasks"] if each["state"] in ("answered", "unsure")}
                fits(models and sorted(models) == sorted(each["request"]["model"] for each in data["decisions"]), "a model's release was not decided")
                fits(data["review"] or all(each["state"] in ("answered", "skipped") for each in data["microtasks"]), "a review is hidden")
                fits(data["ciphertext"] not in ciphertexts, "an answer a second time")
                ciphertexts.add(data["ciphertext"])
        elif kind == "job.ended":
            jobs += 1
            mine = [each for (of, _), each in outcomes.items() if of == job]
            left = [each for each in mine if "ciphertext" in each]
            counts = (len(left), sum(each["review"] for each in left), sum("ciphertext" not in each and "decision" in each for each in mine))
            fits(counts == (data["released"], data["review"], data["denied"]), f"counts other outcomes than {counts}")
            fits(len(mine) == data["released"] + data["failed"] + data["denied"], "counts other inputs than there were")
    return {"jobs": jobs, "outcomes": len(outcomes), "released": len(ciphertexts)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("room", nargs="?")
    parser.add_argument("--tiles")
    parser.add_argument("--vkey")
    parser.add_argument("--story", action="store_true", help="also check what the entries tell of each input")
    options = parser.parse_args()
    if (options.room is None) == (options.tiles is None) or (options.tiles and not options.vkey):
        parser.error("give a room, or --tiles with --vkey")
    try:
        key, log, published = check_static(options.tiles, options.vkey) if options.tiles else check_room(options.room, options.vkey)
        story = {"story": check_story(log)} if options.story else {}
    except Damage as damage:
        print(json.dumps({"ok": False, "damage": str(damage)}))
        return 4
    root = base64.b64encode(log.tree.root()).decode()
    print(json.dumps({"ok": True, "origin": key.name, "size": log.tree.size, "published": published, "root": root, **story}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

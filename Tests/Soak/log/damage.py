# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Damage by hand to a closed log and to one whose writer was killed: every byte, every length, files swapped, missing, older, foreign.
`atomic audit verify` ends with 4 and names the file, and the entry where one is hit; check_log.py agrees."""

import collections
import os
import random
import re
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from room import LOG, Appender, Broken, Lines, check_log, contents, copy, need, place, read

# What may pass, and why: then everything that was there is still there. Everything else must be found.
TAIL = "what follows the last acknowledged batch is what a crash may leave, and never was"
BYTEWISE = re.compile(r": (bit|byte|cut to) \d+$")
HARMLESS = [
    (r"log-wal/lock: .*", "the lock is empty, only there to be locked, and never read"),
    (r"log-wal/\d+\.wal: (a byte more|twice)", TAIL),
]
# What nothing inside the room can show: an older log-wal/ beside a log/ that is as old makes an older room. A checkpoint kept elsewhere does.
OLDER = "all of it an older copy; a checkpoint kept elsewhere (--from) shows it"


def harmless(sample, what):
    path, _, how = what.partition(": ")
    tile = re.fullmatch(r"(log/tile/.*)\.p/(\d+): missing", what)
    if tile and any(other != path and other.startswith(f"{tile[1]}.p/") and int(other.rpartition("/")[2]) > int(tile[2]) or other == tile[1]
                    for other in sample.files):
        return "an earlier partial tile: what it held is in the wider one"
    return next((why for pattern, why in HARMLESS if re.fullmatch(pattern, what)), None)


class Sample:
    """A log, and every kind of damage to it."""

    def __init__(self, program, name, room, older):
        self.name, self.room, self.state, self.older = name, room, contents(room), older
        self.verdict, self.note = program.verify(room), f"{room}.note"
        _, note, _ = program.run("audit", "checkpoint", "--room", room)
        with open(self.note, "wb") as file:
            file.write(note)
        self.files = sorted(path for path, data in self.state.items() if data is not None)

    def entry_at(self, path, offset):
        """The entry that a byte of a published tile belongs to."""
        match = re.fullmatch(r"log/tile/(entries|0)/(\d{3})(?:\.p/\d+)?", path)
        if not match:
            return None
        if match[1] == "0":
            return int(match[2]) * 256 + offset // 32
        at, entry = 0, int(match[2]) * 256
        data = self.state[path]
        while at < len(data):
            size = struct.unpack(">H", data[at:at + 2])[0]
            if at + 2 <= offset < at + 2 + size:
                return entry
            if offset < at + 2:
                return None  # a length: what follows it cannot be told apart any more
            at, entry = at + 2 + size, entry + 1
        return None

    def altered(self, path, offset, new):
        data = self.state[path]
        return {path: data[:offset] + bytes([new]) + data[offset + 1:]}

    def cut(self, path, length):
        return {path: self.state[path][:length]}

    def damages(self):
        """(what, how to make the changed paths with their new bytes or None for a missing file, files of which one must be named)."""
        for path in self.files:
            data = self.state[path]
            for offset in range(len(data)):
                for how, new in (("bit", data[offset] ^ 1 << offset % 8), ("byte", data[offset] ^ 0xff)):
                    yield f"{path}: {how} {offset}", partial(self.altered, path, offset, new), [path]
            for length in range(len(data)):
                yield f"{path}: cut to {length}", partial(self.cut, path, length), [path]
            whole = {"a byte more": data + b"\0", "twice": data + data, "zeros": bytes(len(data)), "missing": None}
            if len(data) > 600:
                whole["a hole"] = data[:256] + bytes(256) + data[512:]
            for how, new in whole.items():
                # Of a write-ahead file that is missing nothing tells the number.
                yield f"{path}: {how}", partial(dict, {path: new}), [path if new is not None or path.startswith("log/") else "log-wal"]
        for number, first in enumerate(self.files):
            for second in self.files[number + 1:]:
                if self.state[first] != self.state[second]:
                    yield f"{first} and {second}: swapped", partial(dict, {first: self.state[second], second: self.state[first]}), [first, second]
        for top in LOG:
            old = {path: data for path, data in self.older.items() if path.split("/")[0] == top and data is not None}
            gone = {path: None for path in self.files if path.split("/")[0] == top}
            yield f"{top}: an older copy", partial(dict, gone | old), [top]
            yield f"{top}: empty", partial(dict, gone), [top]


def judge(program, room, sample, damage):
    what, make, files = damage
    changed = make()
    entry = sample.entry_at(files[0], int(what.split()[-1])) if re.search(r": (bit|byte) \d+$", what) else None
    if all(sample.state.get(path) == data for path, data in changed.items()):
        return "the same bytes"
    for path, data in changed.items():
        full = os.path.join(room, path)
        if data is None:
            if os.path.exists(full):
                os.remove(full)
        else:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(data)
    try:
        status, out, errors = program.run("audit", "verify", "--room", room)
        text = (out + errors).decode(errors="replace").strip()
        try:
            check_log.check_room(room, None)
            independent = True
        except (check_log.Damage, ValueError) as problem:
            independent = isinstance(problem, ValueError)
        why = harmless(sample, what)
        if status == 0 and why:
            need(independent and program.verify(room) == sample.verdict, f"harmless ({why}), and yet: {text}")
            return f"passed: {why}"
        if status == 0 and sample.name == "killed" and what == "log-wal: an older copy":
            status, out, errors = program.run("audit", "verify", "--from", sample.note, "--room", room)
            need(status == 4, f"not even a checkpoint kept elsewhere shows it: exit {status}")
            return f"passed: {OLDER}"
        need(status == 4, f"exit {status}: {text}")
        # Python's standard library has no ML-DSA-65: what only that line shows, only verify sees.
        need(not independent or "ML-DSA-65 signature" in text, f"check_log.py does not find it; verify says {text}")
        need(any(path in text for path in files), f"none of {files} is named: {text}")
        named = re.search(r"entry (\d+) in ", text)
        if entry is not None:
            need(named and int(named[1]) == entry, f"entry {entry} is not named: {text}")
        return "found, with the file" + (" and the entry" if named else "")
    finally:
        place_back(room, sample, changed)


def place_back(room, sample, changed):
    if len(changed) > 2:
        place(sample.state, room)
        return
    for path in changed:
        data, full = sample.state.get(path), os.path.join(room, path)
        if data is None:
            os.remove(full)
        else:
            with open(full, "wb") as file:
                file.write(data)


def samples(program, work, seed):
    """A closed log; one whose last entries lie in the write-ahead file alone."""
    closed, lines = program.make(work, "damage.closed"), Lines(seed, 40)
    older = contents(closed)
    appender = Appender(program, closed)
    appender.send(lines.take(3))
    need(appender.end() == 0, appender.errors)
    cut = copy(closed, os.path.join(work, "damage.cut"))
    before = contents(cut)
    appender = Appender(program, cut)
    for _ in range(2):
        appender.send(lines.take(2))
        appender.receive(len(appender.indices) + 2)
    appender.end(kill=True)
    # Two tiles of 256 entries and more, for swapping and for levels above the first.
    tall = program.make(work, "damage.tall")
    appender = Appender(program, tall)
    appender.send(Lines(seed + 1, 40).take(300))
    need(appender.end() == 0, appender.errors)
    before_tall = contents(tall)
    appender = Appender(program, tall)
    appender.send(Lines(seed + 2, 40).take(300))
    need(appender.end() == 0, appender.errors)
    return [Sample(program, "closed", closed, older), Sample(program, "killed", cut, before)], Sample(program, "tall", tall, before_tall)


def once(bytewise, dice):
    """For each byte one of what can be done to it, by chance: a third of the work."""
    places = collections.defaultdict(list)
    for damage in bytewise:
        path, _, how = damage[0].partition(": ")
        places[path, how.rpartition(" ")[2]].append(damage)
    return [dice.choice(kinds) for kinds in places.values()]


def run(program, work, seed, jobs, most=None, each_once=False):
    problems, counts = [], collections.Counter()
    small, tall = samples(program, work, seed)
    dice = random.Random(seed)
    for sample in [*small, tall]:
        read(sample.room)
        program.verify(sample.room)
        every = list(sample.damages())
        whole = [damage for damage in every if not BYTEWISE.search(damage[0])]
        bytewise = [damage for damage in every if BYTEWISE.search(damage[0])]
        if each_once:
            bytewise = once(bytewise, dice)
        if sample is tall:
            bytewise = dice.sample(bytewise, 300)
        chosen = whole + bytewise if most is None else dice.sample(whole, min(len(whole), most // 6)) + dice.sample(bytewise, min(len(bytewise), most // 6))
        rooms = [copy(sample.room, os.path.join(work, f"damage-{number}")) for number in range(jobs)]

        def lane(number, sample=sample, chosen=chosen, rooms=rooms):
            for damage in chosen[number::jobs]:
                try:
                    counts[judge(program, rooms[number], sample, damage)] += 1
                except Broken as why:
                    problems.append((f"damage to the {sample.name} log: {damage[0]}", str(why)))

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lane, range(jobs)))
        for room in rooms:
            program.verify(room)
            need(contents(room) == sample.state, "the damage was not taken back")
            shutil.rmtree(room)
        print(f"damage: {sample.name} log, {sum(len(sample.state[path]) for path in sample.files)} bytes in {len(sample.files)} files: "
              f"{len(chosen)} of {len(every)} kinds of damage done; so far {dict(sorted(counts.items()))}, not as promised {len(problems)}", flush=True)
    return problems

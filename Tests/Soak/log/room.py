# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""A room under test, from outside: the program that appends to it, and the judgement of what is left of it."""

import functools
import json
import os
import random
import select
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "Independent"))
import check_log  # noqa: E402

# The states of one run repeat the same checkpoints and entries: each signature and each entry is checked once.
check_log.Key.verify = functools.lru_cache(maxsize=None)(check_log.Key.verify)
check_entry, sound = check_log.check_entry, {}


def check_once(raw, index, previous, where):
    if (raw, index, previous) not in sound:
        sound[raw, index, previous] = check_entry(raw, index, previous, where)
    return sound[raw, index, previous]


check_log.check_entry = check_once

LOG = ("log", "log-wal")
APPENDING = ("audit", "append")


class Broken(Exception):
    """A promise of the log that did not hold."""


def need(condition, what):
    if not condition:
        raise Broken(what)


class Program:
    """`atomic`, perhaps behind the shim."""

    def __init__(self, directory, shim):
        self.atomic, self.shim = os.path.join(directory, "atomic"), shim

    def environment(self, room=None, **wishes):
        """For a run behind the shim: what it is to do to the room, by the shim's variables without their prefix."""
        if room is None:
            return None
        # Both ways to make many tiles durable are to be crashed; a debug build takes the second one above so many files.
        return dict(os.environ, LD_PRELOAD=self.shim, SHIM_ROOT=room, ATOMIC_LOG_MANY_FILES="24", **{f"SHIM_{name}": str(value) for name, value in wishes.items()})

    def run(self, *arguments, given=b"", environment=None, seconds=120):
        """(status, stdout, stderr); a program that a signal ended has a negative status."""
        done = subprocess.run([self.atomic, *arguments], input=given, capture_output=True, env=environment, timeout=seconds, check=False)
        return done.returncode, done.stdout, done.stderr

    def make(self, work, name="room"):
        """A new room; what `atomic init` needs is made beside it."""
        key = os.path.join(work, "owner.key")
        if not os.path.exists(key):
            status, _, errors = self.run("keygen", "--type", "ed25519", "-o", key)
            need(status == 0, f"keygen: {errors.decode()}")
        room = os.path.join(work, name)
        status, _, errors = self.run("init", room, "--name", "crash", "--owner", f"file:{key}")
        need(status == 0, f"init: {errors.decode()}")
        return os.path.realpath(room)

    def verify(self, room, *arguments):
        """The program's own verdict, which must be good."""
        status, out, errors = self.run("audit", "verify", "--json", "--room", room, *arguments)
        need(status == 0, f"verify exits {status}: {(out + errors).decode(errors='replace').strip()}")
        verdict = json.loads(out)
        need(verdict["verified"] is True, f"verify says {verdict}")
        return verdict


class Lines:
    """Lines to append, from a seed: the number of each is its place, the rest is of many shapes and sizes."""

    def __init__(self, seed, longest=600):
        self.random, self.made, self.longest = random.Random(seed), [], longest

    def take(self, count):
        """The next lines, to be written to the program."""
        new = []
        for _ in range(count):
            number, pick = len(self.made), self.random
            line = {"type": pick.choice(["x.crash", "x.other.kind"]), "data": {"n": number}}
            if pick.random() < 0.3:
                line["job"] = f"job-{pick.randrange(1000)}"
            if pick.random() < 0.6:
                line["data"]["text"] = "".join(pick.choice("abc \u00e4\u20ac\U0001f511\"\\\n\t0") for _ in range(pick.randrange(min(self.longest, 600))))
            if self.longest > 600 and pick.random() < 0.5:
                # A character of the text may have four bytes, and the data of a line at most 4,096.
                line["data"]["pad"] = "x" * pick.randrange(max(1, self.longest - 4 * len(line["data"].get("text", "")) - 100))
            self.made.append(line)
            new.append((json.dumps(line, ensure_ascii=False) + "\n").encode())
        return b"".join(new)


class Appender:
    """A running `atomic audit append`. It answers when it is ready; whoever asks does not have to wait."""

    def __init__(self, program, room, environment=None):
        self.process = subprocess.Popen([program.atomic, *APPENDING, "--room", room], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment)
        self.rest, self.indices = b"", []

    def send(self, lines):
        try:
            self.process.stdin.write(lines)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def receive(self, count=None, seconds=60):
        """Waits for so many answers in all, or takes what is there; false when the program has ended before."""
        while count is None or len(self.indices) < count:
            ready, _, _ = select.select([self.process.stdout], [], [], seconds if count is not None else 0)
            if not ready:
                need(count is None, "no answer in a minute")
                return True
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                return False
            self.take(chunk)
        return True

    def take(self, chunk):
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        self.indices += [json.loads(line)["index"] for line in lines]

    def end(self, kill=False):
        """Its status; all that it still had answered is in `indices`, what it said in `errors`."""
        if kill:
            self.process.kill()
        self.process.stdin.close()
        self.take(self.process.stdout.read())
        self.errors = self.process.stderr.read().decode(errors="replace")
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.wait()


def read(room):
    """All entries as the independent checker sees them, and what it says about them."""
    try:
        _, log, published = check_log.check_room(room, None)
    except check_log.Damage as damage:
        raise Broken(f"check_log.py: {damage}") from damage
    return log, published


def compare(entries, before, lines, answers, lost=()):
    """What lies there begins with `before` and goes on with the lines in their order. Each line that was answered is at the index of its
    answer. Places in `lost` are of lines whose program ended with an error before it answered: they may be there or not."""
    need(entries[:len(before)] == before, "an entry of before is missing, or another one now")
    waiting, place, index = list(answers), 0, len(before)
    for raw in entries[len(before):]:
        entry = json.loads(raw)
        found = {name: entry[name] for name in ("type", "job", "data") if name in entry}
        while place in lost and place < len(lines) and lines[place] != found:
            place += 1
        need(place < len(lines) and lines[place] == found and entry["seq"] == index, f"entry {index} is not what was sent: {raw.decode()}")
        if place not in lost and waiting:
            need(waiting[0] == index, f"entry {index} was answered with index {waiting[0]}")
            del waiting[0]
        place, index = place + 1, index + 1
    need(not waiting, f"{len(waiting)} acknowledged entries are lost: {len(entries)} are there, {waiting[-1:]} was the last answer")


def judge(program, room, before, lines, answers, lost=(), tail=False):
    """Everything that must hold for what a crash has left: before anybody opens it, when it is opened, and afterwards.

    before: entries (bytes) that were there; lines: what was sent since; answers: the indices that were answered."""
    log, _ = read(room)
    compare(log.entries, before, lines, answers, lost)
    verdict = program.verify(room)
    root = check_log.base64.b64encode(log.tree.root()).decode()
    need((verdict["size"], verdict["root"]) == (len(log.entries), root), f"verify and check_log.py see different logs: {verdict}, {len(log.entries)}")
    if tail:
        status, out, errors = program.run("audit", "tail", "--json", "-n", "1000000", "--room", room)
        need(status == 0, f"tail exits {status}: {errors.decode()}")
        need(out.split(b"\n")[:-1] == log.entries, "tail prints other entries than check_log.py reads")
    status, out, errors = program.run(*APPENDING, "--room", room, given=b'{"type":"x.after","data":{}}\n')
    need(status == 0, f"it does not open again: exit {status}: {errors.decode().strip()}")
    need(out == b'{"index":%d}\n' % len(log.entries), f"reopened with {len(log.entries)} entries, the next one is {out.decode().strip()}")
    after, _ = read(room)
    need(after.entries[:-1] == log.entries and len(after.entries) == len(log.entries) + 1, "opening it changed the entries")
    need(not [name for name in os.listdir(os.path.join(room, "log-wal")) if name.endswith(".tmp")], "a temporary file is left in log-wal")
    need(program.verify(room)["size"] == len(after.entries), "verify sees another size after it was opened")
    return log.entries


def copy(room, target):
    """A copy of a room, in place of whatever was at the target."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(room, target, symlinks=True)
    return os.path.realpath(target)


def contents(room):
    """Files and directories of the log as bytes, by path; a directory has None."""
    found = {}
    for top in LOG:
        for parent, directories, files in os.walk(os.path.join(room, top)):
            for name in directories + [""]:
                found[os.path.relpath(os.path.join(parent, name), room)] = None
            for name in files:
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, room)] = file.read()
    return found


def place(state, room):
    """Makes the log of a room what the state says."""
    for top in LOG:
        shutil.rmtree(os.path.join(room, top), ignore_errors=True)
    for path in sorted(state):
        full = os.path.join(room, path)
        if state[path] is None:
            os.makedirs(full, 0o700, exist_ok=True)
        else:
            with open(full, "wb") as file:
                file.write(state[path])

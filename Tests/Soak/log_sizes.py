#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Logs of given sizes under Tests/Independent/check_log.py and atomic audit verify: good ones pass, every kind of damage is refused.

    log_sizes.py --bin DIR --work DIR --sizes 255,256,257,65536

Of each kind of file that the log of a size has (checkpoint, bundles and tiles of each level, full and partial, write-ahead file) one has a
byte flipped, is cut, is missing; partial tiles get another width; tiles change places; what must not be there is put there. Each of that
is done to a copy, and the copy is put right again and must pass at the end. What is allowed (a partial tile beside its full one) is done,
too, and must pass. Prints a line per size; exits 1 with the first thing that was not as it should be.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

CHECKER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Independent", "check_log.py")


def broken(what):
    print(f"FAILED: {what}", file=sys.stderr)
    sys.exit(1)


class Log:
    def __init__(self, options, size):
        self.options, self.size = options, size
        self.room = os.path.join(options.work, f"room-{size}")
        self.atomic = os.path.join(options.bin, "atomic")
        self.call("init", self.room, "--name", f"sizes-{size}")
        born = self.head()["size"]
        if born > size:
            broken(f"a new room has {born} entries already, more than {size}")
        lines = "".join('{"type":"x.test","data":{"n":%d}}\n' % number for number in range(born, size))
        begun = time.monotonic()
        self.call("audit", "append", "--room", self.room, given=lines)
        self.seconds = time.monotonic() - begun
        self.vkey = self.head()["vkey"]

    def call(self, *words, given=""):
        run = subprocess.run([self.atomic, *words], input=given, capture_output=True, text=True, check=False)
        if run.returncode:
            broken(f"atomic {' '.join(words)}: exit {run.returncode}: {run.stderr}")
        return run.stdout

    def head(self):
        return json.loads(self.call("audit", "checkpoint", "--room", self.room, "--json"))

    def check(self, wanted, what, ours=None):
        """Both checkers have to say the same; where ours may not see it, `ours` is what it says."""
        runs = {"check_log.py": [sys.executable, "-B", CHECKER, self.room, "--vkey", self.vkey],
                "check_log.py --tiles": [sys.executable, "-B", CHECKER, "--tiles", self.room + "/log", "--vkey", self.vkey],
                "atomic audit verify": [self.atomic, "audit", "verify", "--room", self.room, "--vkey", self.vkey, "--json"]}
        if "log-wal" in what:
            del runs["check_log.py --tiles"]
        for name, command in runs.items():
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            if run.returncode != wanted:
                broken(f"{self.size} entries, {what}: {name} exits {run.returncode} instead of {wanted}: {run.stdout}{run.stderr}")
            if wanted == 4 and name.startswith("check_log") and "damage" not in json.loads(run.stdout):
                broken(f"{self.size} entries, {what}: {name} does not say what is wrong: {run.stdout}")
        return json.loads(run.stdout)

    def kinds(self):
        """One file of each kind, by its kind; the last of them, which is no special case of the first."""
        kinds = {}
        for parent, _, names in os.walk(self.room):
            for name in names:
                path = os.path.relpath(os.path.join(parent, name), self.room)
                if not path.startswith("log") or path == "log-wal/lock":
                    continue
                tile = re.fullmatch(r"log/tile/(entries|\d+)/.*?(?:\.p/(\d+))?", path)
                if tile and tile[2]:
                    # Partial tiles of sizes that were published before stay until their full tile is there.
                    now = (self.size >> (0 if tile[1] == "entries" else 8 * int(tile[1]))) % 256
                    kind = f"{'partial' if int(tile[2]) == now else 'older'} {tile[1]}"
                else:
                    kind = f"full {tile[1]}" if tile else re.sub(r"\d+", "N", path)
                kinds[kind] = max(kinds.get(kind, ""), path)
        return kinds


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def damages(log, kinds, dice):
    """(what, do, undo) of every damage."""
    def replaced(path, change):
        whole = os.path.join(log.room, path)
        good = read(whole)
        return lambda: write(whole, change(good)), lambda: write(whole, good)

    def moved(source, target):
        source, target = os.path.join(log.room, source), os.path.join(log.room, target)
        return lambda: (os.makedirs(os.path.dirname(target), exist_ok=True), os.rename(source, target)), lambda: os.rename(target, source)

    def added(path, data):
        whole = os.path.join(log.room, path)
        return lambda: write(whole, data), lambda: os.remove(whole)

    def flip(data):
        # Of a checkpoint, not the line of the ML-DSA-65 key, which Python's standard library cannot check.
        text, _, signatures = data.partition(b"\n\n\xe2\x80\x94 ")
        at = dice.randrange(len(text) + 6 + signatures.index(b"\n") if signatures else len(data))
        return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1:]

    for kind, path in sorted(kinds.items()):
        yield f"a flipped bit in {path}", *replaced(path, flip)
        yield f"{path} cut", *replaced(path, lambda data: data[:-dice.randrange(1, min(len(data), 40))])
        # The files do not say which sizes were published before this one.
        if not kind.startswith("older"):
            yield f"{path} missing", *moved(path, f"aside/{kind.replace(' ', '-').replace('/', '-')}")
        if kind == "log-wal/N.wal":
            continue
        yield f"{path} longer", *replaced(path, lambda data: data + b"\0" * 32)
        if kind.startswith("partial"):
            base, width = path.rsplit("/", 1)
            yield f"{path} under the next width", *moved(path, f"{base}/{int(width) + 1}")
            yield f"a width of 256 beside {path}", *added(f"{base}/256", read(os.path.join(log.room, path)))
            yield f"a leading zero beside {path}", *added(f"{base}/0{width}", read(os.path.join(log.room, path)))
            if int(width) > 1 and kind != "partial entries":
                yield f"a wrong shorter partial tile beside {path}", *added(f"{base}/1", b"\1" * 32)
            yield f"a full tile that cannot be there, beside {path}", *added(base.removesuffix(".p"), read(os.path.join(log.room, path)))
        elif kind.startswith("full") and kind != "full entries":
            yield f"a partial tile that is no prefix of {path}", *added(f"{path}.p/2", read(os.path.join(log.room, path))[32:96])
    yield "a file that is no resource", *added("log/tile/0/README", b"x")
    yield "a tile beyond the tree", *added("log/tile/5/000.p/1", b"\0" * 32)
    yield "a tile beyond the last", *added("log/tile/0/x999/000", b"\0" * 8192)


def run(options, size, dice):
    log = Log(options, size)
    begun = time.monotonic()
    good = log.check(0, "as it is")
    seconds = time.monotonic() - begun
    if good["size"] != size:
        broken(f"{good['size']} entries instead of {size}")
    kinds = log.kinds()
    count = 0
    chosen = list(damages(log, kinds, dice))
    if options.sample is not None:
        chosen = dice.sample(chosen, min(options.sample, len(chosen)))
    for what, do, undo in chosen:
        do()
        log.check(4, what)
        undo()
        count += 1
    shutil.rmtree(os.path.join(log.room, "aside"), ignore_errors=True)
    # Allowed by the format, so nobody may refuse it: the front of a full tile under its partial name.
    for kind, path in kinds.items():
        if kind.startswith("full") and kind != "full entries":
            place = os.path.join(log.room, path)
            write(f"{place}.p/2", read(place)[:64])
    log.check(0, "put right again, and with partial tiles beside full ones")
    print(json.dumps({"entries": size, "appendSeconds": round(log.seconds, 1), "checkSeconds": round(seconds, 1), "kinds": sorted(kinds),
                      "damages": count}))
    shutil.rmtree(log.room)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--sizes", default="255,256,257")
    parser.add_argument("--sample", type=int, help="so many of the damages, chosen by the seed, instead of all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    for size in map(int, options.sizes.split(",")):
        run(options, size, dice)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""crash.py --bin DIR --shim SO --bare PROGRAM --work DIR [--short] [--seed N] [PART…]: a room's log under whatever may happen to it.

Parts: kills power faults beside damage. All from outside, through `atomic audit` and the independent checker; nothing here knows
how the write-ahead file is made. Exits 0 when every promise held, 1 with a line for each that did not."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

import beside
import damage
import faults
import kills
import power
from room import Broken, Program


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, help="where `atomic` is")
    parser.add_argument("--shim", required=True, help="shim.c, compiled")
    parser.add_argument("--bare", required=True, help="bare.c, compiled")
    parser.add_argument("--work", required=True, help="a directory on a real disk")
    parser.add_argument("--keep", help="where broken states are kept")
    parser.add_argument("--short", action="store_true", help="a sample, in about a minute")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=max(1, min(4, len(os.sched_getaffinity(0)))))
    parser.add_argument("--states", type=int, help="about how many crash states of power")
    parser.add_argument("--workloads", help="which of power's, with commas between")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--cases", type=int, help="at most so many failing calls, and kinds of damage")
    parser.add_argument("--once", action="store_true", help="one damage to each byte, by chance, instead of all three")
    parser.add_argument("parts", nargs="+", choices=["kills", "power", "faults", "beside", "damage"])
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    program, short, seed = Program(options.bin, options.shim), options.short, options.seed
    names = options.workloads.split(",") if options.workloads else ["small", "killed"] if short else list(power.WORKLOADS)
    memory = tempfile.mkdtemp(prefix="atomic-crash-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else options.work)
    parts = {
        # What syncs for real, on a real disk; what only simulates one, in memory.
        "kills": lambda: kills.run(program, options.work, seed, options.kills or (15 if short else 1000)),
        "beside": lambda: beside.run(program, options.work, seed, short),
        "power": lambda: power.run(program, options.bare, memory, options.keep, seed, options.states or (60 if short else 5000), options.jobs, names),
        "faults": lambda: faults.run(program, memory, seed, options.jobs, options.cases or (40 if short else None)),
        "damage": lambda: damage.run(program, memory, seed, options.jobs, options.cases or (90 if short else None), options.once),
    }
    problems = []
    try:
        for part in options.parts:
            begun = time.monotonic()
            try:
                problems += parts[part]()
            except Broken as why:
                problems.append((part, str(why)))
            print(f"{part}: seed {seed}, {time.monotonic() - begun:.0f} s", flush=True)
    finally:
        shutil.rmtree(memory, ignore_errors=True)
    for how, why in problems:
        print(f"BROKEN: {how}: {why}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

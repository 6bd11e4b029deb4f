# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Each call that the program makes to the room's directory fails once: the disk is full, fails, or has become read-only, once or from
then on; a write is cut short. The program says one clear error, answers nothing that is not true, and the room goes on afterwards."""

import collections
import errno
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor

from disk import events
from room import Appender, Broken, Lines, copy, judge, need, read

# What is tried: the name, the wish to the shim, and whether it fails opening for reading, too.
FAULTS = {
    "full once": (f":{errno.ENOSPC}", "w"),
    "full from then on": (f"+:{errno.ENOSPC}", "w"),
    "quota": (f":{errno.EDQUOT}", "w"),
    "error once": (f":{errno.EIO}", "rw"),
    "errors from then on": (f"+:{errno.EIO}", "w"),
    "read-only from then on": (f"+:{errno.EROFS}", "w"),
    "interrupted": (f":{errno.EINTR}", "write"),
    "short": (":short", "write"),
}
SAYS = {"full": "no space left|full", "quota": "quota", "error": "input/output error", "read": "read-only file system"}


def append(program, room, lines, **wishes):
    """Appends three batches and ends; (status, answers, what it said, lines sent)."""
    appender, sent = Appender(program, room, program.environment(room, **wishes)), 0
    for count in (1, 3, 2):
        appender.send(lines.take(count))
        sent += count
        if not appender.receive(sent):
            break
    return appender.end(), appender.indices, appender.errors, sent


def one_error(errors):
    """Two lines: what happened, and what to do."""
    lines = errors.strip().split("\n")
    need(len(lines) == 2 and lines[0].startswith("error: ") and re.match(r" +\S.{9}", lines[1]), f"not one error with a remedy: {errors!r}")


def one(program, template, room, seed, fault, number, call):
    """One failing call. Returns what came of it."""
    wish, calls = FAULTS[fault]
    copy(template, room)
    before = read(room)[0].entries
    lines = Lines(seed)
    status, answers, errors, sent = append(program, room, lines, FAIL=f"{number}{wish}", CALLS="rw" if calls == "rw" else "w")
    if status == 0:
        need(len(answers) == sent, f"exit 0 with {len(answers)} answers to {sent} lines")
        need(not errors, f"exit 0, and says {errors!r}")
    else:
        need(calls != "write", f"exit {status}: {errors.strip()}")
        need(status == 1, f"exit {status}: {errors.strip()}")
        one_error(errors)
        wanted = next(text for name, text in SAYS.items() if fault.startswith(name))
        need(re.search(wanted, errors, re.I), f"unclear: {errors.strip()!r}")
    lost = set() if status == 0 else set(range(len(answers), sent))
    entries = judge(program, room, before, lines.made, answers, lost, tail=True)
    return ("passed over" if status == 0 else "one error") + (", unanswered lines kept" if len(entries) > len(before) + len(answers) else "")


def run(program, work, seed, jobs, most=None):
    problems, counts, dice = [], collections.Counter(), random.Random(seed)
    closed = program.make(work, "faults.closed")
    cut = copy(closed, os.path.join(work, "faults.cut"))
    appender = Appender(program, cut)
    appender.send(Lines(seed + 1).take(3))
    appender.receive(3)
    appender.end(kill=True)
    grown = copy(closed, os.path.join(work, "faults.grown"))
    appender = Appender(program, grown)
    appender.send(Lines(seed + 2).take(249))
    need(appender.end() == 0, appender.errors)
    rooms = [copy(closed, os.path.join(work, f"faults-{number}")) for number in range(jobs)]
    cases = []
    # A closed log, one whose writer was killed, and one that fills a tile of 256 entries.
    for template in (closed, cut, grown):
        for calls in ("w", "rw"):
            trace = os.path.join(work, "faults.trace")
            if os.path.exists(trace):
                os.remove(trace)
            copy(template, rooms[0])
            status, _, errors, _ = append(program, rooms[0], Lines(seed), TRACE=trace, CALLS=calls)
            need(status == 0, f"control: without a fault it exits {status}: {errors}")
            called = [(int(event.words[0]), event.words[1], event.text[0]) for event in events(trace) if event.kind == "N"]
            need(len(called) > 15, f"the shim sees {len(called)} calls")
            for fault, (_, which) in FAULTS.items():
                if (which == "rw") != (calls == "rw"):
                    continue
                cases += [(template, fault, number, f"{name} of {path}") for number, name, path in called
                          if which != "write" or "write" in name]
    chosen = cases if most is None or len(cases) <= most else dice.sample(cases, most)

    def lane(number):
        for template, fault, call, what in chosen[number::jobs]:
            how = f"{os.path.basename(template)}: {fault}: call {call}, {what}"
            try:
                counts[f"{fault}: {one(program, template, rooms[number], seed, fault, call, what)}"] += 1
            except Broken as why:
                problems.append((how, str(why)))

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lane, range(jobs)))
    print(f"faults: {len(chosen)} of {len(cases)} failing calls tried: {dict(sorted(counts.items()))}", flush=True)
    errors_seen = sum(number for name, number in counts.items() if "one error" in name)
    need(errors_seen > len(chosen) / 4, f"control: only {errors_seen} of {len(chosen)} faults had an effect")
    return problems

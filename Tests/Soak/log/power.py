# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The power goes: what a program did to the disk is written down by shim.c, and disk.py makes of it what the disk may hold afterwards.
Each such state is opened, judged and opened again. Programs that do not deserve trust are the controls: they must be found out."""

import json
import os
import random
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Lock

from disk import Crash, Disk, JournalledDisk, digest, events
from room import Appender, Broken, Lines, contents, copy, judge, need, place, read

# Processes that append one after the other to one room: numbers of lines that are sent together, a number below 0 without waiting for
# the answers; then the end.
WORKLOADS = {
    "small": (0, [([1, 3, 1, -2, 5], "close"), ([2, 1], "kill"), ([1, 4], "kill"), ([1], "close")]),
    "bundles": (245, [([3, 4, 1, 2], "close"), ([5, 200, 1], "kill"), ([60, 1], "close")]),
    "killed": (0, [([1, 2, 1], "close"), ([1, -2, 1], "stop"), ([1, 1], "close")]),
    "failing": (0, [([1, 2, 1], "close"), ([1, 2, 1], "fail"), ([1, 1], "kill"), ([1, 1], "close")]),
    "publishing": (0, [([1500, 1500, 1500], "kill"), ([1, 1], "close")]),
    "rotating": (0, [([1800, 1800, 1800, 1], "kill"), ([1], "close")]),
}
FIXED = [("none", "none"), ("all", "all"), ("all", "none"), ("none", "all"), ("all", "hollow")]


def quiet(trace):
    """Waits until the program does nothing more, so that a kill falls between two calls."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 0.05:
        if os.path.getsize(trace) != size:
            size, since = os.path.getsize(trace), time.monotonic()
        time.sleep(0.005)


class Recording:
    """A workload that ran behind the shim: the room before it, what was sent, and the trace."""

    def __init__(self, program, work, name, seed, fail=None, **wishes):
        filled, processes = WORKLOADS[name]
        self.name, self.trace, self.lost = f"{name} {fail or ''}", os.path.join(work, f"{name}.trace"), set()
        room = os.path.join(work, f"{name}.room")
        shutil.rmtree(room, ignore_errors=True)
        room = program.make(work, f"{name}.room")
        lines = Lines(seed, 4000 if name == "rotating" else 600)
        if filled:
            appender = Appender(program, room)
            appender.send(lines.take(filled))
            need(appender.end() == 0, appender.errors)
        if os.path.exists(self.trace):
            os.remove(self.trace)
        self.before, self.initial, sent = read(room)[0].entries, contents(room), len(lines.made)
        for batches, end in processes:
            extra = {"FAIL": fail} if end == "fail" else {"KILL": fail} if end == "stop" else {}
            appender = Appender(program, room, program.environment(room, TRACE=self.trace, **wishes, **extra))
            asked = 0
            for count in batches:
                appender.send(lines.take(abs(count)))
                asked += abs(count)
                if count > 0 and not appender.receive(asked):
                    break
            if end == "kill":
                quiet(self.trace)
            status = appender.end(kill=end == "kill")
            need(end in ("fail", "stop") or status == (0 if end == "close" else -9), f"{name}: exit {status}: {appender.errors}")
            self.lost |= set(range(len(lines.made) - sent - asked + len(appender.indices), len(lines.made) - sent))
        self.lines, self.room = lines.made[sent:], room
        self.events = events(self.trace)
        strange = [event.text for event in self.events if event.kind == "X"]
        need(not strange, f"{name}: the shim cannot follow this: {strange}")

    def check(self):
        """The control of the recording itself: played back to its end it gives the directory, byte for byte."""
        disk = Disk(self.initial)
        for event in self.events:
            disk.feed(event)
        real, played = contents(self.room), disk.now()
        different = sorted(path for path in real.keys() | played.keys() if real.get(path, "") != played.get(path, ""))
        need(not different, f"{self.name}: the trace does not make these: {different}")
        return len(real)

    def states(self, seed, each, chance=1.0):
        """(state, answers, how) for many moments and many fates of what was not durable; none twice."""
        seen, failed = set(), any(event.kind == "I" and "sync" in event.words[1] for event in self.events)
        for kind, fails in [(Disk, True), (JournalledDisk, True)] + [(Disk, False), (JournalledDisk, False)] * failed:
            disk, answers, rest = kind(self.initial, fails), [], b""
            for number, event in enumerate(self.events):
                disk.feed(event)
                if event.kind == "A":
                    *whole, rest = (rest + event.data).split(b"\n")
                    answers += [json.loads(line)["index"] for line in whole if line]
                elif event.kind not in "CWZFRLUMBE":
                    continue
                dice = random.Random(f"{seed} {self.name} {kind.__name__} {fails} {number}")
                fates = [(*pair, 512, dice.choice(["zeros", "noise", "grave"])) for pair in FIXED]
                fates += [(dice.choice(["all", "first", "any", "any"]), dice.choice(["first", "any", "any", "any"]), dice.choice([512, 4096]),
                           dice.choice(["zeros", "zeros", "noise", "grave"])) for _ in range(each)]
                for fate in fates:
                    if dice.random() >= chance:
                        continue
                    state = Crash(disk, dice, *fate).state
                    mark = digest(state), len(answers)
                    if mark not in seen:
                        seen.add(mark)
                        yield state, list(answers), f"{self.name}: {kind.__name__} after event {number} ({event.kind} {' '.join(event.text)}), {fate}"


def examine(program, recording, states, work, jobs, keep, stop=None):
    """Judges states; returns how many, and what did not hold as (how, why). Ends early after `stop` failures."""
    failures, counts, turn = [], [0] * jobs, Lock()

    def lane(number):
        room = copy(recording.room, os.path.join(work, f"state-{number}"))
        while not (stop and len(failures) >= stop):
            with turn:
                state, answers, how = next(states, (None, None, None))
            if state is None:
                break
            counts[number] += 1
            try:
                place(state, room)
                judge(program, room, recording.before, recording.lines, answers, recording.lost, tail=counts[number] % 4 == 0)
            except Broken as why:
                failures.append((how, str(why)))
                if keep and len(failures) <= 3:
                    place(state, copy(room, os.path.join(keep, f"{recording.name}-{len(failures)}".replace(" ", "-"))))

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lane, range(jobs)))
    return sum(counts), failures


def bare(compiled, shim, work, mode):
    """A control: of how many states of a bare program lines are missing that it had answered."""
    room, trace = os.path.join(work, f"bare-{mode}"), os.path.join(work, f"bare-{mode}.trace")
    os.makedirs(os.path.join(room, "log"))
    environment = dict(os.environ, LD_PRELOAD=shim, SHIM_ROOT=room, SHIM_TRACE=trace)
    lines = [b'{"n":%d}' % number for number in range(20)]
    subprocess.run([compiled, room, mode], input=b"\n".join(lines) + b"\n", env=environment, check=True, capture_output=True)
    counts = [0, 0]
    disk, answered = Disk({"log": None}), 0
    for number, event in enumerate(events(trace)):
        disk.feed(event)
        answered += event.data.count(b"\n") if event.kind == "A" else 0
        dice = random.Random(number)
        for fate in FIXED + [("any", "any")] * 4:
            state = Crash(disk, dice, *fate).state
            there = (state.get("log/lines") or b"").split(b"\n")
            counts[0] += 1
            counts[1] += there[:answered] != lines[:answered]
    return counts


def controls(program, compiled, work, seed, jobs):
    """What must be found out is found out, and what is sound is not accused."""
    for mode in ("sound", "early", "nameless"):
        states, bad = bare(compiled, program.shim, work, mode)
        need(bad == 0 if mode == "sound" else bad > 0, f"control: of {states} states of the {mode} program {bad} lack lines")
        print(f"power: control, bare program ({mode}): {bad} of {states} states lack answered lines")
    recording = Recording(program, work, "small", seed, FORGET=1)
    count, failures = examine(program, recording, recording.states(seed, 1), work, jobs, None, stop=5)
    need(any("lost" in why or "missing" in why for _, why in failures), "control: a log whose syncs do nothing was not found out")
    print(f"power: control, the log with syncs that do nothing: {len(failures)} of the first {count} states are broken, as they must be")


def run(program, compiled, work, keep, seed, most, jobs, names):
    controls(program, compiled, work, seed, jobs)
    problems = []
    for name in names:
        wishes = [None]
        if name == "failing":
            # The calls of the process from its first write on: EIO once, and a disk that is full from then on.
            wishes = [f"{number}{wish}" for number in range(2, 40) for wish in (":5", "+:28")]
        elif name == "killed":
            wishes = list(range(2, 40))
        if most < 1000:
            wishes = random.Random(seed).sample(wishes, min(len(wishes), 3))
        begun, sums, broken = time.monotonic(), [0, 0, 0], len(problems)
        for wish in wishes:
            recording = Recording(program, work, name, seed, wish)
            recording.check()
            share = max(10, most // len(names) // len(wishes))
            if name in ("publishing", "rotating"):
                share = min(share, 40)
            chance = min(1, 2 * share / (len(recording.events) * 11))
            count, failures = examine(program, recording, islice(recording.states(seed, 6, chance), share), work, jobs, keep)
            sums = [sums[0] + len(recording.events), sums[1] + len(recording.lines), sums[2] + count]
            problems += failures
            shutil.rmtree(recording.room)
            os.remove(recording.trace)
        print(f"power: {name}: {len(wishes)} recordings of {sums[0]} events and {sums[1]} lines, each played back byte for byte; {sums[2]} different "
              f"states judged in {time.monotonic() - begun:.0f} s, {len(problems) - broken} broken", flush=True)
    return problems

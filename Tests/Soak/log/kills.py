# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""kill -9 at random instants, again and again, against one room that grows. After each: verification, an extension of the log of
before, and of all that was sent exactly what was answered, perhaps with what was on its way."""

import base64
import collections
import json
import os
import random
import time

from room import Appender, Broken, Lines, compare, need, read


def tail(program, room, number):
    status, out, errors = program.run("audit", "tail", "--json", "-n", str(number), "--room", room)
    need(status == 0, f"tail exits {status}: {errors.decode()}")
    return out.split(b"\n")[:-1] if number else []


def strike(program, room, lines, dice):
    """One process, from its start to its end. Returns what it was doing, its answers, and how many lines were sent."""
    moment = dice.choices(["starting", "waiting", "in flight", "closing"], [2, 1, 5, 2])[0]
    appender = Appender(program, room)
    start, sent = time.monotonic(), 0
    try:
        if moment == "starting":
            sent = dice.randint(0, 4)
            appender.send(lines.take(sent))
            time.sleep(dice.uniform(0, 0.06))
        else:
            # It is at work when it has answered once.
            sent = 1
            appender.send(lines.take(1))
            appender.receive(1)
            for _ in range(dice.randint(0, 3)):
                count = dice.choice([1, 1, 2, 3])
                sent += count
                appender.send(lines.take(count))
                if dice.random() < 0.7:
                    appender.receive(sent)
            if moment == "in flight":
                for _ in range(dice.randint(1, 4)):
                    count = dice.choice([1, 1, 2, 5])
                    sent += count
                    appender.send(lines.take(count))
                    time.sleep(dice.choice([0, dice.uniform(0, 0.001), dice.uniform(0, 0.008)]))
            elif moment == "closing":
                appender.receive(sent)
                appender.process.stdin.close()
                time.sleep(dice.uniform(0, 0.012))
        appender.receive()
    finally:
        ended = appender.process.poll()
        status = appender.end(kill=True)
    need(status in (0, -9) and (status == -9 or moment == "closing"), f"exit {status} before it was killed: {appender.errors}")
    return moment if ended is None else "ended", appender.indices, sent, time.monotonic() - start


def run(program, work, seed, kills, each=250):
    """So many kills; a new room after `each`, so that verifying the log does not come to take all the time."""
    count, problems, done = collections.Counter(), [], 0
    while done < kills:
        problems += storm(program, work, f"{seed}.{done}", min(each, kills - done), count)
        done += min(each, kills - done)
        print(f"kills: {done} kills: {json.dumps(count)}", flush=True)
    return problems


def storm(program, work, seed, kills, count):
    dice, lines, problems = random.Random(seed), Lines(seed), []
    room = program.make(work, f"kills-{seed}")
    note = os.path.join(work, "kills.note")
    known, checkpoint, killed = read(room)[0].entries, [], 0
    while killed < kills:
        place = len(lines.made)
        moment, answers, sent, _ = strike(program, room, lines, dice)
        killed += moment != "ended"
        count[moment] += 1
        try:
            verdict = program.verify(room, *checkpoint)
            found = tail(program, room, max(0, verdict["size"] - len(known)))
            compare(known + found, known, lines.made[place:place + sent], answers)
            need(len(known) + len(found) == verdict["size"], "tail and verify see different logs")
            count["entries acknowledged"] += len(answers)
            count["entries that were on their way and are there"] += len(found) - len(answers)
            count["lines that never were"] += sent - len(found)
            known += found
            if killed % 10 == 0:
                # From now on the log must extend this one.
                status, out, errors = program.run("audit", "checkpoint", "--room", room)
                need(status == 0, errors.decode())
                checkpoint = ["--from", note]
                with open(note, "wb") as file:
                    file.write(out)
            if killed % 50 == 0 or killed == kills:
                log, _ = read(room)
                need(log.entries == known, "check_log.py reads other entries than were seen after each kill")
                need(base64.b64encode(log.tree.root()).decode() == verdict["root"], "check_log.py has another root")
                count["readings by check_log.py"] += 1
        except Broken as why:
            problems.append((f"kill {killed} ({moment}), seed {seed}", str(why)))
            known = read(room)[0].entries
    return problems

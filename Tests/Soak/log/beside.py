# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What happens beside the log: a clock that steps, a second writer, readers that verify without pause, a file system that becomes
read-only, and a real one whose power goes."""

import fcntl
import json
import os
import random
import shutil
import struct
import subprocess
import threading
import time

from room import APPENDING, Appender, Broken, Lines, compare, copy, judge, need, read

HOUR = 3600
CLOCKS = {
    "an hour back": [0] * 3 + [-HOUR],
    "back and forth": [0, -HOUR, 5, -1, 86400, 0, -86400 * 400, 0],
    "back to 1970": [0] * 2 + ["start"],
    "on to the year 2200": [0, 86400 * 365 * 174, 0],
}


def clocks(program, work, seed):
    """The wall clock steps while the log is written: recorded as it was told, and no damage."""
    import time
    for name, steps in CLOCKS.items():
        room, lines = program.make(work, f"clock {name}".replace(" ", "-")), Lines(seed)
        before = read(room)[0].entries
        steps = [-int(time.time()) + 10 if step == "start" else step for step in steps]
        answers = []
        for _ in range(2):
            appender = Appender(program, room, program.environment(room, CLOCK=",".join(map(str, steps))))
            for count in (1, 2, 1, 1, 1, 1):
                appender.send(lines.take(count))
                appender.receive(len(appender.indices) + count)
            need(appender.end() == 0, f"clock {name}: {appender.errors}")
            answers += appender.indices
        walls = [json.loads(raw)["wall"] for raw in read(room)[0].entries]
        monos = [int(json.loads(raw)["mono"]) for raw in read(room)[0].entries]
        # The control: the steps are in the log.
        need(walls != sorted(walls), f"control: the clock never stepped back: {walls}")
        need(monos == sorted(monos), f"clock {name}: the monotonic clock stepped back")
        judge(program, room, before, lines.made, answers, tail=True)
        print(f"beside: clock {name}: {len(walls)} entries, {sum(b < a for a, b in zip(walls, walls[1:]))} steps back, verified", flush=True)


def writers(program, work, seed, rounds):
    """A second writer is refused with 75 and changes nothing; readers that verify without pause never see damage or a shorter log."""
    room, lines = program.make(work, "writers"), Lines(seed)
    before, answers, sizes, problems, done = read(room)[0].entries, [], [], [], threading.Event()

    def verifying():
        while not done.is_set():
            least = len(before) + len(answers)
            try:
                size = program.verify(room)["size"]
                need(size >= least, f"a reader sees {size} entries, {least} were acknowledged before it began")
                sizes.append(size)
                status, out, errors = program.run("audit", "tail", "--json", "-n", "3", "--room", room)
                need(status == 0, f"tail beside a writer exits {status}: {errors.decode()}")
            except Broken as why:
                problems.append(("beside: a reader", str(why)))

    reader = threading.Thread(target=verifying)
    reader.start()
    refused = 0
    try:
        for number in range(rounds):
            appender, earlier = Appender(program, room), len(answers)
            for count in (1, 3, 60, 2):
                appender.send(lines.take(count))
                appender.receive(len(appender.indices) + count)
                answers[earlier:] = appender.indices
                if count != 3:
                    continue
                status, out, errors = program.run(*APPENDING, "--room", room, given=b'{"type":"x.second","data":{}}\n')
                need(status == 75 and not out, f"a second writer exits {status} and says {out}")
                need(len(errors.decode().strip().split("\n")) == 2, f"not one error with a remedy: {errors.decode()!r}")
                refused += 1
            # Every other one is killed, so that the next has something to replay while the reader looks.
            need(appender.end(kill=number % 2 == 1) in (0, -9), appender.errors)
    finally:
        done.set()
        reader.join()
    need(len(sizes) > rounds / 4 and sizes == sorted(sizes), f"control: the reader saw {len(sizes)} logs")
    judge(program, room, before, lines.made, answers, tail=True)
    print(f"beside: {rounds} writers one after the other, {refused} second ones refused, {len(sizes)} verifications beside them, "
          f"{len(answers)} entries", flush=True)
    return problems


def shut(path, kind=2):
    """EXT4_IOC_SHUTDOWN: from now on nothing reaches this file system's disk, not even its journal (2: no flush)."""
    directory = os.open(path, os.O_RDONLY)
    try:
        fcntl.ioctl(directory, 0x8004587D, struct.pack("I", kind))
    finally:
        os.close(directory)


class Volume:
    """An ext4 file system of its own, in a file."""

    def __init__(self, work, name):
        self.image, self.path = os.path.join(work, f"{name}.image"), os.path.join(work, f"{name}.mounted")
        os.makedirs(self.path)
        with open(self.image, "wb") as file:
            file.truncate(48 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        self.mount()

    def mount(self, *options):
        subprocess.run(["mount", "-o", ",".join(["loop", *options]), self.image, self.path], check=True)

    def remount(self, option):
        return subprocess.run(["mount", "-o", f"remount,{option}", self.path], check=False, capture_output=True).returncode

    def unmount(self):
        """A mount namespace that was made meanwhile, a jail's perhaps, may hold a copy: then the file system lives on as it is, and mounting
        it again would show the same one. Its loop device goes when the last copy does."""
        subprocess.run(["umount", self.path], check=True)
        until = time.monotonic() + 60
        while subprocess.run(["losetup", "-j", self.image], check=True, capture_output=True).stdout:
            need(time.monotonic() < until, f"somebody else holds a mount of {self.image}")
            time.sleep(0.05)

    def gone(self):
        subprocess.run(["umount", "-q", self.path], check=False)
        os.remove(self.image)


def volumes():
    """Why there can be no such volume here, or None."""
    if os.geteuid() != 0:
        return "needs root: mounts a file system of its own"
    if not shutil.which("mkfs.ext4") or not os.path.exists("/dev/loop-control"):
        return "needs mkfs.ext4 and loop devices"
    return None


def read_only(program, work, seed):
    """A file system that becomes read-only: between two writers, and under one that is at work (as ext4 does after an error)."""
    volume = Volume(work, "read-only")
    try:
        room, lines = program.make(volume.path), Lines(seed)
        before, answers = read(room)[0].entries, []
        appender = Appender(program, room)
        appender.send(lines.take(3))
        need(appender.end() == 0, appender.errors)
        answers += appender.indices
        need(volume.remount("ro") == 0, "control: it does not become read-only")
        status, out, errors = program.run(*APPENDING, "--room", room, given=b'{"type":"x.no","data":{}}\n')
        need(status == 1 and not out and b"ead-only file system" in errors, f"exit {status}: {errors.decode()}")
        compare(read(room)[0].entries, before, lines.made, answers)
        program.verify(room)
        need(volume.remount("rw") == 0, "control: it does not become writable again")
        appender = Appender(program, room)
        appender.send(lines.take(2))
        appender.receive(2)
        need(volume.remount("abort") == 0, "control: the journal is not aborted")
        lost = len(lines.made)
        appender.send(lines.take(1))
        status = appender.end()
        answers += appender.indices
        need(status == 1 and len(appender.indices) == 2, f"exit {status} with {len(appender.indices)} answers: {appender.errors}")
        need("ead-only file system" in appender.errors or "nput/output error" in appender.errors, f"unclear: {appender.errors}")
        volume.unmount()
        volume.mount()
        judge(program, room, before, lines.made, answers, {lost}, tail=True)
        print("beside: read-only before and under a writer: one clear error each, all entries there afterwards", flush=True)
    finally:
        volume.gone()


def outages(program, work, seed, count):
    """The power of a real file system goes at random instants: nothing unsynced reaches its disk, then its own recovery, then ours."""
    volume, dice, lines = Volume(work, "outages"), random.Random(seed), Lines(seed)
    pulled, acknowledged, kept = 0, 0, 0
    try:
        room = program.make(volume.path)
        subprocess.run(["sync", "-f", volume.path], check=True)
        known = read(room)[0].entries
        # The control: with syncs that do nothing, this loses what was answered.
        appender = Appender(program, room, program.environment(room, FORGET=1))
        appender.send(b'{"type":"x.lost","data":{}}\n')
        appender.receive(1)
        shut(volume.path)
        appender.end(kill=True)
        volume.unmount()
        volume.mount()
        need(read(room)[0].entries == known, "control: the power went and nothing unsynced was lost")
        for _ in range(count):
            appender, place, sent = Appender(program, room), len(lines.made), 0
            for _ in range(dice.randint(1, 4)):
                batch = dice.choice([1, 1, 2, 5, 40])
                sent += batch
                appender.send(lines.take(batch))
                if dice.random() < 0.6:
                    appender.receive(sent)
            if dice.random() < 0.3:
                appender.process.stdin.close()
            threading.Event().wait(dice.choice([0, dice.uniform(0, 0.004), dice.uniform(0, 0.03)]))
            appender.receive()
            shut(volume.path)
            pulled += 1
            appender.end(kill=True)
            volume.unmount()
            volume.mount()
            entries = read(room)[0].entries
            # What was answered after the power went was answered wrongly: it was not durable.
            compare(entries, known, lines.made[place:place + sent], appender.indices)
            need(program.verify(room)["size"] == len(entries), "verify and check_log.py see different logs")
            acknowledged, kept, known = acknowledged + len(appender.indices), kept + len(entries) - len(known) - len(appender.indices), entries
        judge(program, room, known, [], [], tail=True)
        print(f"beside: the power of an ext4 file system went {pulled} times: {acknowledged} entries acknowledged and there, {kept} more that were "
              f"on their way", flush=True)
    finally:
        volume.gone()


def run(program, work, seed, short):
    problems = []
    for what in (lambda: clocks(program, work, seed), lambda: writers(program, work, seed, 4 if short else 60)):
        try:
            problems += what() or []
        except Broken as why:
            problems.append(("beside", str(why)))
    why = volumes()
    if why:
        print(f"beside: SKIPPED the read-only file system and the power outages of a real one: {why}", flush=True)
        return problems
    for name, what in (("read-only", lambda: read_only(program, work, seed)), ("outages", lambda: outages(program, work, seed, 5 if short else 200))):
        try:
            what()
        except Broken as broken:
            problems.append((f"beside: {name}", str(broken)))
    return problems

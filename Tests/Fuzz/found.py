#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""found.py LAUNCHER [NAME]: what fuzzing and failing system calls have found, each as the few requests that once broke the launcher."""

import os
import resource
import signal
import socket
import sys

import protocol as p

NULL = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
FDS = [p.sealed_file(p.ALLOW_ALL), NULL, NULL, NULL]
GOOD = p.launch(["/usr/bin/true"])


def limits(descriptors):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def ends_well(reply):
    assert not reply.error, f"a good launch failed: {reply}"
    jail = p.Jail(reply)
    report = jail.report()
    jail.close()
    assert report.cause == "exited" and report.exit == 0, f"a good launch ended with {report}"


def an_answer_with_descriptors_that_cannot_be_sent(path):
    """An ordinary user may have only so many descriptors on their way. The answer was lost, and the launcher waited for the mounter's."""
    if os.geteuid() == 0:
        return "as an ordinary user only"
    launcher = p.Launcher(path, limits=limits(100))
    a, b = socket.socketpair()
    p.send(a, b"x", [NULL] * 250)
    for request in (p.stage(), GOOD, p.stage()):
        assert launcher.ask(request, FDS if request is GOOD else ()).error, "nothing was refused: the control does not hold"
    a.close()
    b.close()
    launcher.ask(p.stage()).close()
    assert launcher.leave() == 0


def no_room_for_descriptors(path):
    """With a full table a packet's descriptors arrive in part. The launcher took others for them, and closed its own."""
    refused = 0
    for most in range(8, 64, 3):
        launcher = p.Launcher(path, limits=limits(most), greet=False)
        if not launcher.reply().error:
            for _ in range(6):
                reply = launcher.ask(GOOD, FDS)
                refused += bool(reply.error)
                reply.close()
            launcher.ask(p.stage()).close()
        assert launcher.leave() in (0, 1)
    assert refused, "nothing was refused: the control does not hold"


def memory_limit(jail):
    """What the kernel holds a jail to, on cgroup v1; None elsewhere."""
    with open(f"/proc/{jail.pid()}/cgroup") as file:
        for line in file:
            _, controllers, path = line.strip().split(":", 2)
            where = f"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes"
            if "memory" in controllers.split(",") and "atomic-" in path and os.path.exists(where):
                with open(where) as limit:
                    return int(limit.read())
    return None


def a_limit_that_cannot_be_set(path):
    """It left the slot's cgroup half changed: later jails in that slot had the limit of memory of the one that was refused."""
    launcher = p.Launcher(path)
    sleeps = ["/usr/bin/sleep", "60"]
    for size in (64 << 20, 128 << 20):
        for _ in range(10):
            ends_well(launcher.ask(GOOD, FDS))
        for _ in range(4):
            # Memory is set first, and then there are too many processes.
            assert launcher.ask(p.launch(sleeps, memory=1 << 62, pids=1 << 62), FDS).error or not launcher.hello.value & 0xFF
        for _ in range(10):
            reply = launcher.ask(p.launch(sleeps, memory=size), FDS)
            assert not reply.error, f"a good launch failed: {reply}"
            jail = p.Jail(reply)
            found = memory_limit(jail)
            jail.close()
            assert found in (None, size), f"a jail has a limit of {found} bytes instead of {size}"
    assert launcher.leave() == 0


def a_keeper_that_was_killed(path):
    """Nobody looks at a keeper between two jails: each killed one cost a launch. One may, if it was just making a jail."""
    launcher = p.Launcher(path)
    for _ in range(12):
        ends_well(launcher.ask(GOOD, FDS))
    pid = launcher.process.pid
    own = os.readlink(f"/proc/{pid}/ns/pid"), os.readlink(f"/proc/{pid}/ns/mnt")
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        for child in map(int, file.read().split()):
            if (os.readlink(f"/proc/{child}/ns/pid"), os.readlink(f"/proc/{child}/ns/mnt")) == own:
                os.kill(child, signal.SIGKILL)
    refused = 0
    for _ in range(20):
        reply = launcher.ask(GOOD, FDS)
        refused += bool(reply.error)
        if not reply.error:
            ends_well(reply)
    assert refused <= 1, f"{refused} of 20 launches were refused"
    assert launcher.leave() == 0


CASES = [an_answer_with_descriptors_that_cannot_be_sent, no_room_for_descriptors, a_limit_that_cannot_be_set, a_keeper_that_was_killed]

if __name__ == "__main__":
    p.PATIENCE = 15
    broken = 0
    for case in CASES:
        if sys.argv[2:] and case.__name__ not in sys.argv[2:]:
            continue
        try:
            said = case(sys.argv[1])
        except (AssertionError, p.Silent, p.Gone, OSError) as problem:
            broken += 1
            said = f"BROKEN: {type(problem).__name__} {problem}"
        print(f"{case.__name__}: {said or 'holds'}")
    sys.exit(1 if broken else 0)

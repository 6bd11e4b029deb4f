#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""inject.py --launcher PATH --inject PATH --inside PATH [--errors EPERM,…] [--most N] [--case NAME]: nothing degrades silently.

Each system call that the launcher's processes make, from its start to the report of its first jail, fails once with each error, one
run for each (inject.c). Then there is one clear error and no jail, or a jail that is walled exactly as without the failure: what it
sees from inside (inside.c), and its cgroups, limits and processes from outside, are compared line by line. A second launch through the
same launcher is held to the same. Nothing hangs, and nothing is left when the launcher is gone."""

import argparse
import collections
import errno
import os
import re
import select
import socket
import sys
import time

import protocol as p

# Differences that are meant: the call, the error, what differs. Everything else is a failure.
ACCEPTED = [
    # Speculation controls: a kernel that has no such control, or does not need it, refuses too.
    (r"jail prctl [0-9]+ .*", r"status Speculation.*"),
    # Write and execute: an older kernel does not know it (EINVAL), and the profile forbids what it can.
    (r"program prctl [0-9]+ EINVAL", r"dumpable .*write-execute 0"),
    # EINVAL is how a kernel says that it has no capability of that number. What stays in a bounding set is in no other set.
    (r"(launcher|mounter|jail) prctl [0-9]+ EINVAL", r"(launcher|mounter|PID 1|status) CapBnd.*"),
    # Keyrings: a container may forbid them, a kernel may have none, a user may have too many. No jail can use one: ceiling.c.
    (r"jail keyctl [0-9]+ (EPERM|ENOSYS|EDQUOT)", r"PID 1 has keys: .*"),
    # Figures whose file cannot be read are not known, and 0.
    (r"launcher (pread64|openat) [0-9]+ .*", r"report exited 42 0 hits 0 gone 1 counted .*"),
    # Swap: a kernel without swap accounting has no such file.
    (r"(launcher|keeper) openat [0-9]+ ENOENT", r"cgroup memory.memsw.limit_in_bytes .*"),
    # sched_getaffinity fails on a machine with more processors than the launcher counts, and then always: nothing was narrowed.
    (r"launcher sched_(get|set)affinity [0-9]+ .*", r".*Cpus_allowed:.*"),
    # A jail that could not be waited for is still there when its end is reported, and the report says so.
    (r"launcher wait4 [0-9]+ .*", r"report exited 42 0 hits 0 gone [01] .*"),
]

# Calls that the kernel never refuses, whatever happens.
NEVER_FAIL = {"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "umask", "setsid", "exit_group", "exit", "rt_sigreturn",
              "set_tid_address", "rt_sigaction", "rt_sigprocmask", "pause"}

CASES = {
    "template": dict(),
    "mounts": dict(mounts=[("/usr/share", "/usr/share", p.READ_ONLY, 0), ("/dev/shm", "/shared", 0, 0)]),
    "once": dict(arguments=["--binds", "caller", "--once"]),
}


def call_names():
    """Names by number, from the C library's own header."""
    names = {}
    for path in ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"):
        if os.path.exists(path):
            with open(path) as file:
                for line in file:
                    match = re.match(r"#define __NR_(\w+) (\d+)", line)
                    if match:
                        names[int(match[2])] = match[1]
            break
    return names


CALLS = call_names()


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError as problem:
        return f"{errno.errorcode[problem.errno]}\n"


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return "?"


def children(pid):
    return [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split() if word.isdigit()]


HOST_SPACES = {link(f"/proc/self/ns/{name}") for name in os.listdir("/proc/self/ns")}


def normal(line, spaces):
    """Without what is different in every jail."""
    line = re.sub(r"\b(19|20)\d{8}\b", "JAIL", line)
    line = re.sub(r"^mount \d+ \d+ \d+:\d+", "mount", line)
    if line.startswith("space "):
        name = line.split()[1]
        kind = "the host's" if name in HOST_SPACES else "none" if "[" not in name else "own"
        line = re.sub(r"\[.*", kind, name) if "[" in name else f"space {kind} {name}"
        line = "space " + line
    return line


STATUS = ("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Sig", "Cpus_allowed:")


def settled(pid):
    """PID 1 says that the program runs before it has put on its own filter."""
    deadline = time.monotonic() + 2
    while read(f"/proc/{pid}/wchan") != "do_wait" and time.monotonic() < deadline:
        time.sleep(0.001)


def process_facts(name, pid):
    facts = []
    for line in read(f"/proc/{pid}/status").split("\n"):
        if line.startswith(STATUS) and not line.startswith(("SigQ", "SigPnd")):
            facts.append(f"{name} {line}")
    facts += [f"{name} limit {line}" for line in read(f"/proc/{pid}/limits").split("\n")[1:]]
    facts.append(f"{name} shared memory {read(f'/proc/{pid}/maps').count('rw-s')}")
    return facts


def key_facts(pid):
    """A jail whose uid is its own has a session keyring of its own, which counts for that uid."""
    match = re.search(r"^Uid:\s+(\d+)", read(f"/proc/{pid}/status"), re.M)
    if not match or int(match[1]) < 19 * 10**8:
        return []
    line = re.search(rf"^ *{match[1]}: +(\d+)", read("/proc/key-users"), re.M)
    return [f"PID 1 has keys: {bool(line)}"]


def cgroup_facts(name, pid):
    facts = []
    for line in sorted(read(f"/proc/{pid}/cgroup").split("\n")):
        if line.count(":") < 2:
            continue
        _, controller, path = line.split(":", 2)
        path = re.sub(r"atomic-\d+-\d+-\d+", "atomic-JAIL", path)
        facts.append(f"{name} cgroup {controller} {path}")
    return facts


def limit_facts(pid):
    facts = []
    for line in read(f"/proc/{pid}/cgroup").split("\n"):
        if line.count(":") < 2:
            continue
        _, controller, path = line.split(":", 2)
        for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "pids.max", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.idle",
                     "memory.max", "memory.swap.max", "cpu.max", "memory.oom.group"):
            where = f"/sys/fs/cgroup/{controller or 'unified'}{path}/{file}"
            if "atomic-" in path and os.path.exists(where):
                facts.append(f"cgroup {file} {read(where).strip()}")
    return facts


def descriptors(name, pid):
    """How many of each kind: numbers are not the point, another jail's are."""
    kinds = collections.Counter()
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            kinds[re.sub(r"\d+", "N", re.sub(r"\[.*", "", link(f"/proc/{pid}/fd/{fd}")))] += 1
    except OSError:
        pass
    return [f"{name} has {count} of {kind}" for kind, count in sorted(kinds.items())]


class Run:
    def __init__(self, options, case, failing=None):
        self.options, self.case, self.failing = options, CASES[case], failing
        self.log = options.work + "/log"
        self.hello = None   # what the launcher said that this machine offers

    def request(self):
        self.reader, writer = os.pipe2(os.O_CLOEXEC)
        self.ours, theirs = socket.socketpair()
        data = p.launch(["/proc/self/fd/0"], ["A=1"], flags=p.CHANNEL | p.MDWE, cpu_percent=50, mounts=self.case.get("mounts", ()))
        fds = [self.options.filter, self.options.program, writer, writer, theirs.fileno()]
        self.opened = (writer, theirs)
        return data, fds

    def sent(self):
        os.close(self.opened[0])
        self.opened[1].close()

    def close(self):
        os.close(self.reader)
        self.ours.close()

    def output(self):
        data = b""
        while not data.endswith(b"done\n"):
            if not select.select([self.reader], [], [], p.PATIENCE)[0]:
                raise p.Silent()
            more = os.read(self.reader, 65536)
            if not more:
                return data.decode(errors="replace") + "\nprogram: ended before it was done"
            data += more
        return data.decode(errors="replace")

    def jail(self, launcher, reply):
        """Facts of a jail, or its error."""
        if reply.error:
            return None, f"{reply.stage}: {os.strerror(reply.error)}"
        if len(reply.fds) != 2:
            raise AssertionError(f"a jail with {len(reply.fds)} descriptors")
        jail = p.Jail(reply)
        facts = self.output().split("\n")
        spaces = None
        facts = [normal(line, spaces) for line in facts]
        init = jail.pid()
        if init > 0:
            settled(init)
            facts += key_facts(init) + process_facts("PID 1", init) + cgroup_facts("PID 1", init) + limit_facts(init) + descriptors("PID 1", init)
            for pid in children(init):
                facts += cgroup_facts("program", pid)
        tracer = launcher.process.pid
        for pid in children(tracer):
            facts += process_facts("launcher", pid) + [f"launcher mounts {read(f'/proc/{pid}/mountinfo').count(chr(10))}"]
            facts.append(f"launcher stdio {[link(f'/proc/{pid}/fd/{fd}') for fd in range(3)]}")
            for child in children(pid):
                if link(f"/proc/{child}/ns/mnt") not in (link(f"/proc/{pid}/ns/mnt"), "?") and link(f"/proc/{child}/ns/pid") == link(
                        f"/proc/{pid}/ns/pid"):
                    facts += process_facts("mounter", child)
        self.ours.close()
        report = jail.report()
        jail.close()
        facts.append(f"report {report.cause} {report.exit} {report.signal} hits {report.hits} gone {report.gone} counted "
                     f"{report.cpu_ns > 0}")
        return sorted(normal(line, spaces) for line in facts if line), None

    def run(self):
        """(facts or None, error or None) of the first launch, of the second, and what else went wrong."""
        wrong = []
        arguments = list(self.case.get("arguments", ["--binds", "caller"]))
        prefix = [self.options.inject, self.log] + ([str(word) for word in self.failing] if self.failing else []) + ["--"]
        started = time.monotonic()
        launcher = p.Launcher(self.options.launcher, arguments, prefix=prefix, first=self.request(), greet=False)
        self.sent()
        first = second = (None, None)
        try:
            try:
                hello = launcher.reply()
                self.hello = hello.value
                if hello.error:
                    first = None, f"start: {hello.stage}: {os.strerror(hello.error)}"
                else:
                    first = self.jail(launcher, launcher.reply())
                    self.close()
                    if "--once" not in arguments:
                        request = self.request()
                        p.send(launcher.end, *request)
                        self.sent()
                        second = self.jail(launcher, launcher.reply())
            except p.Gone:
                if first == (None, None):
                    first = None, "the launcher ended without a word"
                else:
                    second = None, "the launcher ended"
            except BrokenPipeError:
                second = None, "the launcher ended"
        except p.Silent:
            wrong.append("hangs")
            for pid in children(launcher.process.pid):
                wrong.append(f"waits in {read(f'/proc/{pid}/wchan')}")
                os.kill(pid, 9)
        self.close_quietly()
        try:
            launcher.leave()
        except p.Silent:
            wrong.append("does not end")
            launcher.kill()
        took = time.monotonic() - started
        # The launcher gives a jail ten seconds to start.
        if took > 25 and "hangs" not in wrong:
            wrong.append(f"took {took:.0f} s")
        return first, second, wrong

    def close_quietly(self):
        try:
            self.close()
        except OSError:
            pass

    def calls(self):
        with open(self.log) as file:
            return [line.split() for line in file]


def differences(good, facts):
    """Lines that one has and the other has not."""
    a, b = collections.Counter(good), collections.Counter(facts)
    return [f"- {line}" for line in (a - b)] + [f"+ {line}" for line in (b - a)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--inject", required=True, help="inject.c, compiled")
    parser.add_argument("--inside", required=True, help="inside.c, compiled")
    parser.add_argument("--work", required=True, help="a directory for the list of calls")
    parser.add_argument("--errors", default="EPERM,ENOMEM,EINVAL,ENOSYS,ENOENT,EINTR,EBUSY")
    parser.add_argument("--case", default=",".join(CASES))
    parser.add_argument("--most", type=int, default=10**9, help="of the same call of the same process, the first ones and the last")
    parser.add_argument("--only", default="", help="ROLE or ROLE CALL")
    parser.add_argument("--every", type=int, default=1, help="one of so many")
    parser.add_argument("--seconds", type=float, default=10**9)
    options = parser.parse_args()
    options.filter = p.sealed_file(p.ALLOW_ALL)
    options.program = os.memfd_create("inside", os.MFD_CLOEXEC)
    with open(options.inside, "rb") as source:
        os.write(options.program, source.read())
    p.become_reaper()
    failures, outcomes, refusals = 0, collections.Counter(), collections.Counter()
    begun = time.monotonic()
    for case in options.case.split(","):
        # What is sometimes so and sometimes otherwise without any failure says nothing.
        samples = []
        for _ in range(6):
            first, second, wrong = (plain := Run(options, case)).run()
            greeting = plain.hello
            if wrong or first[0] is None:
                sys.exit(f"inject: {case}: no jail without a failure: {first[1]} {wrong}")
            samples.append((first[0], second[0]))
        good = [samples[0][0], samples[0][1]]
        noise = {re.sub(r"\d+", "N", line[2:]) for sample in samples for line in differences(samples[0][0], sample[0])}
        noise |= {re.sub(r"\d+", "N", line[2:]) for sample in samples if sample[1] for line in differences(samples[0][1], sample[1])}
        if noise:
            print(f"{case}: left out, because it changes by itself: {sorted(noise)}")
        # The second jail's calls are the first's again.
        calls = list(dict.fromkeys((words[1], int(words[2]), int(words[3])) for words in plain.calls() if words[0] == "call" and words[1] != "nobody"))
        last = collections.Counter()
        for role, call, number in calls:
            last[role, call] = max(last[role, call], number)
        chosen = [one for one in calls if one[2] <= options.most or one[2] == last[one[:2]]]
        chosen = [one for one in chosen if CALLS.get(one[1]) not in NEVER_FAIL]
        chosen = [one for one in chosen if f"{one[0]} {CALLS.get(one[1])}".startswith(options.only)]
        print(f"{case}: {len(calls)} calls ({', '.join(f'{role} {count}' for role, count in collections.Counter(c[0] for c in calls).items())}),"
              f" {len(chosen)} fail one at a time", flush=True)
        for error in options.errors.split(","):
            for index, (role, call, number) in enumerate(chosen):
                if index % options.every or time.monotonic() - begun > options.seconds:
                    continue
                name = f"{role} {CALLS.get(call, call)} {number} {error}"
                run = Run(options, case, (role, call, number, getattr(errno, error)))
                try:
                    first, second, wrong = run.run()
                except AssertionError as problem:
                    first, second, wrong = (None, None), (None, None), [str(problem)]
                reached = any(words[0] == "failed" for words in run.calls())
                outcomes["runs"] += 1
                if not reached:
                    outcomes["not reached"] += 1
                for which, (facts, said), expected in (("first", first, good[0]), ("second", second, good[1])):
                    if facts is not None:
                        lines = [line for line in differences(expected, facts) if re.sub(r"\d+", "N", line[2:]) not in noise]
                        accepted = [line for line in lines if any(re.fullmatch(what, name) and re.fullmatch(fact, line[2:]) for what, fact in ACCEPTED)]
                        # Killed before its end, and reported so: then there was less to see, and nothing may be there that was not.
                        if not any(line.startswith("report exited 42 0 ") for line in facts):
                            lines = [line for line in lines if line.startswith("+") and not line.startswith(("+ report ", "+ PID 1 ", "+ program"))]
                            outcomes[f"{which}: ended early, and said so"] += 1
                        # A launcher that is about to leave, because its mounter is gone.
                        if not any(line.startswith("mounter ") for line in facts):
                            lines = [line for line in lines if not line.startswith("- mounter ")]
                        # The launcher has said before any request that this machine offers less: a policy can refuse that.
                        if run.hello != greeting:
                            accepted = lines
                            outcomes["said so in its greeting"] += 1
                        if [line for line in lines if line not in accepted]:
                            wrong.append(f"{which} jail differs: {lines[:8]} and {max(0, len(lines) - 8)} more")
                        outcomes[f"{which}: the same jail" if not lines else f"{which}: accepted difference"] += 1
                    elif said:
                        outcomes[f"{which}: refused"] += 1
                        if which == "first":
                            refusals[said] += 1
                        elif said != "the launcher ended" or first[0] is None and "ended" not in (first[1] or ""):
                            outcomes["second launch refused too"] += 1
                            if said != "the launcher ended":
                                print(f"  {case}: {name}: second launch: {said} (first: {first[1] or 'a jail'})")
                if first == (None, "the launcher ended without a word"):
                    outcomes["ended without a word"] += 1
                    print(f"  {case}: {name}: the launcher ended without a word")
                if wrong:
                    failures += 1
                    print(f"WRONG {case}: {name}: {'; '.join(wrong)} (first: {first[1] or 'a jail'}, second: {second[1] or 'a jail'})", flush=True)
    for said, count in refusals.most_common():
        print(f"  {count} x {said}")
    for what, count in sorted(outcomes.items()):
        print(f"  {what}: {count}")
    print(f"{outcomes['runs']} failures injected, {failures} wrong, {time.monotonic() - begun:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

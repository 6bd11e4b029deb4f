#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""launches.py --launcher PATH --program TRUE --victim VICTIM [--launches N] [--seed N]: many launches through one launcher leave nothing.

Good ones from an image and from the system, missing programs and directories, jails that hit a limit, jails whose socket is closed early;
one, four and 32 at a time. Before the first and after the last, when the launcher has come to rest: processes, mounts, namespaces, cgroups,
descriptors, memory, keys and temporary files, of its own processes, and of the machine where only the kernel counts them. Then the launcher
goes, and the machine is as it was before it came."""

import argparse
import collections
import glob
import itertools
import os
import random
import re
import select
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Fuzz"))
import protocol as p  # noqa: E402


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def children(pid):
    return [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]


def family(pid):
    """The launcher and everything below it, by what it is."""
    own = link(f"/proc/{pid}/ns/pid"), link(f"/proc/{pid}/ns/mnt")
    found = collections.defaultdict(list, launcher=[pid])
    for child in children(pid):
        spaces = link(f"/proc/{child}/ns/pid"), link(f"/proc/{child}/ns/mnt")
        found["parked" if spaces[0] != own[0] else "mounter" if spaces[1] != own[1] else "keeper"].append(child)
        found["below"] += children(child)
    return found


def slab(name):
    """Objects of a kind. Free ones that a processor keeps at hand count too, so they are given back first (root may ask)."""
    try:
        with open(f"/sys/kernel/slab/{name}/shrink", "w") as file:
            file.write("1")
    except OSError:
        pass
    match = re.search(rf"^{name} +(\d+)", read("/proc/slabinfo"), re.M)
    return int(match[1]) if match else 0


def cgroups_of(pid):
    return sum(len(glob.glob(f"/sys/fs/cgroup/{controller}/**/atomic-{pid}-*", recursive=True)) for controller in ("memory", "pids", "cpu", "cpuacct", "unified"))


def memory(pids):
    """Kilobytes that belong to these processes alone, and their share of what they have in common."""
    own = share = 0
    for pid in pids:
        rollup = read(f"/proc/{pid}/smaps_rollup")
        own += sum(int(value) for value in re.findall(r"^Private_\w+: +(\d+) kB", rollup, re.M))
        share += sum(int(value) for value in re.findall(r"^Pss: +(\d+) kB", rollup, re.M))
    return own, share


def descriptors(pid):
    kinds = collections.Counter()
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            kinds[re.sub(r"\d+", "N", re.sub(r":\[.*", "", link(f"/proc/{pid}/fd/{fd}")))] += 1
    except OSError:
        pass
    return kinds


def machine():
    """What only the kernel knows, and what others change too."""
    held = {name: slab(name) for name in ("net_namespace", "pid_namespace", "user_namespace", "uts_namespace", "mnt_cache", "mem_cgroup", "key_jar")}
    controllers = {line.split()[0]: int(line.split()[2]) for line in read("/proc/cgroups").split("\n")[1:] if line}
    held.update({f"cgroups of {name}": controllers[name] for name in ("memory", "pids", "cpu", "cpuacct") if name in controllers})
    held["open files"] = int(read("/proc/sys/fs/file-nr").split()[0])
    held["unreclaimable slab (kB)"] = int(re.search(r"SUnreclaim: +(\d+)", read("/proc/meminfo"))[1])
    held["keys"] = sum(int(line.split()[1]) for line in read("/proc/key-users").split("\n") if line)
    held["mounts of the host"] = read("/proc/self/mountinfo").count("\n")
    held["temporary files of ours"] = sum(name.startswith((".atomic", "atomic-")) for place in ("/tmp", "/var/tmp", "/dev/shm", "/run") for name in os.listdir(place))
    return held


def snapshot(launcher):
    found = family(launcher)
    held = {f"processes: {kind}": len(found[kind]) for kind in ("launcher", "mounter", "keeper", "parked", "below")}
    for kind in ("launcher", "mounter"):
        for pid in found[kind]:
            held[f"mounts of the {kind}"] = read(f"/proc/{pid}/mountinfo").count("\n")
            for what, count in descriptors(pid).items():
                held[f"{kind} holds {what}"] = count
    held["most descriptors of a keeper"] = max((sum(descriptors(pid).values()) for pid in found["keeper"]), default=0)
    held["most descriptors of a parked jail"] = max((sum(descriptors(pid).values()) for pid in found["parked"]), default=0)
    spaces = {link(f"/proc/{pid}/ns/{name}") for pids in found.values() for pid in pids for name in ("net", "pid", "mnt", "ipc", "uts", "user", "time", "cgroup")}
    held["namespaces of its processes"] = len(spaces)
    held["cgroups"] = cgroups_of(launcher)
    held["launcher's own memory (kB)"], _ = memory(found["launcher"])
    held["mounter's own memory (kB)"], _ = memory(found["mounter"])
    return held


def cost_of_parked(launcher):
    """Of one parked jail, as the kernel counts: its processes, and the memory cgroup that both sit in."""
    found = family(launcher)
    lines = []
    for kind in ("keeper", "parked"):
        figures = [memory([pid]) for pid in found[kind]]
        if figures:
            own, share = (sorted(values)[len(values) // 2] for values in zip(*figures))
            lines.append(f"{kind}: {own} kB of its own (USS), {share} kB with its share (PSS), median of {len(figures)}")
    rows = []
    for place in glob.glob(f"/sys/fs/cgroup/memory/**/atomic-{launcher}-*", recursive=True):
        if read(f"{place}/cgroup.procs").count("\n") < 2:
            continue    # a keeper alone
        rows.append([int(read(f"{place}/{file}") or 0) // 1024 for file in ("memory.usage_in_bytes", "memory.kmem.usage_in_bytes")])
    if rows:
        usage, kernel = (sorted(values)[len(values) // 2] for values in zip(*rows))
        lines.append(f"memory cgroup: {usage} kB, of which the kernel's {kernel} kB, median of {len(rows)}, least {min(rows)[0]}, most {max(rows)[0]}")
    return lines


class Soak:
    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.counts = collections.Counter()
        self.live = {}
        self.filter = p.sealed_file(p.ALLOW_ALL)
        self.null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self.launcher = p.Launcher(options.launcher)
        if self.launcher.hello.error:
            sys.exit(f"launches: {self.launcher.hello}")
        self.pid = self.launcher.process.pid
        reply = self.launcher.ask(p.stage(16 << 20, 64))
        directory, self.image = reply.fds[0], reply.value
        for name in ("program", "victim"):
            fd = os.open(name, os.O_CREAT | os.O_WRONLY, 0o755, dir_fd=directory)
            with open(getattr(options, name), "rb") as source:
                os.write(fd, source.read())
            os.close(fd)
        os.close(directory)
        self.ask(p.seal(self.image), "")
        self.weights = list(itertools.accumulate(weight for _, weight, _, _ in self.KINDS))
        self.requests = {kind: self.request(kind) for kind, _, _, _ in self.KINDS}

    def ask(self, data, expected, fds=()):
        reply = self.launcher.ask(data, fds)
        if reply.stage != expected:
            sys.exit(f"launches: seed {self.options.seed}: {reply} instead of {expected or 'a jail'}")
        return reply

    # What is launched, how often, where it fails or how it ends.
    KINDS = [
        ("image", 46, "", "exited"), ("system", 30, "", "exited"), ("missing", 6, "exec", None), ("nowhere", 4, "working-directory", None),
        ("bad filter", 2, "filter", None), ("bad image", 2, "image", None), ("early close", 5, "", "signal"), ("wall", 2, "", "wall"), ("memory", 1, "", "memory"),
        ("pids", 1, "", "pids"), ("crash", 1, "", "signal"),
    ]

    def request(self, kind):
        image = dict(root=p.IMAGE, image=self.image)
        if kind == "system":
            return p.launch(["/usr/bin/true"])
        if kind == "missing":
            return p.launch(["/no/such"], **image)
        if kind == "nowhere":
            return p.launch(["/program"], cwd="/no/such", **image)
        if kind == "bad image":
            return p.launch(["/program"], root=p.IMAGE, image=10**6)
        if kind == "early close":
            return p.launch(["/victim", "hang"], **image)
        if kind == "wall":
            return p.launch(["/victim", "hang"], wall_ns=30 * 10**6, **image)
        if kind == "memory":
            return p.launch(["/victim", "memory", "200000000"], memory=32 << 20, **image)
        if kind == "pids":
            return p.launch(["/victim", "fork-bomb"], pids=8, **image)
        if kind == "crash":
            return p.launch(["/victim", "crash"], **image)
        return p.launch(["/program"], **image)

    def launch(self):
        kind, _, refused, cause = self.random.choices(self.KINDS, cum_weights=self.weights)[0]
        fds = [self.null if kind == "bad filter" else self.filter, self.null, self.null, self.null]
        reply = self.ask(self.requests[kind], refused, fds)
        self.counts[kind] += 1
        if refused:
            return
        jail = p.Jail(reply)
        if kind == "early close":
            jail.close()
        else:
            self.live[jail.control.fileno()] = (jail, kind, cause)
            self.poll.register(jail.control.fileno(), select.POLLIN)

    def collect(self):
        ready = self.poll.poll(p.PATIENCE * 1000)
        if not ready:
            sys.exit(f"launches: seed {self.options.seed}: no report within {p.PATIENCE:.0f} s")
        for fd, _ in ready:
            jail, kind, cause = self.live.pop(fd)
            self.poll.unregister(fd)
            report = jail.report()
            jail.close()
            if report.cause != cause or not report.gone:
                self.counts[f"{kind}, but {report.cause}, gone {report.gone}"] += 1
                if not report.gone or report.cause not in (cause, "signal"):
                    print(f"launches: {kind} ended with {report}")
                    self.counts["wrong"] += 1

    def run(self, launches):
        self.poll = select.poll()
        begun = shown = time.monotonic()
        flights = [1, 4, 32]
        for number in range(launches):
            if number % 64 == 0 and time.monotonic() - begun > self.options.seconds:
                launches = number
                break
            most = flights[number // 500 % 3]
            while len(self.live) >= most:
                self.collect()
            self.launch()
            if number % 16 == 0 and time.monotonic() - shown > self.options.show:
                shown = time.monotonic()
                print(f"{shown - begun:6.0f} s {number:7d} launches, {most:2d} at a time, network namespaces {slab('net_namespace')},"
                      f" memory cgroups {slab('mem_cgroup')}", flush=True)
            if number % 200 == 0:
                self.networks.append(slab("net_namespace"))
        while self.live:
            self.collect()
        return launches, time.monotonic() - begun

    def live_most(self):
        """As many at one time as there will ever be."""
        jails = []
        for _ in range(32):
            jails.append(p.Jail(self.ask(self.request("early close"), "", [self.filter, self.null, self.null, self.null])))
        for jail in jails:
            jail.close()

    def rest(self):
        """Until the launcher has parked what it wants and its dead are gone."""
        deadline, last, same = time.monotonic() + 30, None, 0
        while time.monotonic() < deadline and same < 5:
            found = family(self.pid)
            now = {kind: len(pids) for kind, pids in found.items()}
            same = same + 1 if now == last and now.get("parked") == 8 else 0
            last = now
            time.sleep(0.1)


def compare(before, after, allowed):
    """Prints both; what grew by more than is allowed."""
    grown = []
    for name in sorted(set(before) | set(after)):
        a, b = before.get(name, 0), after.get(name, 0)
        room = next((most for pattern, most in allowed.items() if re.fullmatch(pattern, name)), 0)
        print(f"  {name:45} {a:9} {b:9}{'' if b <= a + room else '  GREW'}")
        if b > a + room:
            grown.append(name)
    return grown


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--program", required=True, help="a static program that returns 0")
    parser.add_argument("--victim", required=True, help="Tests/JailVictims, compiled")
    parser.add_argument("--launches", type=int, default=100000)
    parser.add_argument("--seconds", type=float, default=10**9, help="no more launches after so long")
    parser.add_argument("--warm", type=int, default=300)
    parser.add_argument("--show", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # On a machine that others use, an answer may be long in coming without anything being stuck.
    p.PATIENCE = 120
    p.become_reaper()
    alone = machine()
    soak = Soak(options)
    soak.networks = []
    # The first jails in flight make their slots: keepers and cgroups that stay.
    soak.run(options.warm)
    soak.live_most()
    soak.rest()
    for line in cost_of_parked(soak.pid):
        print(line)
    soak.counts.clear()
    soak.networks.clear()
    before, machine_before = snapshot(soak.pid), machine()
    launches, took = soak.run(options.launches)
    soak.rest()
    after, machine_after = snapshot(soak.pid), machine()
    print(f"{launches} launches in {took:.0f} s, {launches / took:.0f} a second, seed {options.seed}:",
          ", ".join(f"{count} {kind}" for kind, count in sorted(soak.counts.items())))
    print(f"network namespaces on the machine while they ran: at most {max(soak.networks)}, at least {min(soak.networks)}")
    print("the launcher's processes, before and after:")
    grown = compare(before, after, {r".*memory \(kB\)": 512})
    print("the machine, before and after (others use it too):")
    compare(machine_before, machine_after, {".*": 10**9})
    status = soak.launcher.leave()
    if status != 0:
        grown.append(f"the launcher ended with {status}")
    # The mounter ends by itself, when it sees that the launcher has; then it is ours to reap.
    deadline = time.monotonic() + 10
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    grown.append("a process outlived the launcher")
                    break
                time.sleep(0.01)
        except ChildProcessError:
            break
    if cgroups_of(soak.pid):
        grown.append("cgroups outlived the launcher")
    deadline = time.monotonic() + 60
    # The kernel takes dead namespaces and cgroups away in its own time; slabs count some that are free (SLUB).
    room = {"net_namespace": 64, "pid_namespace": 64, "user_namespace": 64, "uts_namespace": 64, "mnt_cache": 128, "mem_cgroup": 64, "key_jar": 256,
            "cgroups of .*": 8, "open files": 512, r"unreclaimable.*": 65536, "keys": 64, "mounts of the host": 0, "temporary files of ours": 0}
    while time.monotonic() < deadline:
        now = machine()
        if all(now[name] <= alone[name] + next(most for pattern, most in room.items() if re.fullmatch(pattern, name)) for name in alone):
            break
        time.sleep(0.5)
    print("the machine before the launcher came, and when it is gone:")
    grown += compare(alone, now, room)
    if soak.counts["wrong"]:
        grown.append(f"{soak.counts['wrong']} wrong ends")
    print("nothing is left" if not grown else f"LEFT: {grown}")
    sys.exit(1 if grown else 0)


if __name__ == "__main__":
    main()

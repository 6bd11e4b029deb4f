#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""live.py --launcher PATH [--seconds N] [--sessions N] [--seed N]: a launcher that runs, under everything at once.

Each session is one launcher and a row of steps that its number alone decides: requests that are valid, bent and random, with
descriptors that are right, missing, wrong and too many; images; jails that are killed, forgotten and killed from outside; keepers,
parked jails, the mounter and the launcher itself killed; sessions without descriptors or memory to spare. What must hold: each
request is answered once, within PATIENCE, or the launcher has ended because it had to; a good launch works after every few bad
ones; it never crashes; and when it has ended no process and no cgroup of it is left."""

import argparse
import collections
import errno
import glob
import os
import random
import resource
import select
import signal
import socket
import struct
import sys
import time

import protocol as p

counts = collections.Counter()


class Broken(Exception):
    pass


def must(good, what):
    if not good:
        raise Broken(what)


def kin(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def space(pid, name):
    try:
        return os.readlink(f"/proc/{pid}/ns/{name}")
    except OSError:
        return None


def processes_of(launcher):
    """The launcher's children by what they are."""
    found = collections.defaultdict(list)
    own = space(launcher, "pid"), space(launcher, "mnt")
    for pid in kin(launcher):
        there = space(pid, "pid"), space(pid, "mnt")
        if None in there:
            continue
        found["jail" if there[0] != own[0] else "mounter" if there[1] != own[1] else "keeper"].append(pid)
    return found


class Odds:
    """Descriptors of every kind."""
    def __init__(self):
        self.filter = p.sealed_file(p.ALLOW_ALL)
        self.null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        loop = p.instruction(0x05, 0, 0, 0xFFFFFFFF)
        self.filters = {
            "kills": p.sealed_file(p.KILL_ALL), "unsealed": p.sealed_file(p.ALLOW_ALL, 0), "empty": p.sealed_file(b""),
            "odd": p.sealed_file(p.ALLOW_ALL + b"x"), "oversize": p.sealed_file(p.ALLOW_ALL * 4097), "most": p.sealed_file(p.ALLOW_ALL * 4096),
            "nonsense": p.sealed_file(b"\xff" * 64), "loops": p.sealed_file(loop), "huge": p.sealed_file(p.ALLOW_ALL * 100000),
        }
        os.ftruncate(self.filters["unsealed"], 1 << 40)
        reader, writer = os.pipe2(os.O_CLOEXEC)
        lonely, other = os.pipe2(os.O_CLOEXEC)
        os.close(other)
        a, b = socket.socketpair()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.keep = [a, b, listener]
        self.all = [
            self.filter, self.null, reader, writer, lonely, a.fileno(), b.fileno(), listener.fileno(),
            os.open("/", os.O_PATH | os.O_CLOEXEC), os.open("/usr", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC),
            os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC), os.open("/proc/self/ns/user", os.O_RDONLY | os.O_CLOEXEC),
            os.open("/proc/self/maps", os.O_RDONLY | os.O_CLOEXEC), os.open("/dev/zero", os.O_RDWR | os.O_CLOEXEC),
            os.pidfd_open(os.getpid()), select.epoll().fileno(), os.eventfd(0), os.memfd_create("x"), *self.filters.values()]
        self.epoll = select.epoll()
        self.all[15] = self.epoll.fileno()


class Session:
    def __init__(self, options, number):
        self.options, self.number = options, number
        self.random = random.Random(f"{options.seed}/{number}")
        self.odds = options.odds
        self.jails, self.images = [], []
        self.expected_end = None
        # The sanitizer would report this signal, although it came from outside.
        self.fault = signal.SIGTERM if options.asan else signal.SIGSEGV
        self.killed = 0     # from outside: each may cost one launch its jail, a keeper's long after it
        self.tight = self.random.random() < 0.15
        self.once = not self.tight and self.random.random() < 0.1
        self.log = collections.deque(maxlen=40)
        arguments = ["--binds", "caller"] if self.random.random() < 0.9 else []
        self.binds = bool(arguments)
        self.launcher = p.Launcher(
            options.launcher, arguments + (["--once"] if self.once else []),
            limits=self.tighten() if self.tight else None, greet=False)

    def tighten(self):
        r = self.random
        files, memory = r.choice([(r.randint(4, 24), 0), (r.randint(24, 120), 0), (0, r.randint(1, 40) << 20)])
        if self.options.asan:
            memory = 0      # the sanitizer's own shadow needs terabytes of addresses
        self.log.append(f"tight: {files} descriptors, {memory} bytes")

        def limits():
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
            if memory:
                resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        # Whoever starts the launcher as somebody else needs a few descriptors itself, and closes them.
        return limits

    def run(self):
        counts["sessions"] += 1
        pid = self.launcher.process.pid
        try:
            try:
                self.launcher.hello = self.launcher.reply()
                must(self.tight or not self.launcher.hello.error, f"does not start: {self.launcher.hello}")
                if self.launcher.hello.error:
                    self.expected_end = "start"
            except p.Gone:
                must(self.tight, "the launcher is gone before it greeted")
                self.expected_end = "start"
            if not self.expected_end and not self.launcher.hello.error:
                for _ in range(self.random.randint(5, self.options.steps)):
                    if self.expected_end:
                        break
                    self.step()
                if not self.expected_end and not self.tight and not self.once:
                    self.good_launch()
            self.finish(pid)
        except p.Silent:
            raise Broken("no answer: " + self.where(pid)) from None
        except (p.Gone, BrokenPipeError, ConnectionResetError):
            status = self.launcher.process.wait()
            raise Broken(f"the launcher ended ({status}) without a reason") from None

    def where(self, pid):
        out = []
        for one in [pid, *kin(pid)]:
            for name in ("wchan", "stack", "status"):
                try:
                    with open(f"/proc/{one}/{name}") as file:
                        out.append(f"{one} {name}: {file.read(300)}")
                except OSError:
                    pass
        return "\n".join(out)

    # One step

    def step(self):
        steps = {
            self.good_launch: 6, self.long_launch: 4, self.bent: 10, self.noise: 4, self.wrong_fds: 8, self.image: 6, self.image_launch: 4,
            self.bad_image: 2, self.crowd: 2 if self.tight and os.geteuid() else 0, self.command: 6, self.forget: 4, self.reap: 5, self.hit: 4, self.outside: 4, self.in_a_row: 2, self.pause: 2, self.greedy: 1,
        }
        if not self.once:
            steps[self.end_of_mounter] = 0.15
        steps[self.end_of_launcher] = 0.15
        step = self.random.choices(list(steps), list(steps.values()))[0]
        self.log.append(step.__name__)
        counts[step.__name__] += 1
        step()

    def ask(self, data, fds=(), ends_it=False):
        """One request, one answer."""
        must(not select.select([self.launcher.end], [], [], 0)[0], "an answer that nobody asked for")
        p.send(self.launcher.end, data, fds)
        counts["requests"] += 1
        reply = self.launcher.reply()
        counts["refused" if reply.error else "granted"] += 1
        if reply.error:
            counts["refusal: " + reply.stage] += 1
        self.log.append(str(reply))
        return reply

    def adopt(self, reply, request_is_launch=True):
        """What a bent request got: a jail, an image, or nothing."""
        if reply.error:
            return None
        if len(reply.fds) == 2:
            jail = p.Jail(reply)
            self.jails.append(jail)
            return jail
        if len(reply.fds) == 1:
            self.images.append(reply.value)
        reply.close()
        return None

    def standard(self):
        return [self.odds.filter, self.odds.null, self.odds.null, self.odds.null]

    def good_launch(self):
        # What waits for the processor may not be called broken: a good launch has all the time that a request has.
        if not self.binds:
            return self.good_image_launch()
        while True:
            reply = self.ask(p.launch(["/usr/bin/true"]), self.standard())
            if not self.excused(reply):
                break
        self.must_be_good(reply)

    def excused(self, reply):
        if reply.error not in (errno.ECHILD, errno.EPIPE) or self.killed == 0:
            return False
        self.killed -= 1
        counts["lost to a kill"] += 1
        return True

    def must_be_good(self, reply):
        if reply.error:
            must(self.tight or self.once, f"a good launch failed: {reply}")
            return
        jail = p.Jail(reply)
        report = jail.report()
        jail.close()
        if not self.tight:
            must(report.cause == "exited" and report.exit == 0 and report.gone == 1, f"a good launch ended with {report}")
        counts["good"] += 1

    def fill(self, directory):
        os.mkdir("usr", dir_fd=directory)
        fd = os.open("program", os.O_CREAT | os.O_WRONLY, 0o755, dir_fd=directory)
        with open(self.options.program, "rb") as source:
            os.write(fd, source.read())
        os.close(fd)

    def staged(self):
        reply = self.ask(p.stage(4 << 20, 64))
        if reply.error:
            must(self.tight or self.once or len(self.images) >= 60, f"an image was refused: {reply}")
            return None
        if not reply.fds:
            must(self.tight, "an image without its directory")
            return None
        directory, number = reply.fds[0], reply.value
        self.images.append(number)
        self.fill(directory)
        os.close(directory)
        reply = self.ask(p.seal(number))
        must(not reply.error or self.tight, f"a good image was not sealed: {reply}")
        return None if reply.error else number

    def good_image_launch(self):
        number = self.staged()
        if number:
            while True:
                reply = self.ask(p.launch(["/program"], root=p.IMAGE, image=number), self.standard())
                if not self.excused(reply):
                    break
            self.must_be_good(reply)
            self.ask(p.drop(number))
            self.images.remove(number)

    def long_launch(self):
        if len(self.jails) > 12:
            return self.reap()
        programs = [["/usr/bin/sleep", "60"], ["/bin/sh", "-c", "while :; do :; done"], ["/bin/sh", "-c", "sleep 60 & sleep 60 & exit 3"],
                    ["/bin/sh", "-c", "trap '' TERM HUP INT; sleep 60"], ["/usr/bin/cat"], ["/usr/bin/yes"]]
        fds = self.standard()
        for i in (1, 2, 3):
            fds[i] = self.random.choice([self.odds.null, *self.odds.all[:8]])
        wall = self.random.choice([1, 10**7, 3 * 10**8, 20 * 10**9, 1 << 62])
        self.adopt(self.ask(p.launch(self.random.choice(programs), ["A=1"], wall_ns=wall), fds))

    def hit(self):
        """A limit is reached."""
        if len(self.jails) > 12:
            return self.reap()
        script, limits = self.random.choice([
            ("while :; do sleep 9 & done", dict(pids=self.random.randint(1, 8))), ("x=xxxxxxxx; while :; do x=$x$x; done", dict(memory=16 << 20)),
            ("while :; do :; done", dict(cpu_ns=5 * 10**7)), ("exec dd if=/dev/zero of=/tmp/x bs=64k", dict(file_bytes=1 << 30)),
            ("exec dd if=/dev/zero of=/tmp/x bs=64k", dict(file_bytes=4096)), ("exit 3", dict(memory=4096)), ("exit 3", dict(open_files=1)),
            ("kill -9 $$", {}), ("sleep 9", dict(wall_ns=1)), ("exit 3", dict(cpu_percent=1)), ("exit 3", dict(cpu_percent=1 << 61, pids=1 << 62, memory=1 << 62)),
        ])
        self.adopt(self.ask(p.launch(["/bin/sh", "-c", script], **limits), self.standard()))

    def some_launch(self):
        r = self.random
        mounts = []
        for _ in range(r.choice([0, 0, 0, 1, 2, 64])):
            source = r.choice(["/usr", "/usr/bin/true", "/etc/hostname", "/proc", "/", "/sys/fs/cgroup", "/no/such", "/dev/null", "/tmp"])
            target = r.choice(["/in", "/in/deep/er", "/tmp/x", "/usr/x", "/bin/x", "/x" * 120, "/tmp/../x"])
            mounts.append((source, target, r.randint(0, 3), r.choice([0, 0, 0, r.choice(self.images or [5])])))
        argv = r.choice([["/usr/bin/true"], ["true"], [""], ["/"], ["/usr"], ["nosuch"], ["/etc/hostname"], ["/usr/bin/true"] * 256, ["x" * 4095],
                         ["/bin/sh", "-c", "exit 7"]])
        return dict(argv=argv, environment=r.choice([[], ["A=1"], ["A"], ["=" * 100], ["A=" + "x" * 4000] * 20]),
                    cwd=r.choice(["/", "/", "/tmp", "/usr/bin", "/no/such", "/usr/bin/true", "/../x", "x"]), mounts=mounts,
                    root=r.choice([0, 0, 1, 2]), image=r.choice([0, 1, *self.images]), flags=r.choice([0, 0, 1, 2, 3, 4, 7, 8]),
                    wall_ns=r.choice([10**6, 10**8, 2 * 10**9]), memory=r.choice([0, 1, 1 << 20, 64 << 20]), tmpfs_inodes=r.choice([1, 5, 100, 1 << 40]),
                    tmpfs_bytes=r.choice([1, 4096, 1 << 20, 1 << 62]), open_files=r.choice([0, 1, 3, 64, 1 << 40]))

    def some_fds(self):
        r = self.random
        fds = self.standard()
        choice = r.random()
        if choice < 0.4:
            fds.append(self.odds.null)
        elif choice < 0.5:
            fds[0] = r.choice(list(self.odds.filters.values()))
        elif choice < 0.6:
            fds[r.randrange(1, 4)] = r.choice([self.launcher.end.fileno(), *self.odds.all])
        elif choice < 0.8:
            fds = [r.choice(self.odds.all) for _ in range(r.choice([0, 1, 3, 4, 5, 6, 16, 17, 40, 200]))]
        return fds

    def bent(self):
        """A valid request with something changed, or something valid and foolish."""
        r = self.random
        data = bytearray(r.choice([p.launch(**self.some_launch()), p.launch(["/usr/bin/true"], ["A=1"], wall_ns=2 * 10**9), p.stage(r.choice([0, 1, 4096, 1 << 63]),
                                   r.choice([0, 1, 5, 2**64 - 1])), p.seal(r.choice([0, 1, 2**64 - 1])), p.drop(r.choice([0, 1, 2, 99]))]))
        for _ in range(r.choice([0, 0, 1, 1, 2, 5])):
            at = r.randrange(len(data))
            how = r.randrange(5)
            if how == 0:
                data[at] = r.randrange(256)
            elif how == 1:
                data[at] ^= 1 << r.randrange(8)
            elif how == 2:
                del data[at:at + r.choice([1, 4, 8])]
            elif how == 3:
                data[at:at] = r.randbytes(r.choice([1, 4, 8, 4096]))
            else:
                data[at:at + 4] = struct.pack("<I", r.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 4096, 256, 257, 64]))
            if len(data) < 16:
                data = bytearray(b"x" * 16)
        if r.random() < 0.8:
            data[8:12] = struct.pack("<I", len(data))
        self.adopt(self.ask(bytes(data), self.some_fds()))

    def noise(self):
        r = self.random
        size = r.choice([1, 15, 16, 17, 100, 4096, p.MAGIC % 5000, 128 * 1024, 128 * 1024 + 1, 150000])
        data = r.randbytes(size)
        if r.random() < 0.5:
            data = struct.pack("<IIII", p.MAGIC, r.randint(0, 5), size, 0)[:size] + data[16:]
        self.adopt(self.ask(data, self.some_fds() if r.random() < 0.5 else ()))

    def wrong_fds(self):
        self.adopt(self.ask(p.launch(["/usr/bin/true"], flags=self.random.choice([0, 1]), wall_ns=2 * 10**9), self.some_fds()))

    def image(self):
        """Images in every order, with what an image should not have."""
        r = self.random
        reply = self.ask(p.stage(r.choice([0, 1, 1 << 16, 4 << 20, 1 << 62]), r.choice([1, 2, 8, 64, 1 << 50])))
        if reply.error or not reply.fds:
            return
        directory, number = reply.fds[0], reply.value
        self.images.append(number)
        try:
            for name, make in [("dev", lambda: os.symlink("/etc", "dev", dir_fd=directory)), ("tmp", lambda: os.symlink("..", "tmp", dir_fd=directory)),
                               ("proc", lambda: os.mkfifo("proc", dir_fd=directory)), ("dev", lambda: os.mkdir("dev", dir_fd=directory)),
                               ("fifo", lambda: os.mkfifo("dev/null", dir_fd=directory)), ("zero", lambda: os.symlink("/etc/made", "dev/zero", dir_fd=directory))]:
                if r.random() < 0.25:
                    make()
            if r.random() < 0.6:
                self.fill(directory)
        except OSError as problem:
            counts["image: " + errno.errorcode[problem.errno]] += 1
        if r.random() < 0.8:
            os.close(directory)
            directory = -1
        for _ in range(r.randint(0, 3)):
            what = r.choice([p.seal, p.seal, p.drop])
            reply = self.ask(what(number))
            if what is p.drop and not reply.error:
                self.images.remove(number)
                break
        if directory >= 0:
            os.close(directory)
        must(not os.path.lexists("/etc/made"), "an image made a file on the host")

    def image_launch(self):
        if not self.images:
            number = self.staged()
            if not number:
                return
        else:
            number = self.random.choice(self.images)
        mounts = self.random.choice([[], [], [("/", "/tmp/image", 0, number)], [("/program", "/tmp/p", 1, number)], [("/usr", "/usr", 3, number)]])
        self.adopt(self.ask(p.launch(["/program"], root=p.IMAGE, image=number, mounts=mounts, wall_ns=2 * 10**9), self.standard()))
        if self.random.random() < 0.3 and not self.ask(p.drop(number)).error:
            self.images.remove(number)

    def bad_image(self):
        number = self.random.choice([0, 2**64 - 1, 1000])
        self.ask(self.random.choice([p.seal, p.drop])(number))

    def command(self):
        """A word to a jail, or something that is none."""
        if not self.jails:
            return
        jail, r = self.random.choice(self.jails), self.random
        data = r.choice([struct.pack("<I", 7), struct.pack("<I", r.randrange(2**32)), b"x", r.randbytes(9), r.randbytes(5000)])
        try:
            p.send(jail.control, data, self.some_fds() if r.random() < 0.2 else ())
        except OSError as problem:
            must(problem.errno in (errno.EPIPE, errno.ECONNRESET, errno.EAGAIN), f"a word to a jail: {problem}")

    def forget(self):
        """The socket of a jail is closed without a word."""
        if not self.jails:
            return
        jail = self.jails.pop(self.random.randrange(len(self.jails)))
        if self.random.random() < 0.3:
            try:
                jail.control.shutdown(self.random.choice([socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR]))
            except OSError:
                pass
        jail.close()

    def reap(self):
        """A jail is ended and its report read."""
        if not self.jails:
            return
        jail = self.jails.pop(0)
        try:
            p.send(jail.control, struct.pack("<I", 1))
        except OSError:
            pass
        try:
            report = jail.report()
            counts["report: " + report.cause] += 1
            must(report.gone == 1 or self.tight, f"processes of a jail are left: {report}")
        except p.Gone:
            must(False, "a jail ended without a report")
        jail.close()

    def outside(self):
        """Somebody kills one of the launcher's processes."""
        found = processes_of(self.launcher.process.pid)
        kind = self.random.choice(["keeper", "jail", "program"])
        if kind == "program":
            victims = [grandchild for pid in found["jail"] for grandchild in kin(pid)]
        else:
            victims = found[kind]
        for pid in self.random.sample(victims, min(len(victims), self.random.choice([1, 1, 2, 20]))):
            how = self.random.choice([signal.SIGKILL] * 4 + [signal.SIGTERM, self.fault, signal.SIGSTOP])
            try:
                os.kill(pid, how)
                if how == signal.SIGSTOP:
                    os.kill(pid, signal.SIGCONT)
                counts["killed: " + kind] += 1
                self.killed += 1
            except (ProcessLookupError, PermissionError):
                pass

    def in_a_row(self):
        """Many requests before the first answer is read."""
        if len(self.jails) > 8:
            return
        number = self.random.randint(2, 6)
        for _ in range(number):
            p.send(self.launcher.end, p.launch(["/usr/bin/true"]), self.standard())
            counts["requests"] += 1
        for _ in range(number):
            reply = self.launcher.reply()
            counts["refused" if reply.error else "granted"] += 1
            must(not reply.error or self.tight or self.once or not self.binds or self.excused(reply), f"one in a row failed: {reply}")
            self.adopt(reply)

    def greedy(self):
        """Jails up to the most, or images."""
        if self.once or self.tight or self.random.random() < 0.5:
            for _ in range(70):
                reply = self.ask(p.stage(1 << 16, 8))
                if reply.error:
                    break
                self.adopt(reply)
        else:
            while len(self.jails) < 40:
                reply = self.ask(p.launch(["/usr/bin/sleep", "60"]), self.standard())
                if not self.adopt(reply):
                    break
        for number in list(self.images):
            self.ask(p.drop(number))
        self.images = []
        while len(self.jails) > 4:
            self.forget()

    def crowd(self):
        """So many descriptors on their way that the kernel takes no more from an ordinary user (ETOOMANYREFS): an answer comes all the same."""
        a, b = socket.socketpair()
        p.send(a, b"x", [self.odds.null] * 250)
        self.adopt(self.ask(p.launch(["/usr/bin/true"]), self.standard()))
        self.adopt(self.ask(p.stage()))
        a.close()
        b.close()

    def pause(self):
        """Time for the launcher to park jails."""
        time.sleep(self.random.choice([0.001, 0.004, 0.03]))

    def end_of_mounter(self):
        for pid in processes_of(self.launcher.process.pid)["mounter"]:
            os.kill(pid, signal.SIGKILL)
            self.expected_end = "mounter"

    def end_of_launcher(self):
        how = self.random.choice([signal.SIGKILL, signal.SIGTERM, self.fault, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1])
        self.launcher.process.send_signal(how)
        self.expected_end = -how

    # The end

    def finish(self, pid):
        r = self.random
        if not self.expected_end and r.random() < 0.3:
            # The supervisor dies with requests under way.
            for _ in range(r.randint(1, 4)):
                p.send(self.launcher.end, p.launch(["/usr/bin/sleep", "60"]), self.standard())
        family = []

        def collect(parent):
            for child in kin(parent):
                family.append(os.pidfd_open(child)) if os.path.exists(f"/proc/{child}") else None
                collect(child)
        try:
            collect(pid)
        except ProcessLookupError:
            pass
        self.launcher.end.close()
        try:
            status = self.launcher.process.wait(p.PATIENCE)
        except Exception:
            raise p.Silent() from None
        if self.tight:
            must(status in (0, 1, 127) or isinstance(self.expected_end, int) and status == self.expected_end or status == -signal.SIGKILL
                 or self.expected_end == "start", f"a launcher without room ended with {status}")
        elif isinstance(self.expected_end, int):
            must(status == self.expected_end, f"the launcher ended with {status}, not by signal {-self.expected_end}")
        else:
            must(status == 0, f"the launcher ended with {status}")
        counts[f"ended: {self.expected_end or 'supervisor gone'}"] += 1
        deadline = time.monotonic() + 10
        for fd in family:
            must(select.select([fd], [], [], max(0, deadline - time.monotonic()))[0], "a process is left: " + self.left())
            os.close(fd)
        # Orphans are ours now, and dead.
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    must(time.monotonic() < deadline, "a process is left: " + self.left())
                    time.sleep(0.01)
            except ChildProcessError:
                break
        self.close_jails()
        # A launcher that was killed leaves empty cgroups to the next one (cgroup.c).
        if status == 0:
            left = glob.glob(f"/sys/fs/cgroup/*/**/atomic-{pid}-*", recursive=True)
            must(not left, f"cgroups are left: {left}")

    def close_jails(self):
        for jail in self.jails:
            jail.close()
        self.jails = []

    def left(self):
        out = []
        for pid in kin(os.getpid()):
            try:
                with open(f"/proc/{pid}/status") as file:
                    out.append(f"{pid}: " + " ".join(file.read().split("\n")[:4]))
            except OSError:
                pass
        return "; ".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--program", required=True, help="a static program that returns 0")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--sessions", type=int, default=10**9)
    parser.add_argument("--first", type=int, default=0, help="number of the first session")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--asan", help="the launcher is built with asan.c; the file for its report")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**9)
    options.odds = Odds()
    p.become_reaper()
    # Started in the background, we ignore some of these, and a launcher that inherits that does not die of them.
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(one, signal.SIG_DFL)
    if options.asan:
        with open(options.asan, "wb") as file:
            file.truncate(1 << 16)
        os.environ["ATOMIC_ASAN_REPORT"] = options.asan
        os.environ["ASAN_OPTIONS"] = "symbolize=0:detect_leaks=0:abort_on_error=1"
    print(f"seed {options.seed}", flush=True)
    start = time.monotonic()
    broken = []
    files = len(os.listdir("/proc/self/fd"))
    number = options.first
    while number < options.first + options.sessions and time.monotonic() - start < options.seconds:
        session = Session(options, number)
        try:
            session.run()
            said = open(options.asan, "rb").read().strip(b"\0") if options.asan else b""
            must(len(said) < 10, said.decode(errors="replace"))
        except Broken as problem:
            broken.append(f"broken: seed {options.seed} session {number}: {problem}\n  last steps: {list(session.log)}")
            print(broken[-1], flush=True)
            session.launcher.process.kill()
            session.close_jails()
            if options.asan:
                with open(options.asan, "r+b") as file:
                    file.write(bytes(1 << 16))
            if len(broken) >= 20:
                break
        number += 1
        if number % 100 == 0:
            print(f"{time.monotonic() - start:.0f} s: {number} sessions, {counts['requests']} requests, {counts['good']} good launches,"
                  f" {len(broken)} broken, {len(os.listdir('/proc/self/fd')) - files} descriptors more", flush=True)
    for name in sorted(counts):
        print(f"  {name}: {counts[name]}")
    if broken:
        print("once more, what broke:", *broken, sep="\n")
    print(f"{counts['sessions']} sessions, {counts['requests']} requests ({counts['granted']} granted, {counts['refused']} refused),"
          f" {counts['good']} good launches, {len(broken)} broken, {time.monotonic() - start:.0f} s, seed {options.seed}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

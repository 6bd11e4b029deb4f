# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The launcher's protocol from the supervisor's side, written a second time (Sources/atomic-launcher/message.c is the other)."""

import array
import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess

MAGIC = 0x314C4A41
STAGE, SEAL, DROP, LAUNCH = 1, 2, 3, 4
CHANNEL, MDWE, KVM = 1, 2, 4
SYSTEM, IMAGE = 0, 1
READ_ONLY, NOEXEC = 1, 2
CAUSES = ["exited", "signal", "syscall", "memory", "pids", "cpu", "wall", "output", "file"]
LIMITS = dict(memory=64 << 20, pids=16, cpu_percent=0, wall_ns=20 * 10**9, cpu_ns=10 * 10**9, file_bytes=1 << 20,
              open_files=64, tmpfs_bytes=1 << 20, tmpfs_inodes=100)
# Longer than the launcher's own patience with a jail that does not start (SETUP_MS), so that its answer comes first.
PATIENCE = 30.0


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<I", len(value) + 1) + value + b"\0"


def texts(values):
    return struct.pack("<I", len(values)) + b"".join(text(value) for value in values)


def message(kind, body=b""):
    return struct.pack("<IIII", MAGIC, kind, 16 + len(body), 0) + body


def stage(size=1 << 22, inodes=64):
    return message(STAGE, struct.pack("<QQ", size, inodes))


def seal(number):
    return message(SEAL, struct.pack("<Q", number))


def drop(number):
    return message(DROP, struct.pack("<Q", number))


def launch(argv, environment=(), cwd="/", mounts=(), root=SYSTEM, image=0, flags=0, **limits):
    """`mounts`: (source, target, flags, image or 0). Without its descriptors: filter, stdin, stdout, stderr, the channel."""
    values = {**LIMITS, **limits}
    body = struct.pack("<IIQ", flags, root, image) + b"".join(struct.pack("<Q", values[name]) for name in LIMITS)
    body += text(cwd) + texts(argv) + texts(environment) + struct.pack("<I", len(mounts))
    for source, target, how, number in mounts:
        body += struct.pack("<IIQ", 1 if number else 0, how, number) + text(source) + text(target)
    return message(LAUNCH, body)


def sealed_file(data, seals=fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW):
    fd = os.memfd_create("filter", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    if seals:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def instruction(code, jump_true, jump_false, value):
    return struct.pack("<HBBI", code, jump_true, jump_false, value)


# BPF_RET | BPF_K with SECCOMP_RET_ALLOW, and with SECCOMP_RET_KILL_PROCESS.
ALLOW_ALL = instruction(0x06, 0, 0, 0x7FFF0000)
KILL_ALL = instruction(0x06, 0, 0, 0x80000000)


def send(end, data, fds=()):
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    end.sendmsg([data], ancillary)


class Silent(Exception):
    """Nothing came within PATIENCE."""


class Gone(Exception):
    """The launcher closed its end."""


def receive(end, size, patience=None):
    """One packet and its descriptors."""
    if not select.select([end], [], [], PATIENCE if patience is None else patience)[0]:
        raise Silent()
    try:
        # A word of ours that was never read resets the connection: the first time says so, the second has what was sent before.
        try:
            data, ancillary, _, _ = end.recvmsg(size, socket.CMSG_SPACE(4 * 16), socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            data, ancillary, _, _ = end.recvmsg(size, socket.CMSG_SPACE(4 * 16), socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:
        raise Gone() from None
    fds = array.array("i")
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(value[:len(value) // 4 * 4])
    if not data and not fds:
        raise Gone()
    return data, list(fds)


class Reply:
    def __init__(self, data, fds):
        if len(data) != 248:
            raise AssertionError(f"a reply has {len(data)} bytes")
        magic, self.error, self.value, stage_, object_ = struct.unpack("<IiQ32s200s", data)
        if magic != MAGIC:
            raise AssertionError("a reply begins with another number")
        self.stage = stage_.split(b"\0")[0].decode(errors="replace")
        self.object = object_.split(b"\0")[0].decode(errors="replace")
        self.fds = fds
        if self.error and fds:
            raise AssertionError("a failure came with descriptors")
        if bool(self.error) != bool(self.stage):
            raise AssertionError(f"error {self.error} of stage '{self.stage}'")

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    def __str__(self):
        return f"{self.stage} {self.object}: {os.strerror(self.error)} ({self.error})" if self.error else f"value {self.value}"


class Report:
    """How a jail ended: `struct report` of watch.c."""
    def __init__(self, data):
        if len(data) != 64:
            raise AssertionError(f"a report has {len(data)} bytes")
        (magic, cause, self.exit, self.signal, self.cpu_ns, self.wall_ns, self.peak, self.hits, self.gone,
         self.memory_hits, self.pids_hits) = struct.unpack("<IiiiQQQIIQQ", data)
        if magic != 0x31524A41:
            raise AssertionError("a report begins with another number")
        self.cause = CAUSES[cause]

    def __str__(self):
        return f"{self.cause} exit {self.exit} signal {self.signal} gone {self.gone}"


class Launcher:
    """A launcher that was just started. `prefix` is put in front of its command line; `first` is sent before it runs at all."""
    def __init__(self, path, arguments=("--binds", "caller"), prefix=(), first=None, environment=None, limits=None,
                 greet=True):
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if first:
            send(self.end, *first)
        # Numbers up to 3 are taken by the four descriptors themselves, so 3 has to be put there by the child.
        fd = theirs.fileno()

        def become():
            os.dup2(fd, 3)
            os.set_inheritable(3, True)
            if limits:
                limits()

        self.process = subprocess.Popen([*prefix, path, *arguments], preexec_fn=become, close_fds=False,
                                        stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        theirs.close()
        self.hello = self.reply() if greet else None

    def reply(self, patience=None):
        return Reply(*receive(self.end, 512, patience))

    def ask(self, data, fds=()):
        send(self.end, data, fds)
        return self.reply()

    def leave(self, patience=None):
        """Closes the socket; the launcher's exit code."""
        self.end.close()
        try:
            return self.process.wait(PATIENCE if patience is None else patience)
        except subprocess.TimeoutExpired:
            raise Silent() from None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait()


class Jail:
    """From the reply to a launch: the control socket, and a pidfd of PID 1."""
    def __init__(self, reply):
        control, self.pidfd = reply.fds
        reply.fds = []
        self.id = reply.value
        self.control = socket.socket(fileno=control)

    def pid(self):
        with open(f"/proc/self/fdinfo/{self.pidfd}") as info:
            return next(int(line.split()[1]) for line in info if line.startswith("Pid:"))

    def report(self, patience=None):
        data, fds = receive(self.control, 512, patience)
        if fds:
            raise AssertionError("a report came with descriptors")
        return Report(data)

    def close(self):
        self.control.close()
        os.close(self.pidfd)


def signal_pidfd(pidfd, number):
    signal.pidfd_send_signal(pidfd, number)


def become_reaper():
    """Orphans of the launcher come to us, so that one that is left is seen."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)

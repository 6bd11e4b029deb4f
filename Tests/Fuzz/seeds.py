#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""seeds.py DIRECTORY: the first inputs of parser.c, messages that are valid and some that just are not."""

import sys
from pathlib import Path

import protocol as p

MOUNT = ("/srv/in", "/in", p.READ_ONLY | p.NOEXEC, 0)
SEEDS = {
    "stage": (0, p.stage()),
    "seal": (0, p.seal(1)),
    "drop": (0, p.drop(2**64 - 1)),
    "launch": (4, p.launch(["/bin/true"])),
    "everything": (5, p.launch(["/model", "--x", ""], ["A=1", "B=", "C=="], "/tmp", [MOUNT, ("/", "/image", 0, 7)], p.IMAGE, 3,
                               p.CHANNEL | p.MDWE | p.KVM, cpu_percent=50)),
    "most-arguments": (4, p.launch(["x"] * 256)),
    "too-many-arguments": (4, p.launch(["x"] * 257)),
    "most-mounts": (4, p.launch(["x"], mounts=[MOUNT] * 64)),
    "too-many-mounts": (4, p.launch(["x"], mounts=[MOUNT] * 65)),
    "longest-string": (4, p.launch(["x" * 4095])),
    "too-long-string": (4, p.launch(["x" * 4096])),
    "upwards": (4, p.launch(["x"], mounts=[("/a/../b", "/c", 0, 0)])),
    "onto-proc": (4, p.launch(["x"], mounts=[("/a", "/proc/1", 0, 0)])),
    "no-sign": (4, p.launch(["x"], ["A"])),
    "no-limit": (4, p.launch(["x"], memory=0)),
    "largest-limit": (4, p.launch(["x"], memory=1 << 62)),
    "too-large-limit": (4, p.launch(["x"], memory=(1 << 62) + 1)),
    "two-nuls": (4, p.launch([b"a\0b"])),
    "cut": (4, p.launch(["/bin/true"])[:-1]),
    "longer": (4, p.launch(["/bin/true"]) + b"\0"),
    "trailing": (4, p.message(p.LAUNCH, p.launch(["/bin/true"])[16:] + b"\0")),
    "type": (0, p.message(9)),
    "empty": (0, b""),
}

if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, (descriptors, data) in SEEDS.items():
        (directory / name).write_bytes(bytes([descriptors]) + data)

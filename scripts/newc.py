# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Initial file systems of Linux guests: cpio archives in the `newc` format (Documentation/driver-api/early-userspace/buffer-format.rst)."""

import os


class Archive:
    def __init__(self):
        self.bytes = bytearray()
        self.entries = 0
        self.add("dev", 0o040755)
        self.add("dev/console", 0o020600, major=5, minor=1)
        self.add("modules", 0o040755)

    def add(self, name, mode, data=b"", major=0, minor=0):
        """One entry; its mode with the type of file, as in stat(2)."""
        self.entries += 1
        encoded = name.encode() + b"\0"
        fields = [self.entries, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(encoded), 0]
        self.bytes += b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self.bytes += bytes(-len(self.bytes) % 4)
        self.bytes += data
        self.bytes += bytes(-len(self.bytes) % 4)

    def add_modules(self, kernel, names):
        """Modules of an unpacked kernel, into /modules. Returns their file names; one that is not there is built in."""
        added = []
        for name in names:
            path = f"{kernel}/{name}.ko"
            if os.path.exists(path):
                with open(path, "rb") as file:
                    self.add("modules/" + os.path.basename(path), 0o100644, file.read())
                added.append(os.path.basename(path))
        return added

    def finish(self):
        self.add("TRAILER!!!", 0)
        return bytes(self.bytes)

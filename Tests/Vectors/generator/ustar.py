# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The canonical ustar archive of a bundle (POSIX.1-1988 ustar, one way to write each member)."""

BLOCK = 512


def header(name, size, mode=0o644, mtime=0, uid=0, kind=b"0", magic=b"ustar\x0000", owner=b"", device=b"0000000\x00"):
    fields = [
        name.encode().ljust(100, b"\x00"), b"%07o\x00" % mode, b"%07o\x00" % uid, b"%07o\x00" % 0, b"%011o\x00" % size, b"%011o\x00" % mtime,
        b"        ", kind, bytes(100), magic, owner.ljust(32, b"\x00"), bytes(32), device, device, bytes(155), bytes(12),
    ]
    raw = b"".join(fields)
    assert len(raw) == BLOCK
    return raw[:148] + b"%06o\x00 " % sum(raw) + raw[156:]


def member(name, data, **changes):
    return header(name, len(data), **changes) + data + bytes(-len(data) % BLOCK)


def archive(members, last="manifest.dsse"):
    """Names sorted by their bytes, the manifest last, two zero blocks at the end."""
    names = sorted((name for name in members if name != last), key=str.encode) + [name for name in (last,) if name in members]
    return b"".join(member(name, members[name]) for name in names) + bytes(2 * BLOCK)

# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What a disk may hold after the power went: a model of the file system, fed with the events that shim.c wrote down.

What a file holds is durable up to its last fsync or fdatasync; what was written since may be there, be missing, be torn at sectors, in
any order. A name is durable when

    posix   its directory was synced since: of the other changes of names any may be missing;
    ext4    anything was synced since: the journal takes all changes of names along, in their order, so of the others the last are missing.

syncfs is a sync of everything. A rename is one change: no journal tears it."""

import hashlib


class Event:
    __slots__ = ("kind", "words", "text", "data")

    def __init__(self, kind, words, text, data):
        self.kind, self.words, self.text, self.data = kind, words, text, data


def events(path):
    """The events of a trace, in order."""
    with open(path, "rb") as file:
        data = file.read()
    at, found = 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end].decode()
        at = end + 1
        head, *text = line.split("\t")
        kind, *words = head.split(" ")
        size = int(words[2]) if kind == "W" else int(words[0]) if kind == "A" else 0
        if kind == "R" or kind == "L":
            words, text = [], [head[2:], *text]
        elif kind in "UX":
            words, text = [], [head[2:]]
        found.append(Event(kind, words, text, data[at:at + size]))
        at += size
    return found


class File:
    """Durable bytes, what was done to them since, (number, "write", offset, bytes) or (number, "size", size), and what is in memory."""

    def __init__(self, durable=b""):
        self.durable, self.pending, self.memory = bytearray(durable), [], bytearray(durable)

    def now(self):
        return bytes(self.memory)

    def do(self, *change):
        self.pending.append(change)
        apply(self.memory, change)

    def sync(self, number):
        """Everything before that number is on the disk."""
        while self.pending and self.pending[0][0] < number:
            apply(self.durable, self.pending.pop(0))

    def fail(self):
        """A sync failed: the kernel takes the pages for clean, and no later sync writes them."""
        self.pending = []


def apply(content, change):
    if change[1] == "size":
        size = change[2]
        if size <= len(content):
            del content[size:]
        else:
            content.extend(bytes(size - len(content)))
    else:
        _, _, at, data = change
        if at > len(content):
            content.extend(bytes(at - len(content)))
        content[at:at + len(data)] = data


def parent(path):
    return path.rpartition("/")[0]


class Disk:
    """The room's directory as durable names and files, and what is on its way."""

    def __init__(self, state, fails=True):
        """state: path -> bytes, or None for a directory; all of it durable. fails: whether a failed sync loses what it was to write, or
        leaves it to the next one."""
        self.names = {path: None if data is None else File(data) for path, data in state.items()}
        # Now, not after a crash.
        self.live = dict(self.names)
        self.changes = []  # (number, directories, [(path, File, None, or "gone")])
        self.inodes, self.directories, self.count, self.syncs = {}, {}, 0, {}
        self.graves, self.fails = [], fails

    def feed(self, event):
        kind, words = event.kind, event.words
        self.count += 1
        if kind in ("C", "O"):
            path = event.text[0]
            if kind == "C":
                self.inodes[words[0]] = File()
                self.directories.pop(words[0], None)
                self.change([(path, self.inodes[words[0]])])
            elif path in self.live:
                if self.live[path] is None:
                    self.directories[words[0]] = path
                else:
                    self.inodes[words[0]] = self.live[path]
        elif kind == "W":
            if words[0] in self.inodes:
                self.write(self.inodes[words[0]], int(words[1]), event.data)
                if words[3] == "1":
                    self.inodes[words[0]].sync(self.count + 1)
        elif kind == "Z" and words[0] in self.inodes:
            self.inodes[words[0]].do(self.count, "size", int(words[1]))
        elif kind == "F" and words[0] in self.inodes:
            self.allocate(self.inodes[words[0]], *map(int, words[1:]))
        elif kind == "M":
            self.directories[words[0]] = event.text[0]
            self.inodes.pop(words[0], None)
            self.change([(event.text[0], None)])
        elif kind == "R":
            old, new = event.text
            self.bury(new)
            self.change([(old, "gone"), (new, self.live[old])])
        elif kind == "L":
            self.change([(event.text[1], self.live[event.text[0]])])
        elif kind == "U":
            self.bury(event.text[0])
            self.change([(event.text[0], "gone")])
        elif kind == "B":
            self.syncs[words[0]] = (self.count, words[1], words[2])
        elif kind == "I" and words[1] in ("fdatasync", "fsync") and self.fails:
            file = self.live.get(event.text[0])
            if file is not None:
                file.fail()
        elif kind == "E":
            self.synced(*self.syncs.pop(words[0]))

    @staticmethod
    def files(nodes):
        return {id(node): node for node in nodes if isinstance(node, File)}.values()

    def bury(self, path):
        """What was deleted lies on in free blocks, and may come up again in a file that has grown there."""
        node = self.live.get(path)
        if isinstance(node, File):
            self.graves = ([node.now()] + self.graves)[:4]

    def write(self, file, at, data):
        file.do(self.count, "write", at, data)

    def allocate(self, file, mode, at, length):
        size = len(file.memory)
        if mode & ~0x13:
            raise ValueError(f"fallocate mode {mode}")
        if mode & 0x12:  # PUNCH_HOLE, ZERO_RANGE
            end = min(at + length, size) if mode & 1 else at + length
            self.write(file, at, bytes(max(0, end - at)))
        elif not mode & 1 and at + length > size:
            file.do(self.count, "size", at + length)

    def change(self, parts):
        directories = {parent(path) for path, _ in parts}
        self.changes.append((self.count, directories, parts))
        name(self.live, parts)

    def synced(self, number, inode, kind):
        file = self.inodes.get(inode)
        directory = self.directories.get(inode)
        if kind == "s":
            for each in self.files([*self.live.values(), *self.names.values(), *self.inodes.values()]):
                each.sync(number)
        elif file is not None and directory is None:
            file.sync(number)
        self.settle(lambda change: change[0] < number and (kind == "s" or directory in change[1]))

    def settle(self, durable):
        waiting = []
        for change in self.changes:
            if durable(change):
                name(self.names, change[2])
            else:
                waiting.append(change)
        self.changes = waiting

    def now(self):
        """The state as everybody sees it while the machine runs."""
        return {path: node.now() if node else None for path, node in self.live.items()}


class JournalledDisk(Disk):
    """As ext4 does it: each sync commits the journal."""

    def synced(self, number, inode, kind):
        super().synced(number, inode, kind)
        self.settle(lambda change: change[0] < number)


def name(names, parts):
    for path, node in parts:
        if isinstance(node, str):
            names.pop(path, None)
        else:
            names[path] = node


class Crash:
    """One state after a crash, drawn from what a disk may hold. `names` and `data` say how: all, none, first (what came first), any;
    data also hollow (the sizes, not the bytes). `blank` is what lies where a file has grown without its bytes: zeros, noise, grave."""

    def __init__(self, disk, random, names, data, sector=512, blank="zeros"):
        self.random, self.sector, self.blank, self.graves = random, sector, blank, disk.graves
        numbers = [change[0] for change in disk.changes]
        numbers += [change[0] for file in disk.files([*disk.live.values(), *disk.names.values()]) for change in file.pending]
        cut = random.choice(sorted(set(numbers)) + [disk.count + 1])
        kept = dict(disk.names)
        journalled = isinstance(disk, JournalledDisk)
        some = random.choice([change[0] for change in disk.changes] or [0]) if names == "any" and journalled else cut
        for change in disk.changes:
            keep = {"all": True, "none": False, "first": change[0] < cut,
                    "any": change[0] < some if journalled else random.random() < 0.6}[names]
            if keep:
                name(kept, change[2])
        self.state = {}
        for path in sorted(kept):
            above = parent(path)
            if above and above not in self.state:
                continue
            self.state[path] = self.content(kept[path], data, cut) if kept[path] else None

    def content(self, file, data, cut):
        if data == "all":
            return file.now()
        content = bytearray(file.durable)
        changes = list(file.pending)
        if data == "any" and self.random.random() < 0.5:
            self.random.shuffle(changes)
        for change in changes:
            if data == "first":
                if change[0] < cut:
                    apply(content, change)
                elif change[0] == cut:
                    self.tear(content, change)
            elif data == "hollow":
                self.tear(content, change, lambda _: False)
            elif data == "any":
                luck = self.random.random()
                if luck < 0.35:
                    apply(content, change)
                elif luck < 0.7:
                    self.tear(content, change)
        return bytes(content)

    def tear(self, content, change, keeps=None):
        """Some sectors of a write."""
        if change[1] == "size":
            if self.random.random() < 0.5:
                apply(content, change)
            return
        _, _, at, data = change
        if not data:
            return
        first, last = at // self.sector, (at + len(data) - 1) // self.sector
        if keeps is None:
            edge, kind = self.random.randint(first, last), self.random.randrange(4)
            bits = self.random.getrandbits(64) | 1 << 63
            keeps = (lambda n: n < edge, lambda n: n > edge, lambda n: n != edge, lambda n: bits >> (n - first) % 61 & 1)[kind]
        kept = [n for n in range(first, last + 1) if keeps(n)]
        end = at + len(data)
        if self.random.random() < 0.5:
            end = min(end, (kept[-1] + 1) * self.sector) if kept else len(content)
        if end > len(content):
            content.extend(self.filling(len(content), end))
        for n in kept:
            start, stop = max(at, n * self.sector), min(at + len(data), (n + 1) * self.sector)
            content[start:stop] = data[start - at:stop - at]

    def filling(self, start, end):
        if self.blank == "noise":
            return self.random.randbytes(end - start)
        if self.blank == "grave" and self.graves:
            grave = self.random.choice(self.graves)
            return grave[start:end].ljust(end - start, b"\0")
        return bytes(end - start)


def digest(state):
    hashed = hashlib.sha256()
    for path in sorted(state):
        data = state[path]
        hashed.update(f"{path} {-1 if data is None else len(data)}\n".encode() + (data or b""))
    return hashed.digest()

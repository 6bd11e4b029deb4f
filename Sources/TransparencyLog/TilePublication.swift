// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// One step of the published log from a smaller to a larger size: what to write, and the writing of it.
struct TilePublication: Sendable {
    /// Size of the tree that is published.
    let size: UInt64
    /// The signed checkpoint of that size.
    var note: [UInt8]
    /// Files under `log/`, without the checkpoint.
    let files: [(path: TilePath, bytes: [UInt8])]

    /// Above this many files one syncfs(2) is cheaper than an fdatasync(2) per file and directory; below it the
    /// other users of the file system are not made to wait.
    private static let manyFiles = 24

    /// - Parameters:
    ///   - entries: the entries from `firstEntry` to the new size; `firstEntry` is a multiple of 256 at or below the
    ///     published size.
    ///   - completed: full tiles since the published size.
    ///   - tree: the tree at the new size.
    init(
        note: [UInt8], tree: TreeState, completed: [CompletedTile], entries: ArraySlice<[UInt8]>, firstEntry: UInt64
    ) {
        size = tree.size
        self.note = note
        var files: [(TilePath, [UInt8])] = []
        var start = entries.startIndex
        while start < entries.endIndex {
            let end = min(start + 256, entries.endIndex)
            let index = (firstEntry + UInt64(start - entries.startIndex)) / 256
            files.append(
                (TilePath(.entries, index: index, width: end - start), EntryBundle.encode(entries[start..<end])))
            start = end
        }
        for tile in completed { files.append((TilePath(.hashes(level: tile.level), index: tile.index), tile.bytes)) }
        for (level, edge) in tree.edges.enumerated() where !edge.isEmpty {
            let index = tree.size >> UInt64(8 * level) / 256
            files.append((TilePath(.hashes(level: level), index: index, width: edge.count / 32), edge))
        }
        self.files = files
    }

    /// Writes the files, makes them durable, and only then replaces the checkpoint.
    ///
    /// The order matters twice: a reader that sees the checkpoint must find its tiles, and after a power cut the
    /// checkpoint must not have survived tiles that did not.
    func write(to directory: LogDirectory) throws(LogError) {
        let root = directory.tiles
        let each = files.count <= Self.manyFiles
        var changed: Set<String> = []
        for file in files {
            let path = "\(root)/\(file.path)"
            for made in try createParents(of: path, below: root) { changed.insert(made) }
            try replace(path, with: file.bytes, through: directory.temporary, sync: each)
            changed.insert(Files.parent(of: path))
            FaultInjection.reach("publish-file")
        }
        if each {
            for path in changed.sorted() {
                try LogError.wrapping { () throws(BaseError) in try Files.syncDirectory(path) }
            }
        } else {
            try syncFileSystem(root)
        }
        FaultInjection.reach("publish-synced")
        try replace(root + "/checkpoint", with: note, through: directory.temporary, sync: true)
        try LogError.wrapping { () throws(BaseError) in try Files.syncDirectory(root) }
        FaultInjection.reach("publish-checkpoint")
        removePartials(below: root)
    }

    /// Partial tiles may go once their full tile is there (tlog-tiles, Partial Tiles). What cannot be removed stays:
    /// it is a correct prefix and harms nobody.
    private func removePartials(below root: String) {
        for file in files where file.path.isFull {
            let partials = "\(root)/\(file.path.partialsDirectory)"
            guard let names = try? Files.list(partials) else { continue }
            for name in names { try? Files.remove("\(partials)/\(name)") }
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            _ = unsafe rmdir(partials)
        }
    }

    /// Creates the missing directories above `path` and returns the parents whose content changed.
    private func createParents(of path: String, below root: String) throws(LogError) -> [String] {
        let parent = Files.parent(of: path)
        guard parent.utf8.count > root.utf8.count, !Files.isDirectory(parent) else { return [] }
        var changed = try createParents(of: parent, below: root)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe mkdir(parent, 0o755) == 0 || errno == EEXIST else { throw LogError(.system("mkdir", parent)) }
        changed.append(Files.parent(of: parent))
        return changed
    }

    private func replace(_ path: String, with bytes: [UInt8], through temporary: String, sync: Bool) throws(LogError) {
        try LogError.wrapping { () throws(BaseError) in
            let file = try Files.open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
            try Files.write(bytes, to: file.raw, named: path)
            if sync { guard fdatasync(file.raw) == 0 else { throw .system("fdatasync", path) } }
            // SAFETY: the strings are passed as NUL-terminated copies for the call only.
            guard unsafe rename(temporary, path) == 0 else { throw .system("rename to", path) }
        }
    }

    private func syncFileSystem(_ path: String) throws(LogError) {
        try LogError.wrapping { () throws(BaseError) in
            let directory = try Files.open(path, O_RDONLY | O_DIRECTORY)
            guard linux_syncfs(directory.raw) == 0 else { throw .system("syncfs", path) }
        }
    }
}

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

    /// Above this many files one syncfs(2) takes the place of an fdatasync(2) per file: publishing has fallen far behind. Below
    /// it nobody else who uses the file system, appenders first of all, is made to wait.
    private static let manyFiles = FaultInjection.number("ATOMIC_LOG_MANY_FILES") ?? 512

    /// - Parameters:
    ///   - entries: the entries from `firstEntry` to the new size; `firstEntry` is a multiple of 256 at or below the
    ///     published size. There may be earlier ones.
    ///   - completed: full tiles since the published size.
    ///   - tree: the tree at the new size.
    init(
        note: [UInt8], tree: TreeState, completed: [CompletedTile], entries: EntryTail, firstEntry: UInt64
    ) {
        size = tree.size
        self.note = note
        var files: [(TilePath, [UInt8])] = []
        var start = firstEntry
        while start < tree.size {
            let end = min(start + 256, tree.size)
            files.append(
                (TilePath(.entries, index: start / 256, width: Int(end - start)), entries.bundle(start..<end)))
            start = end
        }
        for tile in completed { files.append((TilePath(.hashes(level: tile.level), index: tile.index), tile.bytes)) }
        for (level, edge) in tree.edges.enumerated() where !edge.isEmpty {
            let index = tree.size >> UInt64(8 * level) / 256
            files.append((TilePath(.hashes(level: level), index: index, width: edge.count / 32), edge))
        }
        self.files = files
    }

    /// Writes the files, makes them durable, gives them their names, and only then replaces the checkpoint.
    ///
    /// The order matters three times: a name must not survive a power cut that the bytes under it did not, or a torn tile
    /// looks like damage; a reader that sees the checkpoint must find its tiles; and the checkpoint must not survive tiles
    /// that did not.
    func write(to directory: LogDirectory) throws(LogError) {
        let root = directory.tiles
        var changed: Set<String> = []
        if files.count <= Self.manyFiles {
            for file in files {
                try write(file.bytes, to: directory.temporary, sync: true)
                try name(file.path, directory.temporary, below: root, changed: &changed)
            }
        } else {
            defer { for number in files.indices { try? Files.remove(directory.temporary(number)) } }
            for (number, file) in files.enumerated() {
                try write(file.bytes, to: directory.temporary(number), sync: false)
            }
            try syncFileSystem(root)
            for (number, file) in files.enumerated() {
                try name(file.path, directory.temporary(number), below: root, changed: &changed)
            }
        }
        for path in changed.sorted() {
            try LogError.wrapping { () throws(BaseError) in try Files.syncDirectory(path) }
        }
        FaultInjection.reach("publish-synced")
        try write(note, to: directory.temporary, sync: true)
        try rename(directory.temporary, to: root + "/checkpoint")
        try LogError.wrapping { () throws(BaseError) in try Files.syncDirectory(root) }
        FaultInjection.reach("publish-checkpoint")
        removePartials(below: root)
    }

    /// Moves a file to its place in the tile log and notes the directories whose content that changed.
    private func name(_ tile: TilePath, _ temporary: String, below root: String, changed: inout Set<String>)
        throws(LogError)
    {
        let path = "\(root)/\(tile)"
        for made in try createParents(of: path, below: root) { changed.insert(made) }
        try rename(temporary, to: path)
        changed.insert(Files.parent(of: path))
        FaultInjection.reach("publish-file")
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

    private func write(_ bytes: [UInt8], to path: String, sync: Bool) throws(LogError) {
        try LogError.wrapping { () throws(BaseError) in
            let file = try Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
            try Files.write(bytes, to: file.raw, named: path)
            if sync { guard fdatasync(file.raw) == 0 else { throw .system("fdatasync", path) } }
        }
    }

    private func rename(_ temporary: String, to path: String) throws(LogError) {
        // SAFETY: the strings are passed as NUL-terminated copies for the call only.
        guard unsafe Glibc.rename(temporary, path) == 0 else { throw LogError(.system("rename to", path)) }
    }

    private func syncFileSystem(_ path: String) throws(LogError) {
        try LogError.wrapping { () throws(BaseError) in
            let directory = try Files.open(path, O_RDONLY | O_DIRECTORY)
            guard linux_syncfs(directory.raw) == 0 else { throw .system("syncfs", path) }
        }
    }
}

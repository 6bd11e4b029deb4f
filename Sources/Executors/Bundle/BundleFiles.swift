// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// The files of a bundle, whoever wrote them: looked at once, and opened below the bundle and nowhere else.
///
/// A bundle holds plain files and directories. A link is listed and never followed; where a file is needed, a link in its place is
/// refused. What has rights of its own (set-uid, capabilities), stands for something else (devices, pipes, sockets) or may be
/// somebody else's (a second name outside of the bundle) is refused wherever it lies.
final class BundleFiles {
    struct Entry {
        /// Relative to the bundle.
        let path: String
        let status: stat
        var isLink: Bool { status.st_mode & S_IFMT == S_IFLNK }
        var isExecutable: Bool { status.st_mode & 0o111 != 0 }
    }

    /// Files and links, in byte order of their paths.
    let entries: [Entry]
    /// The bundle as a resolved path.
    var path: String { root.path }
    private let root: ContainedDirectory
    private let directories: Set<String>
    private let names: [String: Int]

    /// Looks at everything in the bundle.
    /// - Throws: ``ExecutorError`` `bundle` naming the first file that no bundle may hold.
    init(_ directory: String) throws(ExecutorError) {
        guard let resolved = FileTree.resolve(directory) else { throw .image("\(directory) does not exist") }
        root = try ContainedDirectory(resolved)
        var found: [Entry] = []
        var seen: Set<String> = []
        var names: [String: Int] = [:]
        var pending = [""]
        while let directory = pending.popLast() {
            guard let inside = root.list(directory) else {
                throw .image("\(root.path)/\(directory) cannot be listed: \(ErrorText.of(errno))")
            }
            for (name, status) in inside {
                let path = directory.isEmpty ? name : "\(directory)/\(name)"
                guard found.count + seen.count < Self.limit else {
                    throw .bundle(
                        root.path, "has more than \(Self.limit) files", "put only what the program needs into it")
                }
                if status.st_mode & S_IFMT == S_IFDIR {
                    seen.insert(path)
                    pending.append(path)
                    continue
                }
                try Self.check(status, named: "\(root.path)/\(path)")
                names[Self.identity(status), default: 0] += 1
                found.append(Entry(path: path, status: status))
            }
        }
        entries = found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        directories = seen
        self.names = names
        for entry in entries where !entry.isLink { _ = try open(entry.path) }
    }

    /// Files and directories of one bundle.
    static let limit = 100_000

    func isDirectory(_ path: String) -> Bool { directories.contains(path) }

    func entry(_ path: String) -> Entry? { entries.first { $0.path == path } }

    /// The files below a directory of the bundle: path relative to it, and entry.
    func below(_ directory: String) -> [(path: String, entry: Entry)] {
        entries.filter { $0.path.hasPrefix(directory + "/") }.map {
            (String($0.path.dropFirst(directory.count + 1)), $0)
        }
    }

    /// Opens a file as it is now, which may not be as it was looked at: everything is asked again of what was opened.
    /// - Throws: ``ExecutorError`` `bundle`.
    func open(_ path: String) throws(ExecutorError) -> OwnedFD {
        let name = "\(root.path)/\(path)"
        guard let file = root.open(path) else {
            switch errno {
            case ELOOP, EXDEV:
                throw .bundle(name, "is a link, or lies behind one", "put the file itself into the bundle")
            case let number: throw .image("\(name) cannot be opened: \(ErrorText.of(number))")
            }
        }
        var status = stat()
        // SAFETY: `status` is valid for the call.
        guard unsafe fstat(file.raw, &status) == 0 else { throw .image("fstat \(name): \(ErrorText.of(errno))") }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw .bundle(name, "became a directory while it was read", "let nobody write in the bundle")
        }
        try Self.check(status, named: name)
        guard status.st_nlink == names[Self.identity(status)] ?? 1 else {
            throw .bundle(
                name, "has another name outside of the bundle (a hard link), so it may be somebody else's",
                "put a copy of the file into the bundle")
        }
        guard !Self.hasCapabilities(file.raw) else {
            throw .bundle(
                name, "has capabilities (security.capability)",
                "remove them with `setcap -r`; nothing in a jail has any")
        }
        return file
    }

    /// The whole file.
    func read(_ path: String, limit: Int) throws(ExecutorError) -> [UInt8] {
        let file = try open(path)
        do {
            return try Files.read(file.raw, named: "\(root.path)/\(path)", limit: limit)
        } catch {
            throw .image(error.message, cause: error)
        }
    }

    /// The files and links of the bundle with their digests, but for byte code that an interpreter left.
    func list() throws(ExecutorError) -> [ListedFile] {
        var files: [ListedFile] = []
        for entry in entries where !ImageList.isByteCode(entry.path) {
            let name = "\(root.path)/\(entry.path)"
            if entry.isLink {
                guard let target = FileTree.target(ofLink: name) else { throw .image("readlink \(name) failed") }
                files.append(ListedFile(path: entry.path, link: target))
                continue
            }
            let (size, digest) = try FileCopy.hash(open(entry.path), named: name)
            files.append(ListedFile(path: entry.path, executable: entry.isExecutable, size: size, digest: digest))
        }
        return files
    }

    static func hasCapabilities(_ descriptor: Int32) -> Bool {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        unsafe linux_has_attribute(descriptor, "security.capability") != 0
    }

    private static func identity(_ status: stat) -> String { "\(status.st_dev) \(status.st_ino)" }

    private static func check(_ status: stat, named name: String) throws(ExecutorError) {
        let kind: String
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard status.st_mode & (S_ISUID | S_ISGID) == 0 else {
                throw .bundle(
                    name, "is set-uid or set-gid", "take the bits away with `chmod ug-s`; they have no effect in a jail"
                )
            }
            return
        case S_IFLNK: return
        case S_IFIFO: kind = "a FIFO"
        case S_IFSOCK: kind = "a socket"
        case S_IFBLK: kind = "a block device"
        case S_IFCHR: kind = "a character device"
        default: kind = "of an unknown kind"
        }
        throw .bundle(name, "is \(kind)", "a bundle holds plain files and directories; remove it")
    }
}

extension ExecutorError {
    /// What no bundle may hold.
    static func bundle(_ object: String, _ what: String, _ remedy: String) -> ExecutorError {
        ExecutorError(.bundle, "\(object) \(what)", remedy: remedy, exit: .usage)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// What is at a path, without following a last link.
struct FileFacts {
    enum Kind { case file, directory, link, other }
    let kind: Kind
    let size: UInt64
    let executable: Bool

    init?(path: String) {
        var status = stat()
        // SAFETY: `status` is valid for the call and the string is passed as a NUL-terminated copy.
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        size = UInt64(max(0, status.st_size))
        executable = status.st_mode & 0o111 != 0
    }
}

/// Plain operations on trees of files that `AtomicBase.Files` does not need.
enum FileTree {
    /// The path with every link resolved; nil when it leads nowhere.
    static func resolve(_ path: String) -> String? {
        // SAFETY: realpath allocates the result, which is copied and freed here.
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The target of a link as it is written.
    static func target(ofLink path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        // SAFETY: the buffer is valid for its own length.
        let length = unsafe readlink(path, &buffer, buffer.count)
        guard length > 0, length < buffer.count else { return nil }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Everything below a directory but directories: relative path and facts, links not followed, in byte order of the
    /// path.
    ///
    /// - Parameter skipping: relative paths of directories and files to leave out.
    static func walk(
        _ root: String, skipping: (String) -> Bool = { _ in false }
    ) throws(ExecutorError) -> [(path: String, facts: FileFacts)] {
        var found: [(path: String, facts: FileFacts)] = []
        var pending = [""]
        while let directory = pending.popLast() {
            let absolute = directory.isEmpty ? root : "\(root)/\(directory)"
            let names: [String]
            do { names = try Files.list(absolute) } catch { throw .image(error.message, cause: error) }
            for name in names {
                let path = directory.isEmpty ? name : "\(directory)/\(name)"
                guard !skipping(path) else { continue }
                guard let facts = FileFacts(path: "\(root)/\(path)") else {
                    throw .image("\(root)/\(path) vanished while it was read")
                }
                if facts.kind == .directory { pending.append(path) } else { found.append((path, facts)) }
            }
        }
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Removes a tree; a missing one is fine. Links are removed, never followed.
    static func remove(_ path: String) {
        guard let facts = FileFacts(path: path) else { return }
        if facts.kind == .directory {
            for name in (try? Files.list(path)) ?? [] { remove("\(path)/\(name)") }
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            _ = unsafe rmdir(path)
        } else {
            try? Files.remove(path)
        }
    }

    /// Creates a directory and its parents without waiting for the disk: what is written here is checked by digest
    /// before every use.
    static func makeDirectory(_ path: String) throws(ExecutorError) {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path != "/", path != "." else {
            throw .image("mkdir \(path): \(ErrorText.of(errno))")
        }
        try makeDirectory(Files.parent(of: path))
        // SAFETY: as above.
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw .image("mkdir \(path): \(ErrorText.of(errno))")
        }
    }
}

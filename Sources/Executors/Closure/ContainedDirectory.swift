// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// A directory whose files are opened below it and nowhere else: no link anywhere in a path, no `..` (openat2(2)).
///
/// The directory itself is held open, so that renaming it or its parents changes nothing. Whoever may write in it can change
/// what a name means between two looks; what they cannot do is make a name mean a file outside.
final class ContainedDirectory {
    /// As messages name it.
    let path: String
    private let descriptor: OwnedFD

    /// - Throws: ``ExecutorError`` `image` when there is no such directory.
    init(_ path: String) throws(ExecutorError) {
        self.path = path
        do {
            descriptor = try Files.open(path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw .image(error.message, cause: error)
        }
    }

    /// Opens a file for reading without waiting for anybody, be it a FIFO. Nil with errno when it cannot be opened.
    func open(_ relative: String, _ flags: Int32 = 0) -> OwnedFD? {
        guard !relative.utf8.contains(0) else {
            errno = EINVAL
            return nil
        }
        while true {
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            let opened = unsafe linux_open_beneath(
                descriptor.raw, relative, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags)
            if opened >= 0 { return OwnedFD(adopting: opened) }
            // EAGAIN: the kernel could not rule out a race with a rename and asks to try again (openat2(2)).
            guard errno == EAGAIN || errno == EINTR else { return nil }
        }
    }

    /// What is at each name of a directory of the tree, links not followed. Nil with errno when it cannot be listed.
    func list(_ relative: String) -> [(name: String, status: stat)]? {
        guard let opened = open(relative.isEmpty ? "." : relative, O_DIRECTORY) else { return nil }
        // SAFETY: fdopendir takes the descriptor over; the stream is closed once below.
        guard let stream = unsafe fdopendir(opened.release()) else { return nil }
        defer { unsafe closedir(stream) }
        var found: [(name: String, status: stat)] = []
        // SAFETY: d_name is NUL-terminated within the entry and copied before the next readdir.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            // SAFETY: `status` is valid for the call and the string is passed as a NUL-terminated copy.
            guard unsafe fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            found.append((name, status))
        }
        return found
    }
}

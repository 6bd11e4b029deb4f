// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// What a bundle may ask of the host: files that everybody on it may read, and that are nothing but files.
///
/// Who registers a bundle often has more rights than who wrote it. Without this, `image.closure`, a library path inside an ELF
/// file or a link could bring a private key into an image, and a model reads its image.
struct HostFiles {
    private var reachable: Set<String> = ["/"]

    /// Opens a file for reading and looks at what was opened, so that a link which is turned in between gains nothing.
    ///
    /// - Parameter root: below it a file need not be everybody's: the packages that the manifest names.
    /// - Throws: ``ExecutorError`` `closure`.
    mutating func open(_ path: String, root: String? = nil) throws(ExecutorError) -> OwnedFD {
        let file: OwnedFD
        do {
            // Not waiting: it may be a FIFO.
            file = try Files.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        } catch {
            throw Self.refused(path, "cannot be opened (\(error.message))", "correct image.closure in model.yaml")
        }
        var status = stat()
        // SAFETY: `status` is valid for the call.
        guard unsafe fstat(file.raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Self.refused(path, "is not a regular file", "correct image.closure in model.yaml")
        }
        guard status.st_mode & (S_ISUID | S_ISGID) == 0, !BundleFiles.hasCapabilities(file.raw) else {
            throw Self.refused(
                path, "is set-uid, set-gid or has capabilities",
                "leave it out; a jail gives no program rights that its caller has not")
        }
        // Where it really lies, whatever names led to it (proc_pid_fd(5)).
        guard let real = FileTree.target(ofLink: "/proc/self/fd/\(file.raw)") else {
            throw .image("readlink /proc/self/fd for \(path): \(ErrorText.of(errno))")
        }
        if let root, real.hasPrefix(root + "/") { return file }
        guard status.st_mode & S_IROTH != 0, isReachable(Files.parent(of: real)) else {
            throw Self.refused(
                path, "is not for everybody on this machine to read",
                "put a copy into the bundle and name it under mounts, if the model may see it")
        }
        return file
    }

    /// Whether everybody may search the directory and all above it.
    private mutating func isReachable(_ directory: String) -> Bool {
        if reachable.contains(directory) { return true }
        var status = stat()
        // SAFETY: `status` is valid for the call and the string is passed as a NUL-terminated copy.
        guard unsafe stat(directory, &status) == 0, status.st_mode & S_IXOTH != 0,
            isReachable(Files.parent(of: directory))
        else { return false }
        reachable.insert(directory)
        return true
    }

    /// Whether only root can have changed the file: what may run outside of a jail.
    static func isOfTheSystem(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: `status` is valid for the call and the string is passed as a NUL-terminated copy.
        return unsafe stat(path, &status) == 0 && status.st_uid == 0 && status.st_mode & (S_IWGRP | S_IWOTH) == 0
    }

    private static func refused(_ path: String, _ what: String, _ remedy: String) -> ExecutorError {
        ExecutorError(.closure, "\(path), which the image would hold, \(what)", remedy: remedy)
    }
}

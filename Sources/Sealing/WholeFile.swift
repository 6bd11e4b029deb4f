// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
import Glibc

/// An output that appears whole or not at all.
///
/// A regular file is written without a name (O_TMPFILE) in the directory of its target and linked there by
/// ``commit()``; file systems without nameless files get a hidden name, removed unless committed. Standard output (`-`),
/// pipes and devices are fed from a memory file at the end. A value that ends without ``commit()`` leaves nothing.
public struct WholeFile: ~Copyable {
    private enum Way {
        /// No name yet; to be linked to the target.
        case nameless
        /// A hidden name beside the target.
        case named(String)
        /// A memory file, to be copied into the target.
        case buffered
    }

    private static let temporaryFile: Int32 = 0o20_000_000 | O_DIRECTORY  // O_TMPFILE of <fcntl.h> with _GNU_SOURCE
    private static let copySize = 1 << 20

    private let path: String
    private let way: Way
    private let fd: OwnedFD
    private var committed = false

    /// Where to write; readable too.
    public var descriptor: Int32 { fd.raw }

    /// Prepares an output.
    /// - Parameters:
    ///   - path: the target, `-` for standard output.
    ///   - mode: permissions of a regular file, before the umask.
    /// - Throws: `io`.
    public init(path: String, mode: UInt32) throws(SealingError) {
        let (way, raw) = try Self.prepare(path, mode)
        self.path = path
        self.way = way
        fd = OwnedFD(adopting: raw)
    }

    private static func prepare(_ path: String, _ mode: UInt32) throws(SealingError) -> (Way, Int32) {
        var status = stat()
        // SAFETY: `status` is a valid stat, and the path a NUL-terminated copy, for the call.
        let exists = unsafe path != "-" && stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR { throw .system("open", path, errno: EISDIR) }
        if path == "-" || exists && status.st_mode & S_IFMT != S_IFREG {
            return (.buffered, try MemoryFile(name: "atomic-output").release())
        }
        let directory = Files.parent(of: path)
        // SAFETY: paths are passed as NUL-terminated copies for the calls only.
        let nameless = unsafe open(directory, temporaryFile | O_RDWR | O_CLOEXEC, mode)
        if nameless >= 0 { return (.nameless, nameless) }
        // The file system, or the kernel, has no nameless files.
        guard [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) else { throw .system("create a file in", directory) }
        let hidden = hiddenName(path)
        // SAFETY: as above.
        let named = unsafe open(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard named >= 0 else { throw .system("create", hidden) }
        return (.named(hidden), named)
    }

    private static func hiddenName(_ path: String) -> String {
        "\(Files.parent(of: path))/.\(Files.name(of: path)).\(Hex.encode(RandomBytes.make(6))).part"
    }

    deinit {
        if !committed, case .named(let hidden) = way {
            // SAFETY: the path is passed as a NUL-terminated copy for the call only.
            _ = unsafe unlink(hidden)
        }
    }

    /// SHA-256 of what was written so far.
    /// - Throws: `io`.
    public borrowing func digest() throws(SealingError) -> Digest {
        var hasher = SHA256Hasher()
        // SAFETY: the buffer is lent for the call.
        try unsafe forEachBlock { (block: UnsafeRawBufferPointer) in unsafe hasher.update(block) }
        return hasher.finish()
    }

    /// Makes the output appear, durably, replacing what was there.
    /// - Throws: `io`; nothing has appeared then, but for pipes and devices that failed half-way.
    public consuming func commit() throws(SealingError) {
        switch way {
        case .buffered:
            try copyToTarget()
        case .nameless:
            try sync()
            try link()
        case .named(let hidden):
            try sync()
            // SAFETY: paths are passed as NUL-terminated copies for the call only.
            guard unsafe rename(hidden, path) == 0 else { throw .system("rename to", path) }
        }
        committed = true
        if case .buffered = way { return }
        do throws(BaseError) {
            try Files.syncDirectory(Files.parent(of: path))
        } catch {
            throw SealingError(.io, error.message, remedy: error.remedy, cause: error)
        }
    }

    private borrowing func sync() throws(SealingError) {
        guard fsync(fd.raw) == 0 else { throw .system("fsync", path) }
    }

    /// Gives a nameless file its name. linkat does not replace, so an existing target is replaced by a second step.
    private borrowing func link() throws(SealingError) {
        let source = "/proc/self/fd/\(fd.raw)"
        // SAFETY: paths are passed as NUL-terminated copies for the calls only.
        if unsafe linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 { return }
        guard errno == EEXIST else { throw .system("link", path) }
        let hidden = Self.hiddenName(path)
        // SAFETY: as above.
        guard unsafe linkat(AT_FDCWD, source, AT_FDCWD, hidden, AT_SYMLINK_FOLLOW) == 0 else {
            throw .system("link", hidden)
        }
        // SAFETY: as above.
        guard unsafe rename(hidden, path) == 0 else {
            let code = errno
            _ = unsafe unlink(hidden)
            throw .system("rename to", path, errno: code)
        }
    }

    private borrowing func copyToTarget() throws(SealingError) {
        guard path != "-" else { return try copy(to: STDOUT_FILENO, named: "standard output") }
        // SAFETY: the path is passed as a NUL-terminated copy for the call only.
        let raw = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard raw >= 0 else { throw .system("open", path) }
        let target = OwnedFD(adopting: raw)
        try copy(to: target.raw, named: path)
    }

    private borrowing func copy(to output: Int32, named name: String) throws(SealingError) {
        // SAFETY: the buffer is lent for the call.
        try unsafe forEachBlock { (block: UnsafeRawBufferPointer) throws(SealingError) in
            try unsafe DescriptorIO.write(block, to: output, named: name)
        }
    }

    /// Reads what was written, in secret memory, from its start.
    private borrowing func forEachBlock(_ body: (UnsafeRawBufferPointer) throws(SealingError) -> Void)
        throws(SealingError)
    {
        guard lseek(fd.raw, 0, SEEK_SET) == 0 else { throw .system("lseek", path) }
        var buffer = SecretBytes(count: Self.copySize)
        while true {
            // SAFETY: the buffer is lent for the call; the slice is bounds-checked.
            let count = try unsafe buffer.withMutableBytes {
                (bytes: UnsafeMutableRawBufferPointer) throws(SealingError) in
                let count = try unsafe DescriptorIO.fill(bytes, from: fd.raw, named: path)
                try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                return count
            }
            if count < Self.copySize { return }
        }
    }
}

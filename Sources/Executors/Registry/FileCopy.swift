// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Reads files once: to a digest, to another file, or both. Bounded memory whatever the size.
enum FileCopy {
    private static let chunk = 1 << 20

    /// Size and digest of a file; a last link is followed.
    static func hash(_ path: String) throws(ExecutorError) -> (size: UInt64, digest: Digest) {
        try hash(open(path), named: path)
    }

    /// Size and digest of what is left of an open file.
    static func hash(
        _ source: consuming OwnedFD, named path: String
    ) throws(ExecutorError) -> (size: UInt64, digest: Digest) {
        var hasher = SHA256Hasher()
        var size: UInt64 = 0
        // SAFETY: the buffer is only read while the closure runs.
        try unsafe stream(source.raw, named: path) { buffer throws(ExecutorError) in
            unsafe hasher.update(buffer)
            size += UInt64(buffer.count)
        }
        return (size, hasher.finish())
    }

    /// Copies an open file with its modification time; the mode is 0555 when any execute bit is set, otherwise 0444.
    static func copy(
        _ source: consuming OwnedFD, named path: String, to target: String
    ) throws(ExecutorError) {
        let facts = try facts(of: source.raw, named: path)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let descriptor = unsafe Glibc.open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .image("create \(target): \(ErrorText.of(errno))") }
        let out = OwnedFD(adopting: descriptor)
        // SAFETY: the buffer is only read while the closure runs.
        try unsafe stream(source.raw, named: path) { buffer throws(ExecutorError) in
            try unsafe write(buffer, to: out.raw, named: target)
        }
        try settle(out.raw, mode: facts.st_mode & 0o111 != 0 ? 0o555 : 0o444, like: facts, named: target)
    }

    /// Copies a listed file into a directory descriptor while hashing it; nothing but the listed bytes gets through.
    ///
    /// - Throws: `image-changed` when size or content is not as listed, `image` when a file cannot be read or written.
    static func copy(
        _ file: ListedFile, from directory: ContainedDirectory, into target: Int32
    ) throws(ExecutorError) {
        let path = "\(directory.path)/\(file.path)"
        // Whatever became of the directory: nothing outside of it is opened, not even to be refused by its digest.
        guard let source = directory.open(file.path) else { throw .changed(path) }
        let facts = try facts(of: source.raw, named: path)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let descriptor = unsafe openat(target, file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .image("create \(file.path) in the image: \(ErrorText.of(errno))") }
        let out = OwnedFD(adopting: descriptor)
        var hasher = SHA256Hasher()
        var size: UInt64 = 0
        // SAFETY: the buffer is only read while the closure runs.
        try unsafe stream(source.raw, named: path) { buffer throws(ExecutorError) in
            unsafe hasher.update(buffer)
            size += UInt64(buffer.count)
            guard size <= file.size ?? 0 else { throw .changed(path) }
            try unsafe write(buffer, to: out.raw, named: file.path)
        }
        guard size == file.size, hasher.finish() == file.digest else { throw .changed(path) }
        try settle(out.raw, mode: file.modeBits, like: facts, named: file.path)
    }

    private static func open(_ path: String) throws(ExecutorError) -> OwnedFD {
        do {
            return try Files.open(path, O_RDONLY | O_NONBLOCK)
        } catch {
            throw .image(error.message, cause: error)
        }
    }

    private static func facts(of descriptor: Int32, named name: String) throws(ExecutorError) -> stat {
        var status = stat()
        // SAFETY: `status` is valid for the call.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .image("\(name) is not a regular file")
        }
        return status
    }

    private static func settle(
        _ descriptor: Int32, mode: UInt32, like facts: stat, named name: String
    ) throws(ExecutorError) {
        let times = [facts.st_mtim, facts.st_mtim]
        // SAFETY: futimens reads the two entries of `times`.
        guard unsafe futimens(descriptor, times) == 0, fchmod(descriptor, mode) == 0 else {
            throw .image("set mode and time of \(name): \(ErrorText.of(errno))")
        }
    }

    private static func stream(
        _ descriptor: Int32, named name: String,
        to sink: (UnsafeRawBufferPointer) throws(ExecutorError) -> Void
    ) throws(ExecutorError) {
        // SAFETY: allocated here, freed once when this returns, and only the bytes that read(2) wrote are passed on.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
        defer { unsafe buffer.deallocate() }
        while true {
            let got = unsafe read(descriptor, buffer.baseAddress, buffer.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .image("read \(name): \(ErrorText.of(errno))") }
            if got == 0 { return }
            try unsafe sink(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
        }
    }

    private static func write(
        _ buffer: UnsafeRawBufferPointer, to descriptor: Int32, named name: String
    ) throws(ExecutorError) {
        var done = 0
        while done < buffer.count {
            // SAFETY: `done` is below the buffer's size, so the range lies within it.
            let put = unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            if put < 0, errno == EINTR { continue }
            guard put >= 0 else { throw .image("write \(name): \(ErrorText.of(errno))") }
            done += put
        }
    }
}

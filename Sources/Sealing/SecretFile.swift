// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc

/// Small files that hold keys: read into secret memory, written once with mode 0600.
enum SecretFile {
    /// The whole file, in memory that is zeroed at the end.
    /// - Throws: `io` with errno's text; `too-large` above `limit` bytes.
    static func read(_ path: String, limit: Int) throws(SealingError) -> SecretBytes {
        // SAFETY: the path is passed as a NUL-terminated copy for the call only.
        let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { throw .system("open", path) }
        let file = OwnedFD(adopting: raw)
        return try read(file.raw, named: path, limit: limit)
    }

    /// Everything up to the end of a descriptor.
    static func read(_ descriptor: Int32, named name: String, limit: Int) throws(SealingError) -> SecretBytes {
        var buffer = SecretBytes(count: limit + 1)
        var count = 0
        while count <= limit {
            // SAFETY: `count` is at most `limit`, so the range lies within the buffer.
            let got = unsafe buffer.withMutableBytes { bytes in
                unsafe Glibc.read(descriptor, bytes.baseAddress?.advanced(by: count), bytes.count - count)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .system("read", name)
            }
            if got == 0 { return copy(of: buffer, count: count) }
            count += got
        }
        throw SealingError(.tooLarge, "\(name) has more than \(limit) bytes", remedy: "give a key file")
    }

    /// Makes a new file of mode 0600 with these bytes, durable on return.
    /// - Throws: `io`, also when the file exists: keys are never overwritten.
    static func create(_ path: String, _ bytes: borrowing SecretBytes) throws(SealingError) {
        // SAFETY: the path is passed as a NUL-terminated copy for the call only.
        let raw = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard raw >= 0 else {
            if errno == EEXIST {
                throw SealingError(
                    .io, "\(path) exists, and keys are never overwritten", remedy: "choose another name or remove it")
            }
            throw .system("create", path)
        }
        let file = OwnedFD(adopting: raw)
        do throws(SealingError) {
            // SAFETY: `buffer` is valid during the closure.
            try unsafe bytes.withBytes { (buffer: UnsafeRawBufferPointer) throws(SealingError) in
                try unsafe DescriptorIO.write(buffer, to: file.raw, named: path)
            }
            guard fsync(file.raw) == 0 else { throw .system("fsync", path) }
        } catch {
            // Half a key is worse than none. SAFETY: the path is a NUL-terminated copy for the call only.
            _ = unsafe unlink(path)
            throw error
        }
    }

    private static func copy(of buffer: borrowing SecretBytes, count: Int) -> SecretBytes {
        // SAFETY: `count` is at most the buffer's size.
        unsafe buffer.withBytes { source in
            unsafe SecretBytes(copying: source.prefix(count))
        }
    }
}

extension Failure where Domain == SealingDomain {
    /// A failed system call, with errno's text.
    static func system(_ call: String, _ object: String, errno code: Int32 = errno) -> SealingError {
        // SAFETY: strerror's string is copied before any other call.
        let text = unsafe String(cString: strerror(code))
        return SealingError(
            .io, "\(call) \(object): \(text)",
            remedy: code == ENOSPC ? "free space on that file system" : "check the path and its permissions")
    }
}

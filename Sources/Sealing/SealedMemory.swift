// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
import CLinux
import Glibc

/// Plaintext in a memory file that nobody can change any more (memfd_create(2), fcntl(2) "File sealing").
///
/// Sealed against writing, growing, shrinking and further seals, and against execution where the kernel knows how
/// (MFD_NOEXEC_SEAL, Linux 6.3). The pages are freed with the last descriptor; they can be swapped out like any memory.
public struct SealedMemory: ~Copyable, Sendable {
    /// A descriptor opened read-only and close-on-exec.
    public let fd: OwnedFD
    /// Bytes of plaintext.
    public let count: Int

    /// The seals that every such file carries; the kernel may add F_SEAL_EXEC.
    public static let seals: Int32 = 0x1 | 0x2 | 0x4 | 0x8  // F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE

    /// A sealed copy of a secret.
    /// - Throws: `io`.
    public init(copying bytes: borrowing SecretBytes, name: String = "atomic-input") throws(SealingError) {
        let memory = try MemoryFile(name: name)
        // SAFETY: the buffer is lent for the call.
        try unsafe bytes.withBytes { (buffer: UnsafeRawBufferPointer) throws(SealingError) in
            try unsafe DescriptorIO.write(buffer, to: memory.descriptor, named: "the memory file")
        }
        self = try memory.seal()
    }

    fileprivate init(fd: consuming OwnedFD, count: Int) {
        self.fd = fd
        self.count = count
    }

    /// The content, read from the start without moving the file's position.
    /// - Throws: `io`.
    public borrowing func contents() throws(SealingError) -> SecretBytes {
        var bytes = SecretBytes(count: count)
        var done = 0
        while done < count {
            // SAFETY: `done` is below the buffer's size.
            let got = unsafe bytes.withMutableBytes { buffer in
                unsafe pread(fd.raw, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .system("pread", "the memory file") }
            done += got
        }
        return bytes
    }
}

/// A memory file while it is being written.
struct MemoryFile: ~Copyable {
    // <linux/memfd.h> and <linux/fcntl.h> of kernels newer than the C library's headers.
    private static let closeOnExec: UInt32 = 0x1
    private static let allowSealing: UInt32 = 0x2
    private static let noExecSeal: UInt32 = 0x8
    private static let addSeals: Int32 = 1033

    private let fd: OwnedFD
    /// Writable until ``seal()``.
    var descriptor: Int32 { fd.raw }

    init(name: String) throws(SealingError) {
        // SAFETY: the name is passed as a NUL-terminated copy for the calls only.
        var raw = unsafe linux_memfd_create(name, Self.closeOnExec | Self.allowSealing | Self.noExecSeal)
        if raw < 0 && errno == EINVAL {
            // Kernels before 6.3 refuse the flag that they do not know.
            raw = unsafe linux_memfd_create(name, Self.closeOnExec | Self.allowSealing)
        }
        guard raw >= 0 else { throw .system("memfd_create", name) }
        fd = OwnedFD(adopting: raw)
    }

    /// The descriptor itself, for a buffer that stays writable; the caller closes it.
    consuming func release() -> Int32 { fd.release() }

    /// Ends writing. The writable descriptor is closed; the result reads from the start.
    consuming func seal() throws(SealingError) -> SealedMemory {
        let size = lseek(fd.raw, 0, SEEK_END)
        guard size >= 0 else { throw .system("lseek", "the memory file") }
        guard fcntl(fd.raw, Self.addSeals, SealedMemory.seals) == 0 else {
            throw .system("fcntl(F_ADD_SEALS)", "the memory file")
        }
        // A new open file description: read-only, with a position of its own at the start.
        // SAFETY: the path is passed as a NUL-terminated copy for the call only.
        let readable = unsafe open("/proc/self/fd/\(fd.raw)", O_RDONLY | O_CLOEXEC)
        guard readable >= 0 else { throw .system("open", "the memory file") }
        return SealedMemory(fd: OwnedFD(adopting: readable), count: Int(size))
    }
}

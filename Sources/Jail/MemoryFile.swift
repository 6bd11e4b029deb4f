// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// An anonymous file in memory that can be sealed against every change (memfd_create(2)).
struct MemoryFile: ~Copyable {
    /// MFD_CLOEXEC, MFD_ALLOW_SEALING.
    private static let flags: UInt32 = 3
    /// MFD_EXEC (Linux 6.3): says that this one is a program, where the system makes others non-executable.
    private static let programFlag: UInt32 = 0x10

    let descriptor: OwnedFD

    init(name: String, program: Bool = false) throws(JailError) {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        var raw = unsafe linux_memfd_create(name, Self.flags | (program ? Self.programFlag : 0))
        // An older kernel does not know the flag, and has no such files that cannot be run.
        if raw < 0 && errno == EINVAL { unsafe raw = linux_memfd_create(name, Self.flags) }
        guard raw >= 0 else { throw .system("memory-file", "memfd_create \(name)") }
        descriptor = OwnedFD(adopting: raw)
    }

    /// A file with this content, sealed.
    static func sealed(name: String, _ bytes: [UInt8], program: Bool = false) throws(JailError) -> MemoryFile {
        let file = try MemoryFile(name: name, program: program)
        do {
            try Files.write(bytes, to: file.descriptor.raw, named: name)
        } catch {
            throw JailError("memory-file", error.message, remedy: error.remedy, cause: error)
        }
        guard fcntl(file.descriptor.raw, Seals.add, Seals.all) == 0 else {
            throw .system("memory-file", "sealing \(name)")
        }
        return file
    }

    /// Seals what was written so far, and gives the descriptor away.
    consuming func seal() throws(JailError) -> OwnedFD {
        guard fcntl(descriptor.raw, Seals.add, Seals.all) == 0 else { throw .system("memory-file", "sealing") }
        return descriptor
    }

    /// Everything in the file.
    func contents() throws(JailError) -> [UInt8] {
        guard lseek(descriptor.raw, 0, SEEK_SET) == 0 else { throw .system("memory-file", "lseek") }
        do {
            return try Files.read(descriptor.raw, named: "memory file", limit: 16 << 20)
        } catch {
            throw JailError("memory-file", error.message, remedy: error.remedy, cause: error)
        }
    }
}

extension JailError {
    /// A failed system call on this side of the launcher.
    static func system(_ stage: Code, _ what: String, errno code: Int32 = errno) -> JailError {
        JailError(
            stage, "\(what): \(ErrorText.of(code))",
            remedy: "run `atomic doctor`, which names what this machine lacks")
    }
}

/// fcntl(2) commands and bits that Swift's Glibc module leaves out.
enum Seals {
    static let add: Int32 = 1033
    /// F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE.
    static let all: Int32 = 0xf
}

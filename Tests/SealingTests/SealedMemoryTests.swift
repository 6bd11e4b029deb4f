// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Glibc
import Sealing
import Testing

@Suite struct SealedMemoryTests {
    private static let message = [UInt8](repeating: 0x5a, count: 100_000)

    private func sealedFile(_ identity: borrowing AgeIdentity) throws -> (Workbench, String) {
        let bench = try Workbench()
        return (bench, try bench.write(Age.encrypt(Self.message, recipients: [identity.recipient]), "in.age"))
    }

    @Test func theMemoryFileHoldsThePlaintextFromItsStart() throws {
        let identity = try AgeIdentity.generate()
        let (bench, path) = try sealedFile(identity)
        let source = try Files.open(path, O_RDONLY)
        let memory = try Age.decryptToMemfd(from: source.raw, identity: identity)
        #expect(memory.count == Self.message.count)
        #expect(plain(try memory.contents()) == Self.message)
        #expect(try Files.read(memory.fd.raw, named: "memory", limit: 1 << 20) == Self.message)
        withExtendedLifetime(bench) {}
    }

    @Test func nobodyCanChangeTheMemoryFile() throws {
        let memory = try SealedMemory(copying: SecretBytes(copying: Self.message))
        // Even a descriptor opened for writing cannot change it.
        let writable = try Files.open("/proc/self/fd/\(memory.fd.raw)", O_RDWR)
        // SAFETY: the pointers are literals and arrays for the calls.
        let wrote = unsafe pwrite(writable.raw, "x", 1, 0)
        #expect(wrote == -1 && errno == EPERM)
        #expect(ftruncate(writable.raw, 0) == -1 && errno == EPERM)
        #expect(ftruncate(writable.raw, 1 << 20) == -1 && errno == EPERM)
        // SAFETY: no address is passed, and nothing is mapped when the call fails as it must.
        let mapped = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, writable.raw, 0)
        #expect(unsafe mapped == MAP_FAILED)
        let seals = fcntl(memory.fd.raw, 1034)  // F_GET_SEALS
        #expect(seals & SealedMemory.seals == SealedMemory.seals)
        // The read-only descriptor itself refuses for a simpler reason.
        #expect(unsafe pwrite(memory.fd.raw, "x", 1, 0) == -1 && errno == EBADF)
        #expect(fcntl(memory.fd.raw, F_GETFD) & FD_CLOEXEC != 0)
        #expect(plain(try memory.contents()) == Self.message)
    }

    @Test func aMemoryFileWithoutSealsCanBeChanged() throws {
        // The positive control of the test above: the same calls succeed without the seals.
        let path = "/dev/shm/atomic-test-\(UUID().uuidString)"
        let file = try Files.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        try Files.remove(path)
        #expect(ftruncate(file.raw, 4096) == 0)
        // SAFETY: one byte of a string literal is read.
        #expect(unsafe pwrite(file.raw, "x", 1, 0) == 1)
        // SAFETY: the mapping is checked and unmapped at once.
        let mapped = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.raw, 0)
        #expect(unsafe mapped != MAP_FAILED)
        _ = unsafe munmap(mapped, 4096)
    }

    @Test func nothingComesOutOfADamagedFile() throws {
        let identity = try AgeIdentity.generate()
        let (bench, path) = try sealedFile(identity)
        var bytes = try bench.read("in.age")
        bytes[bytes.count - 1] ^= 1
        try bench.write(bytes, "in.age")
        let source = try Files.open(path, O_RDONLY)
        #expect(code { _ = try Age.decryptToMemfd(from: source.raw, identity: identity, name: "canary") } == "payload")
        // No descriptor of it is left open either.
        let open = try Files.list("/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(!open.contains { $0.contains("canary") })
    }

    @Test func aLimitHoldsForThePlaintext() throws {
        let identity = try AgeIdentity.generate()
        let (bench, path) = try sealedFile(identity)
        let size = UInt64(Self.message.count)
        for (limit, expected) in [(size, nil), (size - 1, "too-large"), (0, "too-large")] as [(UInt64, String?)] {
            let source = try Files.open(path, O_RDONLY)
            let found = code { _ = try Age.decryptToMemfd(from: source.raw, identity: identity, limit: limit) }
            #expect(found == expected)
        }
        withExtendedLifetime(bench) {}
    }

    @Test func anEmptyPayloadIsAnEmptyMemoryFile() throws {
        let identity = try AgeIdentity.generate()
        let bench = try Workbench()
        let path = try bench.write(Age.encrypt([], recipients: [identity.recipient]), "in.age")
        let source = try Files.open(path, O_RDONLY)
        let memory = try Age.decryptToMemfd(from: source.raw, identity: identity)
        #expect(memory.count == 0)
        #expect(plain(try memory.contents()).isEmpty)
    }
}

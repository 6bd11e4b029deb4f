// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import TransparencyLog

@Suite("Disks that are full or cannot be written", .serialized)
struct DiskTests {
    /// A small tmpfs, which takes root; without it these tests are skipped and say so.
    static let canMount: Bool = {
        guard geteuid() == 0 else { return false }
        guard let disk = try? SmallDisk(kilobytes: 64) else { return false }
        return Files.isDirectory(disk.path)
    }()

    @Test(
        "A full disk is one clear error, loses nothing that was acknowledged, and the log goes on when there is space",
        .enabled(if: canMount, "needs root to mount a tmpfs"))
    func diskFull() throws {
        let disk = try SmallDisk(kilobytes: 512)
        let room = try Room()
        try TransparencyLog.create(room: disk.path, signer: room.signer())
        let log = try TransparencyLog.open(room: disk.path, signer: room.signer())
        var acknowledged: UInt64 = 0
        var failure: LogError?
        while failure == nil && acknowledged < 100_000 {
            do throws(LogError) {
                acknowledged = try log.append((0..<7).map { Draft.numbered(Int(acknowledged) + $0) }).upperBound
                if acknowledged == 140 { try log.publish() }
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == .diskFull)
        #expect(failure?.exit == .failed)
        #expect(log.size == acknowledged)
        #expect(try LogVerification.verify(room: disk.path, key: room.verifier).size == acknowledged)
        // Publishing fails too, and spoils nothing.
        #expect(throws: LogError(.diskFull, "", remedy: "")) { try log.publish() }
        // The batch that did not fit does not fit now; a smaller one may, in what is left of the last block.
        #expect(throws: LogError(.diskFull, "", remedy: "")) {
            _ = try log.append((0..<7).map { Draft.numbered(Int(acknowledged) + $0) })
        }
        #expect(try LogVerification.verify(room: disk.path, key: room.verifier).size == acknowledged)

        try disk.resize(kilobytes: 8_192)
        let next = try log.append([Draft.numbered(Int(acknowledged))])
        #expect(next.lowerBound == acknowledged)
        try log.close()
        let reopened = try TransparencyLog.open(room: disk.path, signer: room.signer())
        #expect(reopened.size == acknowledged + 1)
        for index in 0...acknowledged { #expect(try reopened.entry(index).data["n"] == .integer(Int64(index))) }
        try reopened.close()
        #expect(try LogVerification.verify(room: disk.path, key: room.verifier).publishedSize == acknowledged + 1)
    }

    @Test(
        "A log that was killed on a full disk cannot be opened until there is space, and then has everything",
        .enabled(if: canMount, "needs root to mount a tmpfs"))
    func openOnFullDisk() throws {
        let disk = try SmallDisk(kilobytes: 256)
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(200, to: log)
        // What a killed process leaves: the write-ahead file holds everything.
        try Tree.copy(room.path, to: disk.path)
        try log.close()
        try disk.fill()
        #expect(throws: LogError(.diskFull, "", remedy: "")) {
            _ = try TransparencyLog.open(room: disk.path, signer: room.signer())
        }
        #expect(try LogReader(room: disk.path, key: room.verifier).size == 200)
        try disk.resize(kilobytes: 8_192)
        let reopened = try TransparencyLog.open(room: disk.path, signer: room.signer())
        #expect(reopened.size == 200)
        try reopened.close()
        #expect(try LogVerification.verify(room: disk.path, key: room.verifier).publishedSize == 200)
    }

    @Test(
        "A file system that turned read-only refuses appends, and readers go on",
        .enabled(if: canMount, "needs root to mount a tmpfs"))
    func readOnly() throws {
        let disk = try SmallDisk(kilobytes: 1_024)
        let room = try Room()
        try TransparencyLog.create(room: disk.path, signer: room.signer())
        let log = try TransparencyLog.open(room: disk.path, signer: room.signer())
        try room.append(10, to: log)
        try log.close()
        try disk.makeReadOnly()
        #expect(throws: LogError(.io, "", remedy: "")) {
            _ = try TransparencyLog.open(room: disk.path, signer: room.signer())
        }
        #expect(try LogReader(room: disk.path, key: room.verifier).entry(9).seq == 9)
        #expect(try LogVerification.verify(room: disk.path, key: room.verifier).size == 10)
    }
}

/// A tmpfs of a given size, unmounted at the end of the test.
final class SmallDisk {
    let path: String

    init(kilobytes: Int) throws {
        path = "/tmp/atomic-log-disk-" + Hex.encode(RandomBytes.make(8))
        try Files.createDirectory(path)
        try run("mount -t tmpfs -o size=\(kilobytes)k none \(path)")
    }

    deinit {
        try? run("umount \(path)")
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        _ = unsafe rmdir(path)
    }

    func resize(kilobytes: Int) throws { try run("mount -o remount,size=\(kilobytes)k \(path)") }

    func makeReadOnly() throws { try run("mount -o remount,ro \(path)") }

    /// Fills what is left with a file.
    func fill() throws { try? run("cat /dev/zero > \(path)/filler 2>/dev/null") }

    private func run(_ command: String) throws {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let status = unsafe system(command)
        guard status == 0 else { throw BaseError(.io, command, remedy: "run as root") }
    }
}

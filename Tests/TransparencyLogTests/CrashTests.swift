// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Sealing
import Testing

@testable import TransparencyLog

@Suite("Killed at every step")
struct CrashTests {
    /// Steps at which the child kills itself, with how often they are reached before it does.
    static let steps: [String] =
        ["wal-torn:0", "wal-torn:16", "wal-torn:17", "wal-torn:400", "wal-torn:1000000"]
        + (1...5).flatMap { ["wal-written:\($0)", "wal-synced:\($0)"] }
        + (1...4).map { "publish-file:\($0)" }
        + ["publish-synced:1", "publish-synced:2", "publish-checkpoint:1", "publish-checkpoint:2"]
        + ["wal-created:1", "wal-removed:1", "wal-removed:2", "wal-removed:3"]

    /// Appends five batches of three, publishing in the middle, and writes down what was acknowledged.
    private static func child(_ path: String, _ pem: [UInt8], _ variable: String, _ value: String) throws {
        // SAFETY: the child has one thread.
        _ = unsafe setenv(variable, value, 1)
        let signer = try NoteSigner(name: Room.origin, key: SigningKey(pem: pem))
        let log = try TransparencyLog.open(room: path, signer: signer)
        for batch in 0..<5 {
            let range = try log.append((0..<3).map { Draft.numbered(batch * 3 + $0) })
            try Tree.write(Array(String(range.upperBound).utf8), to: path + "/acknowledged")
            if batch == 2 { try log.publish() }
        }
        try log.close()
    }

    /// Checks everything that must hold after a crash, appends again, and checks again.
    private func examine(_ room: Room, _ step: String) throws {
        let acknowledged =
            Files.exists(room.path + "/acknowledged")
            ? UInt64(String(decoding: try Files.read(room.path + "/acknowledged"), as: UTF8.self)) ?? 0 : 0
        // Before anybody has opened it for appending: a reader and a full verification.
        let reader = try LogReader(room: room.path, key: room.verifier)
        #expect(reader.size >= acknowledged, "\(step)")
        #expect(reader.size.isMultiple(of: 3), "\(step): half a batch is visible")
        #expect(try LogVerification.verify(room: room.path, key: room.verifier).size == reader.size, "\(step)")
        let log = try room.open()
        #expect(log.size >= acknowledged && log.size.isMultiple(of: 3), "\(step)")
        for index in 0..<log.size { #expect(try log.entry(index).data["n"] == .integer(Int64(index)), "\(step)") }
        let before = try Checkpoint(note: log.checkpoint(), signedBy: room.verifier)
        _ = try log.append([Draft.numbered(Int(log.size))])
        try log.close()
        let verified = try LogVerification.verify(room: room.path, key: room.verifier, earlier: before)
        #expect(verified.size == before.size + 1, "\(step)")
        #expect(try Tree.files(room.path).filter { $0.hasSuffix(".tmp") } == [], "\(step)")
        try Files.remove(room.path + "/acknowledged")
        let checker = try Checker.run([room.path, "--vkey", room.verifier.vkey])
        #expect(checker.status == 0, "\(step): \(checker.output)")
    }

    @Test("Inside the log's own work", arguments: steps)
    func insideTheLog(step: String) async throws {
        let room = try Room()
        try room.create()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = room.path as String, pem = room.pem as [UInt8], step] in
            try CrashTests.child(path, pem, "ATOMIC_CRASH_AT_LOG_STEP", step)
        }
        try examine(room, step)
    }

    @Test("Before and after each entry", arguments: Array(0..<15), ["before", "after"])
    func atEntry(entry: Int, when: String) async throws {
        let room = try Room()
        try room.create()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = room.path as String, pem = room.pem as [UInt8], entry, when] in
            try CrashTests.child(path, pem, "ATOMIC_CRASH_AT_ENTRY", "\(entry):\(when)")
        }
        let reader = try LogReader(room: room.path, key: room.verifier)
        #expect(reader.size == UInt64(when == "before" ? entry / 3 * 3 : entry / 3 * 3 + 3))
        try examine(room, "\(entry):\(when)")
    }

    @Test("With small write-ahead files and frequent publishing, at random moments", arguments: 0..<12)
    func atRandom(seed: Int) async throws {
        let room = try Room()
        try room.create()
        let step = ["wal-created", "wal-removed", "publish-file", "publish-checkpoint", "wal-synced", "publish-synced"]
        let wish = "\(step[seed % step.count]):\(2 + seed * 7 % 11)"
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = room.path as String, pem = room.pem as [UInt8], wish = wish as String] in
            // SAFETY: the child has one thread.
            _ = unsafe setenv("ATOMIC_CRASH_AT_LOG_STEP", wish, 1)
            let signer = try NoteSigner(name: Room.origin, key: SigningKey(pem: pem))
            let log = try TransparencyLog.open(
                room: path, signer: signer, clock: .real,
                limits: .init(publishAfterEntries: 30, rotateAfterBytes: 6_000))
            for batch in 0..<400 {
                let range = try log.append((0..<3).map { Draft.numbered(batch * 3 + $0) })
                try Tree.write(Array(String(range.upperBound).utf8), to: path + "/acknowledged")
            }
        }
        try examine(room, wish)
    }

    @Test("A sync that fails: its batch is refused, nothing else is lost, and the next goes to a new file")
    func failedSync() async throws {
        let room = try Room()
        try room.create()
        await #expect(processExitsWith: .success) { [path = room.path as String, pem = room.pem as [UInt8]] in
            // SAFETY: the child has one thread.
            _ = unsafe setenv("ATOMIC_FAIL_AT_LOG_STEP", "wal-sync:2", 1)
            let signer = try NoteSigner(name: Room.origin, key: SigningKey(pem: pem))
            let log = try TransparencyLog.open(room: path, signer: signer)
            #expect(try log.append([Draft.numbered(0)]) == 0..<1)
            #expect(throws: LogError(.io, "", remedy: "")) { _ = try log.append([Draft.numbered(99)]) }
            #expect(try LogReader(room: path).size == 1)
            #expect(try log.append([Draft.numbered(1)]) == 1..<2)
            #expect(try LogDirectory(room: path).segments() == [1, 2])
            #expect(try LogVerification.verify(room: path).size == 2)
            // Without closing: what lies there now must be enough.
            _exit(0)
        }
        let log = try room.open()
        #expect(log.size == 2)
        #expect(try log.entry(1).data["n"] == .integer(1))
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: room.verifier).size == 2)
    }

    @Test("While the log is created")
    func creation() async throws {
        let room = try Room()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = room.path as String, pem = room.pem as [UInt8]] in
            // SAFETY: the child has one thread.
            _ = unsafe setenv("ATOMIC_CRASH_AT_LOG_STEP", "wal-created:1", 1)
            try TransparencyLog.create(
                room: path, signer: NoteSigner(name: Room.origin, key: SigningKey(pem: pem)))
        }
        let log = try room.open()
        _ = try log.append([Draft.numbered(0)])
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: room.verifier).size == 1)
    }

    @Test("The positive control: without a wish to crash the child ends well")
    func control() async throws {
        let room = try Room()
        try room.create()
        await #expect(processExitsWith: .success) { [path = room.path as String, pem = room.pem as [UInt8]] in
            try CrashTests.child(path, pem, "ATOMIC_CRASH_AT_LOG_STEP", "never:1")
        }
        #expect(try LogReader(room: room.path, key: room.verifier).size == 15)
    }
}

/// The independent checker, as a process.
enum Checker {
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let tests = Files.parent(of: Files.parent(of: "\(#filePath)"))
        let output = "/tmp/atomic-log-check-" + Hex.encode(RandomBytes.make(8))
        defer { try? Files.remove(output) }
        let words = (["\(tests)/Independent/check_log.py"] + arguments).map { "'\($0)'" }.joined(separator: " ")
        // SAFETY: the strings are passed as NUL-terminated copies for the call only.
        let status = unsafe system("python3 -B \(words) > \(output) 2>&1")
        return (status >> 8 & 0xff, String(decoding: try Files.read(output), as: UTF8.self))
    }
}

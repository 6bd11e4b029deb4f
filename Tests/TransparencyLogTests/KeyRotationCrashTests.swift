// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Sealing
import Testing

@testable import TransparencyLog

@Suite("Killed while the keys change")
struct KeyRotationCrashTests {
    /// Steps with how often they are reached before the child dies: the batch of the announcement is the second it writes, and
    /// it opens the log with one write-ahead file made already.
    static let steps =
        ["wal-written:2", "wal-synced:2", "key-announced:1", "wal-created:1", "publish-file:1", "publish-file:2"]
        + ["publish-synced:1", "publish-checkpoint:1", "wal-removed:1", "wal-written:3", "wal-synced:3"]

    private static func child(_ path: String, _ old: KeyPair, _ new: KeyPair, _ step: String) throws {
        // SAFETY: the child has one thread.
        _ = unsafe setenv("ATOMIC_CRASH_AT_LOG_STEP", step, 1)
        let log = try TransparencyLog.open(room: path, signer: old.signer())
        _ = try log.append([Draft.numbered(1)])
        _ = try log.rotateKeys(to: new.signer(), by: PostQuantumRoom.actor, policy: 0)
        _ = try log.append([Draft.numbered(2)])
        try log.close()
    }

    @Test("A log opens with the keys that it announced, or with the old ones if it announced none", arguments: steps)
    func crash(step: String) async throws {
        let room = try PostQuantumRoom()
        try room.create().close()
        let (old, new) = (room.pair, try KeyPair())
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = room.path as String, old = old as KeyPair, new = new as KeyPair, step] in
            try KeyRotationCrashTests.child(path, old, new, step)
        }
        let key = room.room.verifier
        // As it lies there, before anybody opens it: a reader and a full verification by who has the old key.
        let reader = try LogReader(room: room.path, key: key)
        let isAnnounced = reader.size > 2
        #expect(try LogVerification.verify(room: room.path, key: key).size == reader.size, "\(step)")
        let before = try Checker.run([room.path, "--vkey", key.vkey])
        #expect(before.status == 0, "\(step): \(before.output)")
        #expect(isAnnounced || step == "wal-written:2", "\(step): \(reader.size)")
        #expect(try TransparencyLog.currentKey(room: room.path) == (isAnnounced ? new.key : old.key), "\(step)")
        let (right, wrong) = isAnnounced ? (new, old) : (old, new)
        #expect(throws: LogError(.key, "", remedy: ""), "\(step)") { _ = try room.open(wrong) }
        // Having been refused changed nothing.
        #expect(try LogReader(room: room.path, key: key).size == reader.size, "\(step)")
        let log = try room.open(right)
        #expect(log.size == reader.size, "\(step)")
        _ = try log.append([Draft.numbered(3)])
        if !isAnnounced { _ = try log.rotateKeys(to: new.signer(), by: PostQuantumRoom.actor, policy: 0) }
        try log.close()
        for pair in [old, new] {
            let verified = try LogVerification.verify(
                room: room.path, key: pair.key, postQuantum: pair.keys.postQuantum)
            #expect(verified.size == reader.size + (isAnnounced ? 1 : 2), "\(step)")
            #expect(try LogReader(room: room.path, key: pair.key).key == new.key, "\(step)")
        }
        #expect(try Checkpoint(note: room.published(), signedBy: new.keys).size == log.size, "\(step)")
        #expect(try LogDirectory(room: room.path).segments().count == 1, "\(step)")
        let after = try Checker.run([room.path, "--vkey", new.key.vkey])
        #expect(after.status == 0, "\(step): \(after.output)")
    }

    @Test(
        "Killed again while it is opened with the new keys",
        arguments: ["wal-created:1", "publish-file:1", "publish-checkpoint:1", "wal-removed:1"])
    func crashOfTheOpening(step: String) async throws {
        let room = try PostQuantumRoom()
        let new = try KeyPair()
        let log = try room.create()
        _ = try log.append([
            room.signer().handOver(at: log.size, to: new.keys, by: PostQuantumRoom.actor, policy: 0)
        ])
        try room.freeze(log)
        let copy = room.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [copy = copy as String, new = new as KeyPair, step] in
            // SAFETY: the child has one thread.
            _ = unsafe setenv("ATOMIC_CRASH_AT_LOG_STEP", step, 1)
            _ = try TransparencyLog.open(room: copy, signer: new.signer())
        }
        let key = room.room.verifier
        #expect(try LogVerification.verify(room: copy, key: key).size == 2, "\(step)")
        #expect(try LogReader(room: copy, key: key).size == 2, "\(step)")
        let again = try TransparencyLog.open(room: copy, signer: new.signer())
        _ = try again.append([Draft.numbered(1)])
        try again.close()
        #expect(try LogVerification.verify(room: copy, key: key).size == 3, "\(step)")
        #expect(try LogVerification.verify(room: copy, key: new.key).size == 3, "\(step)")
        let checker = try Checker.run([copy, "--vkey", key.vkey])
        #expect(checker.status == 0, "\(step): \(checker.output)")
    }

    @Test("The positive control: without a wish to crash the child ends well")
    func control() async throws {
        let room = try PostQuantumRoom()
        try room.create().close()
        let (old, new) = (room.pair, try KeyPair())
        await #expect(processExitsWith: .success) {
            [path = room.path as String, old = old as KeyPair, new = new as KeyPair] in
            try KeyRotationCrashTests.child(path, old, new, "never:1")
        }
        #expect(try LogReader(room: room.path, key: room.room.verifier).size == 4)
    }

    @Test("A disk that fails after the announcement closes the log, and the next opening ends the change")
    func failure() async throws {
        let room = try PostQuantumRoom()
        try room.create().close()
        let (old, new) = (room.pair, try KeyPair())
        await #expect(processExitsWith: .success) {
            [path = room.path as String, old = old as KeyPair, new = new as KeyPair] in
            let log = try TransparencyLog.open(room: path, signer: old.signer())
            // Where the next write-ahead file goes there is a directory.
            let directory = LogDirectory(room: path)
            let number = try directory.segments().last ?? 0
            try Files.createDirectory(directory.segment(number + 1))
            #expect(throws: LogError.self) {
                _ = try log.rotateKeys(to: new.signer(), by: PostQuantumRoom.actor, policy: 0)
            }
            #expect(throws: LogError(.closed, "", remedy: "")) { _ = try log.append([Draft.numbered(1)]) }
            try log.close()
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            _ = unsafe rmdir(directory.segment(number + 1))
        }
        let key = room.room.verifier
        #expect(try LogVerification.verify(room: room.path, key: key).size == 2)
        let log = try room.open(new)
        _ = try log.append([Draft.numbered(1)])
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: key).size == 3)
        #expect(try LogVerification.verify(room: room.path, key: new.key).size == 3)
    }
}

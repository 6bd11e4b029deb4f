// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Sealing
import Synchronization
import Testing

@testable import TransparencyLog

@Suite("A log whose keys change")
struct KeyRotationTests {
    private func check(_ room: PostQuantumRoom, _ keys: [KeyPair], size: UInt64, _ what: String = "") throws {
        for pair in keys {
            let verified = try LogVerification.verify(
                room: room.path, key: pair.key, postQuantum: pair.keys.postQuantum)
            #expect(verified.size == size, "\(what)")
            #expect(try LogReader(room: room.path, key: pair.key).size == size, "\(what)")
            let checker = try Checker.run([room.path, "--vkey", pair.key.vkey])
            #expect(checker.status == 0, "\(what): \(checker.output)")
            let tiles = try Checker.run(["--tiles", room.path + "/log", "--vkey", pair.key.vkey])
            #expect(tiles.status == 0, "\(what): \(tiles.output)")
        }
        let stranger = try KeyPair()
        #expect(throws: LogError(.key, "", remedy: ""), "\(what)") {
            _ = try LogVerification.verify(room: room.path, key: stranger.key)
        }
        #expect(throws: LogError(.key, "", remedy: ""), "\(what)") {
            _ = try LogReader(room: room.path, key: stranger.key)
        }
        #expect(try Checker.run([room.path, "--vkey", stranger.key.vkey]).status == 4, "\(what)")
    }

    @Test("is followed from any of them, and goes on under the newest")
    func followed() throws {
        let room = try PostQuantumRoom()
        let log = try room.create()
        try room.room.append(5, to: log)
        let early = log.reader()
        let earlier = try Checkpoint(note: log.checkpoint(), signedBy: room.room.verifier)
        let second = try KeyPair()
        #expect(try log.rotateKeys(to: second.signer(), by: PostQuantumRoom.actor, policy: 7) == 6)
        #expect(log.key == (try second.key))
        let entry = try log.entry(6)
        #expect(entry.type == "key.rotated" && entry.policy == 7)
        #expect(entry.data["key"] == .string(try second.key.publicKey.description))
        // At once, before another entry: the new key has signed, published and not.
        #expect(try Checkpoint(note: log.checkpoint(), signedBy: second.key).size == 7)
        #expect(try Checkpoint(note: room.published(), signedBy: second.keys).size == 7)
        try room.room.append(3, to: log)
        #expect(try early.later().key == second.key)
        let third = try KeyPair()
        #expect(try log.rotateKeys(to: third.signer(), by: PostQuantumRoom.actor, policy: 0) == 10)
        #expect(try LogReader(room: room.path).size == 11)
        try check(room, [room.pair, second, third], size: 11, "open")
        try log.close()
        try check(room, [room.pair, second, third], size: 11, "closed")
        #expect(try Checkpoint(note: room.published(), signedBy: third.keys).size == 11)
        #expect(try early.later().key == third.key)
        #expect(try TransparencyLog.currentKey(room: room.path) == third.key)
        for old in [room.pair, second] {
            #expect(throws: LogError(.key, "", remedy: "")) { _ = try room.open(old) }
        }
        let again = try room.open(third)
        try room.room.append(600, batch: 100, to: again)
        try again.close()
        try check(room, [room.pair, third], size: 611, "much later")
        let verified = try LogVerification.verify(room: room.path, key: room.room.verifier, earlier: earlier)
        #expect(verified.keys.tenures.map(\.first) == [0, 7, 11])
        #expect(verified.keys.tenures.map(\.last) == [7, 11, nil])
        #expect(verified.key == (try third.key))
        // Proofs, by who has the first key and the announcements.
        let published = try LogReader(room: room.path)
        let proof = try published.inclusionProof(3)
        let bytes = try published.rawEntry(3)
        var keys = KeyHistory(origin: Room.origin, trusted: try room.keys)
        for index: UInt64 in [6, 10] { try keys.read(published.entry(index)) }
        try keys.finish()
        #expect(try proof.verify(entry: bytes, keys: keys).size == 611)
        #expect(throws: LogError(.signature, "", remedy: "")) {
            _ = try proof.verify(entry: bytes, key: room.room.verifier)
        }
        #expect(try proof.verify(entry: bytes, key: third.key).size == 611)
        // One announcement is missing between them.
        var gap = KeyHistory(origin: Room.origin, trusted: try room.keys)
        #expect(throws: LogError(.key, "", remedy: "")) {
            try gap.read(published.entry(10))
            try gap.finish()
        }
    }

    @Test("A log without an ML-DSA-65 key rotates too, and may get one; none gives it up")
    func oldLogs() throws {
        let old = try Room()
        try old.create()
        let log = try old.open()
        try old.append(3, to: log)
        let (plain, both, less) = (try KeyPair(both: false), try KeyPair(), try KeyPair(both: false))
        _ = try log.rotateKeys(to: plain.signer(), by: PostQuantumRoom.actor, policy: 0)
        #expect(try SignedNote(bytes: Files.read(old.path + "/log/checkpoint")).signatures.count == 1)
        _ = try log.rotateKeys(to: both.signer(), by: PostQuantumRoom.actor, policy: 0)
        #expect(try Checkpoint(note: Files.read(old.path + "/log/checkpoint"), signedBy: both.keys).size == 5)
        #expect(throws: LogError(.key, "", remedy: "")) {
            _ = try log.rotateKeys(to: less.signer(), by: PostQuantumRoom.actor, policy: 0)
        }
        #expect(throws: LogError(.key, "", remedy: "")) {
            _ = try log.rotateKeys(to: both.signer(), by: PostQuantumRoom.actor, policy: 0)
        }
        #expect(throws: LogError(.key, "", remedy: "")) {
            _ = try log.rotateKeys(to: KeyPair().signer("rooms.example/other"), by: PostQuantumRoom.actor, policy: 0)
        }
        // What was refused has changed nothing.
        #expect(log.size == 5)
        try old.append(1, to: log)
        try log.close()
        for key in [old.verifier, try plain.key, try both.key] {
            #expect(try LogVerification.verify(room: old.path, key: key).size == 6)
        }
        var note = try NoteText(Files.read(old.path + "/log/checkpoint"))
        note.lines.removeLast()
        try Tree.write(note.bytes, to: old.path + "/log/checkpoint")
        #expect(throws: LogError(.damaged, "", remedy: "")) {
            _ = try LogVerification.verify(room: old.path, key: old.verifier)
        }
    }

    @Test("Threads that append meanwhile lose nothing, and every view verifies")
    func besideWriters() throws {
        let room = try PostQuantumRoom()
        let log = try room.create()
        let pairs = try (0..<4).map { _ in try KeyPair() }
        let troubles = Mutex<[String]>([])
        Threads.run(4) { thread in
            do {
                if thread == 0 {
                    for pair in pairs {
                        _ = try log.rotateKeys(to: pair.signer(), by: PostQuantumRoom.actor, policy: 0)
                        _ = try LogVerification.verify(room: room.path, key: room.room.verifier)
                    }
                } else {
                    for number in 0..<150 { _ = try log.append([Draft.numbered(number)]) }
                }
            } catch {
                troubles.withLock { $0.append("\(error)") }
            }
        }
        #expect(troubles.withLock { $0 } == [])
        #expect(log.size == 1 + 4 + 450)
        try log.close()
        try check(room, [room.pair] + pairs, size: 455)
    }
}

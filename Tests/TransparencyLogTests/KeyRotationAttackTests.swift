// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

@testable import TransparencyLog

@Suite("Keys that a log does not have")
struct KeyRotationAttackTests {
    /// Expects that nobody follows the log, and that it is for its keys.
    private func refused(_ path: String, _ key: NoteVerifier?, _ what: String, code: LogError.Code = .key) throws {
        let error = #expect(throws: LogError.self, "\(what)") { _ = try LogVerification.verify(room: path, key: key) }
        #expect(error?.exit == .unverified && error?.code == code, "\(what): \(String(describing: error))")
        let words = [path] + (key.map { ["--vkey", $0.vkey] } ?? [])
        #expect(try Checker.run(words).status == 4, "\(what)")
    }

    /// The announcement of a log that goes on under its old key is what the attacks change.
    private func announced(
        _ room: PostQuantumRoom, _ change: (inout EntryDraft, _ log: TransparencyLog, _ next: KeyPair) throws -> Void
    ) throws -> KeyPair {
        let next = try KeyPair()
        let log = try room.create()
        try room.room.append(2, to: log)
        var draft = try room.signer().handOver(at: log.size, to: next.keys, by: PostQuantumRoom.actor, policy: 0)
        try change(&draft, log, next)
        _ = try log.append([draft])
        try room.freeze(log)
        return next
    }

    private func statement(_ draft: EntryDraft) throws -> NoteText {
        try NoteText(Array(#require(draft.data["statement"]?.stringValue).utf8))
    }

    private func replace(_ draft: inout EntryDraft, _ name: String, _ text: String) {
        guard var members = draft.data.objectValue else { return }
        members[name] = .string(text)
        draft.data = .object(members)
    }

    private func replace(statement note: NoteText, in draft: inout EntryDraft) {
        replace(&draft, "statement", String(decoding: note.bytes, as: UTF8.self))
    }

    @Test("The positive control: the announcement as it is, at the end of the log, is followed")
    func control() throws {
        let room = try PostQuantumRoom()
        let next = try announced(room) { _, _, _ in }
        let key = room.room.verifier
        #expect(try LogVerification.verify(room: room.path, key: key).size == 4)
        #expect(try Checker.run([room.path, "--vkey", key.vkey]).status == 0)
        // The old key cannot go on, the new one can.
        #expect(throws: LogError(.key, "", remedy: "")) { _ = try room.open(room.pair) }
        let log = try room.open(next)
        _ = try log.append([Draft.numbered(9)])
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: key).size == 5)
        #expect(try LogVerification.verify(room: room.path, key: next.key).size == 5)
    }

    @Test("An announcement that the old keys did not sign, or that says something else", arguments: 0..<13)
    func announcements(attack: Int) throws {
        let room = try PostQuantumRoom()
        let thief = try KeyPair()
        var what = ""
        _ = try announced(room) { draft, log, next in
            var note = try statement(draft)
            func resign(_ text: String, by signer: borrowing NoteSigner) throws -> NoteText {
                try NoteText(signer.complete(signer.sign(Array(text.utf8)).bytes))
            }
            switch attack {
            case 0:
                what = "signed by the new keys alone"
                note = try resign(note.text, by: next.signer())
            case 1:
                what = "signed by a thief"
                note = try resign(note.text, by: thief.signer())
            case 2:
                what = "without the line of the old ML-DSA-65 key"
                note.lines.removeLast()
            case 3:
                what = "without the line of the old Ed25519 key"
                note.lines.removeFirst()
            case 4:
                what = "a flipped Ed25519 line"
                note = note.with(0, note.blob(0).dropLast() + [note.blob(0)[67] ^ 1])
            case 5:
                what = "a flipped ML-DSA-65 line"
                note = note.with(1, note.blob(1).dropLast() + [note.blob(1)[3_312] ^ 1])
            case 6:
                what = "for another place"
                let other = try room.signer().handOver(
                    at: log.size + 1, to: next.keys, by: PostQuantumRoom.actor, policy: 0)
                note = try statement(other)
            case 7:
                what = "of another log"
                let foreign = try room.pair.signer("rooms.example/other")
                let keys = try next.signer("rooms.example/other").keys
                let other = try foreign.handOver(at: log.size, to: keys, by: PostQuantumRoom.actor, policy: 0)
                note = try statement(other)
            case 8:
                what = "another key in the entry than in the statement"
                replace(&draft, "key", try thief.key.publicKey.description)
            case 9:
                what = "another key in the statement, under the old signatures"
                note.text = note.text.replacing(try next.key.vkey, with: try thief.key.vkey)
                replace(&draft, "key", try thief.key.publicKey.description)
            case 10:
                what = "a checkpoint instead of a statement"
                note = try NoteText(room.signer().complete(log.checkpoint()))
            case 11:
                what = "a new key without an ML-DSA-65 key, signed by the old ones"
                let rotation = try KeyRotation(
                    position: log.size, old: room.room.verifier, new: LogKeys(next.key))
                note = try resign(String(decoding: rotation.text, as: UTF8.self), by: room.signer())
                draft.data = try rotation.data(statement: SignedNote(bytes: note.bytes))
            default:
                what = "the old key as the new one"
                let rotation = try KeyRotation(position: log.size, old: room.room.verifier, new: room.keys)
                note = try resign(String(decoding: rotation.text, as: UTF8.self), by: room.signer())
                draft.data = try rotation.data(statement: SignedNote(bytes: note.bytes))
            }
            replace(statement: note, in: &draft)
        }
        let error = #expect(throws: LogError.self, "\(what)") {
            _ = try LogVerification.verify(room: room.path, key: room.room.verifier)
        }
        #expect(error?.exit == .unverified, "\(what)")
        // Python's standard library has no ML-DSA, and a reader does not read who had which key of that kind: what only its line
        // would show, these two do not see.
        if ![2, 5, 11].contains(attack) {
            #expect(throws: LogError.self, "\(what)") { _ = try LogReader(room: room.path, key: room.room.verifier) }
            #expect(try Checker.run([room.path, "--vkey", room.room.verifier.vkey]).status == 4, "\(what)")
        }
    }

    @Test("A checkpoint by the old key after its retirement")
    func oldKeyGoesOn() throws {
        let room = try PostQuantumRoom()
        let log = try room.create()
        let next = try KeyPair()
        let draft = try room.signer().handOver(at: log.size, to: next.keys, by: PostQuantumRoom.actor, policy: 0)
        // In one batch, and in two: a writer of ours does neither.
        _ = try log.append([draft, Draft.numbered(1)])
        try refused(room.path, room.room.verifier, "in the same batch", code: .signature)
        _ = try log.append([Draft.numbered(2)])
        try refused(room.path, room.room.verifier, "in the next batch", code: .signature)
        try refused(room.path, nil, "without a key", code: .signature)
        try refused(room.path, try next.key, "by who has the new key", code: .signature)
        // A reader reads no more than it must; all entries on request.
        let reader = try LogReader(room: room.path, key: room.room.verifier)
        #expect(throws: LogError(.signature, "", remedy: "")) {
            _ = try reader.keyHistory(trusted: LogKeys(room.room.verifier))
        }
        try log.close()
        try refused(room.path, room.room.verifier, "published", code: .signature)
    }

    @Test("The published checkpoint of a rotated log, signed by a retired key or by one that comes later")
    func published() throws {
        let room = try PostQuantumRoom()
        let next = try room.rotated()
        let good = try NoteText(room.published())
        let text = Array(good.text.utf8)
        #expect(try LogVerification.verify(room: room.path, key: room.room.verifier).size == 11)
        let old = try room.signer()
        try room.publish(old.complete(old.sign(text).bytes))
        try refused(room.path, room.room.verifier, "by the retired key", code: .damaged)
        // Both lines of the new key, and of the old one beside it: nothing is wrong with that.
        try room.publish(good.with(lines: good.lines + NoteText(old.complete(old.sign(text).bytes)).lines).bytes)
        #expect(try LogVerification.verify(room: room.path, key: room.room.verifier).size == 11)
        // Each key's lines half.
        let mixed = try NoteText(old.complete(old.sign(text).bytes)).lines
        try room.publish(good.with(lines: [good.lines[0], mixed[1]]).bytes)
        try refused2(room.path, room.room.verifier, "the old ML-DSA-65 line under the new Ed25519 one")
        try room.publish(good.bytes)
        #expect(try LogVerification.verify(room: room.path, key: next.key).size == 11)
    }

    private func refused2(_ path: String, _ key: NoteVerifier, _ what: String) throws {
        let error = #expect(throws: LogError.self, "\(what)") { _ = try LogVerification.verify(room: path, key: key) }
        #expect(error?.exit == .unverified && error?.message.contains("ML-DSA-65") == true, "\(what)")
    }

    @Test("A new key that nobody announced")
    func unannounced() throws {
        let room = try PostQuantumRoom()
        let log = try room.create()
        try room.room.append(3, to: log)
        try log.close()
        let thief = try KeyPair()
        #expect(throws: LogError(.key, "", remedy: "")) { _ = try room.open(thief) }
        // A write-ahead file of the thief's, behind the log's own.
        let directory = LogDirectory(room: room.path)
        let number = try #require(try directory.segments().last)
        let text = try SignedNote(bytes: room.published()).text
        let signer = try thief.signer()
        _ = try WriteAheadWriter.create(
            directory, number: number + 1, vkey: thief.key.vkey, base: signer.sign(text).bytes)
        try refused(room.path, room.room.verifier, "behind the log's", code: .damaged)
        #expect(throws: LogError(.damaged, "", remedy: "")) { _ = try LogReader(room: room.path) }
        // And in its place.
        try Files.remove(directory.segment(number))
        try room.publish(signer.complete(signer.sign(text).bytes))
        try refused(room.path, room.room.verifier, "in its place", code: .signature)
        // Entry 0 names another key, so even the log's own word is refuted.
        try refused(room.path, nil, "in its place, without a key")
    }

    @Test("A past that leads to somebody's key is not signed by it")
    func inventedPast() throws {
        let victim = try PostQuantumRoom()
        let real = try victim.keys
        // A log of the thief's own, which announces the victim's key as its next one, and stops there.
        let thief = try PostQuantumRoom()
        let log = try thief.create()
        let draft = try thief.signer().handOver(at: log.size, to: real, by: PostQuantumRoom.actor, policy: 0)
        _ = try log.append([draft])
        try log.close()
        #expect(try LogVerification.verify(room: thief.path, key: thief.room.verifier).size == 2, "the control")
        try refused(thief.path, real.classical, "a log that ends with the victim's key", code: .signature)
        #expect(throws: LogError(.signature, "", remedy: "")) {
            _ = try LogReader(room: thief.path, key: real.classical)
        }
        let proof = try LogReader(room: thief.path).inclusionProof(0)
        let entry = try LogReader(room: thief.path).rawEntry(0)
        var keys = KeyHistory(origin: Room.origin, trusted: try LogKeys(real.classical))
        try keys.read(LogReader(room: thief.path).entry(1))
        try keys.finish()
        #expect(throws: LogError(.signature, "", remedy: "")) { _ = try proof.verify(entry: entry, keys: keys) }
    }

    @Test("A key that retired does not come back")
    func comesBack() throws {
        let room = try PostQuantumRoom()
        let next = try room.rotated()
        let log = try room.open(next)
        // Our writer has no memory of it; every verifier does.
        _ = try log.rotateKeys(to: room.signer(), by: PostQuantumRoom.actor, policy: 0)
        try log.close()
        try refused(room.path, room.room.verifier, "the first key a second time")
        try refused(room.path, try next.key, "the first key a second time, by who has the second")
    }

    @Test("A changed byte anywhere in a log that is changing its keys is found")
    func everyByte() throws {
        let room = try PostQuantumRoom()
        let next = try announced(room) { _, _, _ in }
        // As a crash leaves it: the announcement under the old key, the new key's file behind it, nothing published.
        let directory = LogDirectory(room: room.path)
        let number = try #require(try directory.segments().last)
        let text = try LogReader(room: room.path).checkpoint.text
        _ = try WriteAheadWriter.create(
            directory, number: number + 1, vkey: next.key.vkey, base: next.signer().sign(text).bytes)
        let key = room.room.verifier
        #expect(try LogVerification.verify(room: room.path, key: key).size == 4, "the control")
        for file in try Tree.files(room.path) where file != "log-wal/lock" {
            let good = try Files.read("\(room.path)/\(file)")
            for offset in stride(from: 0, to: good.count, by: max(1, good.count / 60)) {
                var bytes = good
                bytes[offset] ^= 1 << UInt8(offset % 7)
                try Tree.write(bytes, to: "\(room.path)/\(file)")
                let error = #expect(throws: LogError.self, "byte \(offset) of \(file)") {
                    _ = try LogVerification.verify(room: room.path, key: key)
                }
                #expect(error == nil || error?.exit == .unverified, "byte \(offset) of \(file)")
            }
            try Tree.write(good, to: "\(room.path)/\(file)")
        }
        let log = try room.open(next)
        _ = try log.append([Draft.numbered(9)])
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: key).size == 5)
    }
}

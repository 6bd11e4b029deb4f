// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Sealing
import Testing

@testable import CleanRoom
@testable import TransparencyLog

@Suite("A room whose log gets new keys")
struct KeyRotationTests {
    private func keyFiles(_ fixture: RoomFixture) throws -> [String] {
        try Files.list(fixture.path + "/keys").filter { $0.hasPrefix("log") }.sorted()
    }

    /// All that the keys of a room's log consist of.
    private func read(_ fixture: RoomFixture) throws -> [[UInt8]] {
        try ["log.pem", "log-mldsa65.pem"].map { try Files.read(fixture.path + "/keys/" + $0) }
    }

    private func isHeld(_ bytes: [UInt8], in fixture: RoomFixture) throws -> Bool {
        try Files.list(fixture.path + "/keys").contains { try Files.read(fixture.path + "/keys/" + $0) == bytes }
    }

    @Test("goes on with them, the old ones are gone, and old readers follow")
    func rotation() throws {
        let fixture = try RoomFixture()
        let old = try read(fixture)
        let trust = try RoomView(fixture.path).trustFile()
        let trusted = try #require(trust.rooms.first)
        let key = try NoteVerifier(vkey: trusted.vkey)
        let room = try fixture.open()
        let rotated = try room.rotateLogKeys()
        #expect(rotated.entry == 7 && rotated.origin == key.name && rotated.vkey != trusted.vkey)
        #expect(try keyFiles(fixture) == ["log-mldsa65.pem", "log.pem"])
        for bytes in old { #expect(try !isHeld(bytes, in: fixture)) }
        // The room works on, and rotates again.
        _ = try fixture.job("job-a", in: room)
        let again = try room.rotateLogKeys()
        #expect(again.entry == 9)
        let second = try #require(again.postQuantumVkey)
        let keys = try LogKeys(NoteVerifier(vkey: again.vkey), PostQuantumNoteVerifier(vkey: second))
        let reader = try LogReader(publishing: fixture.path)
        #expect(try Checkpoint(note: reader.checkpointNote, signedBy: keys).size == 10)
        try room.close()
        let renewed = try #require(try RoomView(fixture.path).trustFile().rooms.first)
        #expect(renewed.vkey == again.vkey && renewed.postQuantumVkey == second)
        #expect(try LogVerification.verify(room: fixture.path, key: key).key == keys.classical)
        #expect(
            try LogVerification.verify(room: fixture.path, key: keys.classical, postQuantum: keys.postQuantum).size
                == 10
        )
        try fixture.open().close()
        #expect(try LogReader(publishing: fixture.path).size == 11)
    }

    @Test("its bundles verify with the trust file from before and with the new one")
    func bundles() throws {
        let fixture = try RoomFixture()
        let before = try RoomView(fixture.path).trustFile()
        let room = try fixture.open()
        _ = try room.rotateLogKeys()
        try room.close()
        try fixture.open().close()
        let path = fixture.directory + "/room.atomic"
        _ = try RoomView(fixture.path).exportBundle(to: path)
        let bundle = try Files.read(path)
        var stranger = before
        stranger.rooms[0].vkey = try NoteVerifier(
            name: before.rooms[0].origin, publicKey: SigningKey.generate(.ed25519).publicKey
        ).vkey
        for (trust, isGood) in [(before, true), (try RoomView(fixture.path).trustFile(), true), (stranger, false)] {
            let report = BundleVerifier.verify(bundle: bundle, trust: try CanonicalJSON.encode(trust))
            #expect(report.verified == isGood, "\(report.failure?.reason ?? "verified")")
        }
    }

    @Test("A crash at any step between files and log leaves a room that opens", arguments: 0..<7)
    func crashes(step: Int) throws {
        let fixture = try RoomFixture()
        let old = try read(fixture)
        let key = try NoteVerifier(vkey: #require(try RoomView(fixture.path).trustFile().rooms.first).vkey)
        let keys = fixture.path + "/keys/"
        func next() throws -> NoteSigner {
            try LogKeyFiles(RoomPaths(fixture.path), RoomConfiguration(reading: fixture.path + "/room.yaml")).makeNext()
        }
        func announce(_ signer: consuming NoteSigner) throws {
            let room = try fixture.openLog()
            _ = try room.rotateKeys(to: signer, by: EntryActor(id: "uid:0", role: "operator"), policy: 0)
            try room.close()
        }
        func rename(_ name: String) throws {
            let bytes = try Files.read(keys + name + ".next")
            try Files.writeDurably(bytes, to: keys + name, mode: 0o600)
            try Files.remove(keys + name + ".next")
        }
        var isAnnounced = true
        switch step {
        case 0:
            // Half of the first file.
            try Files.writeDurably(Array("-----BEGIN".utf8), to: keys + "log-mldsa65.pem.next", mode: 0o600)
            isAnnounced = false
        case 1:
            _ = try next()
            try Files.writeDurably(Array("-----BEGIN".utf8), to: keys + "log.pem.next", mode: 0o600)
            isAnnounced = false
        case 2:
            _ = try next()
            isAnnounced = false
        case 3:
            // The files lie there while the log goes on, as in a process that died between entry and files.
            try announce(next())
        case 4:
            try announce(next())
            try rename("log-mldsa65.pem")
        case 5:
            // Announced, and nothing more: the new key has signed nothing yet.
            let signer = try next()
            let log = try fixture.openLog()
            let before = try NoteSigner(
                name: key.name, key: SigningKey(pem: old[0]),
                postQuantum: MLDSA65SigningKey(pem: SecretBytes(copying: old[1])))
            let actor = EntryActor(id: "uid:0", role: "operator")
            _ = try log.append([before.handOver(at: log.size, to: signer.keys, by: actor, policy: 0)])
            try fixture.freeze(log)
        default:
            try announce(next())
            try rename("log-mldsa65.pem")
            try rename("log.pem")
        }
        // Readers beside it, before anybody opens it: what leaves the room has the right second line.
        let reader = try LogReader(publishing: fixture.path)
        let history = try LogReader(room: fixture.path).keyHistory(trusted: LogKeys(key))
        try history.check(reader.checkpointNote, published: true)
        let room = try fixture.open()
        #expect((room.log.key == key) == !isAnnounced)
        #expect(try keyFiles(fixture) == ["log-mldsa65.pem", "log.pem"])
        for bytes in old { #expect(try isHeld(bytes, in: fixture) == !isAnnounced) }
        let rotated = try room.rotateLogKeys()
        try room.close()
        #expect(try LogVerification.verify(room: fixture.path, key: key).key.vkey == rotated.vkey)
        #expect(try LogVerification.verify(room: fixture.path, key: key).keys.tenures.count == (isAnnounced ? 3 : 2))
        try fixture.open().close()
    }

    @Test("A room from before there was an ML-DSA-65 key gets one, once room.yaml says where")
    func oldRoomGetsASecondKey() throws {
        let fixture = try RoomFixture()
        try fixture.makeOld()
        let room = try fixture.open()
        #expect(try room.rotateLogKeys().postQuantumVkey == nil)
        try room.close()
        let file = fixture.path + "/room.yaml"
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        let named = text.replacing(
            "  statement:", with: "  logPostQuantum: \"file:keys/log-mldsa65.pem\"\n  statement:")
        try Files.writeDurably(Array(named.utf8), to: file)
        let key = try NoteVerifier(vkey: #require(try RoomView(fixture.path).trustFile().rooms.first).vkey)
        let again = try fixture.open()
        let rotated = try again.rotateLogKeys()
        let second = try PostQuantumNoteVerifier(vkey: #require(rotated.postQuantumVkey))
        try again.close()
        #expect(try LogVerification.verify(room: fixture.path, key: key).size == again.log.size)
        let published = try Files.read(fixture.path + "/log/checkpoint")
        _ = try Checkpoint(note: published, signedBy: LogKeys(NoteVerifier(vkey: rotated.vkey), second))
        try fixture.open().close()
    }

    @Test("Keys that are not in files do not rotate")
    func otherSchemes() throws {
        let fixture = try RoomFixture()
        let text = String(decoding: try Files.read(fixture.path + "/room.yaml"), as: UTF8.self)
        let file = fixture.directory + "/room.yaml"
        try Files.writeDurably(
            Array(text.replacing("file:keys/log.pem", with: "pkcs11:object=log").utf8), to: file)
        let files = LogKeyFiles(RoomPaths(fixture.path), try RoomConfiguration(reading: file))
        let error = LogKeyTests.failure { _ = try files.makeNext() }
        #expect(error?.code == "key-uri" && error?.exit == .usage, "\(String(describing: error))")
    }
}

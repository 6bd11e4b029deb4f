// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Sealing
import Testing
import TransparencyLog

@testable import CleanRoom

@Suite("The keys of a room's log")
struct LogKeyTests {
    static func failure(_ body: () throws -> Void) -> (code: String, message: String, exit: AtomicBase.ExitStatus)? {
        do {
            try body()
            return nil
        } catch let error as any ExplainedError {
            return (error.codeName, error.message + " " + error.remedy, error.exit)
        } catch {
            Issue.record("unexplained: \(error)")
            return nil
        }
    }

    private func edit(_ fixture: RoomFixture, _ change: (String) -> String) throws {
        let file = fixture.path + "/room.yaml"
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        let changed = change(text)
        #expect(changed != text)
        try Files.writeDurably(Array(changed.utf8), to: file)
    }

    @Test("A new room has both keys; what leaves it has both lines, and its trust file names both")
    func newRoom() throws {
        let fixture = try RoomFixture()
        let trust = try RoomView(fixture.path).trustFile()
        let trusted = try #require(trust.rooms.first)
        let keys = try LogKeys(
            NoteVerifier(vkey: trusted.vkey), PostQuantumNoteVerifier(vkey: #require(trusted.postQuantumVkey)))
        let published = try Files.read(fixture.path + "/log/checkpoint")
        #expect(try Checkpoint(note: published, signedBy: keys).size == 6)
        let room = try fixture.open()
        // Beside the supervisor, ahead of what is published.
        let reader = try LogReader(publishing: fixture.path)
        #expect(reader.size == 7 && reader.publishedSize == 6)
        #expect(try Checkpoint(note: reader.checkpointNote, signedBy: keys).size == 7)
        let bundle = fixture.directory + "/room.atomic"
        _ = try RoomView(fixture.path).exportBundle(to: bundle)
        let report = BundleVerifier.verify(bundle: try Files.read(bundle), trust: try CanonicalJSON.encode(trust))
        #expect(report.verified, "\(report.failure?.reason ?? "")")
        // Without the key, a note says so and the Ed25519 line is there.
        let file = fixture.path + "/keys/log-mldsa65.pem"
        let pem = try Files.read(file)
        try Files.remove(file)
        var notes: [String] = []
        let plain = try LogReader(publishing: fixture.path) { notes.append($0) }
        #expect(notes.count == 1 && notes[0].contains("no ML-DSA-65 line"), "\(notes)")
        #expect(try plain.isPostQuantumSigned() == false && plain.size == 7)
        #expect(Self.failure { _ = try LogReader(publishing: fixture.path) }?.code == "io")
        #expect(Self.failure { _ = try RoomView(fixture.path).exportBundle(to: bundle + "2") }?.code == "io")
        try Files.writeDurably(pem, to: file, mode: 0o600)
        try room.close()
        #expect(
            try LogVerification.verify(room: fixture.path, key: keys.classical, postQuantum: keys.postQuantum).size == 7
        )
    }

    @Test("A room from before there was an ML-DSA-65 key goes on without one")
    func oldRoom() throws {
        let fixture = try RoomFixture()
        try fixture.makeOld()
        let room = try fixture.open()
        #expect(room.log.size == 2)
        try room.close()
        let trust = try RoomView(fixture.path).trustFile()
        #expect(trust.rooms.first?.postQuantumVkey == nil)
        #expect(!String(decoding: try CanonicalJSON.encode(trust), as: UTF8.self).contains("postQuantum"))
        let bundle = fixture.directory + "/room.atomic"
        _ = try RoomView(fixture.path).exportBundle(to: bundle)
        let report = BundleVerifier.verify(bundle: try Files.read(bundle), trust: try CanonicalJSON.encode(trust))
        #expect(report.verified, "\(report.failure?.reason ?? "")")
        #expect(try LogVerification.verify(room: fixture.path).size == 2)
    }

    @Test("room.yaml that forgets the second key, or names another, opens nothing")
    func tampered() throws {
        let fixture = try RoomFixture()
        try edit(fixture) { $0.replacing("  logPostQuantum: \"file:keys/log-mldsa65.pem\"\n", with: "") }
        let forgotten = Self.failure { _ = try fixture.open() }
        #expect(forgotten?.exit == .unverified, "\(String(describing: forgotten))")
        try edit(fixture) {
            $0.replacing("  statement:", with: "  logPostQuantum: \"file:keys/other.pem\"\n  statement:")
        }
        try MLDSA65SigningKey.generate().write(to: fixture.path + "/keys/other.pem")
        let other = Self.failure { _ = try fixture.open() }
        #expect(other?.code == "key" && other?.exit == .unverified, "\(String(describing: other))")
        try edit(fixture) { $0.replacing("other.pem", with: "log-mldsa65.pem") }
        try fixture.open().close()
    }

    @Test("A key that is not in a file is one clear error", arguments: ["log", "logPostQuantum"])
    func otherSchemes(name: String) throws {
        let fixture = try RoomFixture()
        let file = name == "log" ? "file:keys/log.pem" : "file:keys/log-mldsa65.pem"
        var last = file
        for uri in ["pkcs11:token=room;object=log", "tpm:0x81000001", "https://example/key"] {
            try edit(fixture) { $0.replacing("\"\(last)\"", with: "\"\(uri)\"") }
            let error = Self.failure { _ = try fixture.open() }
            #expect(error?.code == "key-uri" && error?.exit == .usage, "\(uri): \(String(describing: error))")
            #expect(error?.message.contains("file:") == true, "\(uri): \(error?.message ?? "")")
            last = uri
        }
        try edit(fixture) { $0.replacing("\"\(last)\"", with: "\"\(file)\"") }
        try fixture.open().close()
    }
}

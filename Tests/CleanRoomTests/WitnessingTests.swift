// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import Sealing
import Testing
import TransparencyLog

@testable import CleanRoom

@Suite("Witnesses of a room")
struct WitnessingTests {
    private let first: CosignatureVerifier
    private let second: CosignatureVerifier

    init() throws {
        first = try CosignatureVerifier(name: "w1", publicKey: SigningKey.generate(.ed25519).publicKey)
        second = try CosignatureVerifier(name: "w2", publicKey: SigningKey.generate(.ed25519).publicKey)
    }

    /// `room.yaml` of a room with these lines at its end, read.
    private func read(_ lines: String) throws -> RoomConfiguration {
        let fixture = try RoomFixture()
        let file = fixture.path + "/room.yaml"
        try Files.writeDurably(Files.read(file) + Array(lines.utf8), to: file)
        return try RoomConfiguration(reading: file)
    }

    @Test("room.yaml names witnesses and how many must sign")
    func configuration() throws {
        #expect(try read("").witnesses.isEmpty)
        #expect(try read("").cosignatures == 0)
        let found = try read(
            """
            witnesses:
              - {vkey: "\(first.vkey)", url: "https://witness.example/"}
              - {vkey: "\(second.vkey)", url: "http://127.0.0.1:8477", roots: ca.pem}
            cosignatures: 2

            """)
        #expect(found.witnesses.map(\.key) == [first, second])
        #expect(
            found.witnesses.map(\.address)
                == ["https://witness.example/add-checkpoint", "http://127.0.0.1:8477/add-checkpoint"])
        #expect(found.witnesses.map(\.roots) == [nil, "ca.pem"])
        #expect(found.cosignatures == 2)
    }

    @Test("What room.yaml must not say about witnesses")
    func refused() throws {
        let good = "{vkey: \"\(first.vkey)\", url: \"https://witness.example\"}"
        _ = try read("witnesses: [\(good)]\ncosignatures: 1\n")
        let note = try NoteVerifier(name: "w1", publicKey: first.publicKey).vkey
        for wrong in [
            "cosignatures: 1\n", "witnesses: [\(good)]\ncosignatures: 2\n", "witnesses: [\(good)]\ncosignatures: -1\n",
            "witnesses: [\(good), \(good)]\n", "witnesses: [\(good.replacing("https", with: "http"))]\n",
            "witnesses: [{vkey: \"\(note)\", url: \"https://witness.example\"}]\n",
            "witnesses: [{vkey: \"\(first.vkey)\"}]\n", "witnesses: [\(good.replacing("url", with: "uri"))]\n",
            "witnesses: [\(good.dropLast()), weight: 2}]\n", "witnesses: {}\n",
        ] {
            #expect(throws: PolicyFileError.self, "\(wrong)") { try read(wrong) }
        }
    }

    @Test("Where nobody must sign, releases are clear at once; where somebody must and cannot, they are not")
    func clearance() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let size = room.log.size
        #expect(try room.clearance(class: "pii").size == size)
        #expect(room.log.size == size, "nobody was asked, so nothing is to be recorded")
        try room.close()

        let file = fixture.path + "/room.yaml"
        let yaml = try Files.read(file)
        try Files.writeDurably(
            yaml + Array("witnesses: [{vkey: \"\(first.vkey)\", url: \"http://127.0.0.1:1\"}]\ncosignatures: 1\n".utf8),
            to: file)
        // A checkpoint of this log that nobody cosigned, or somebody else did, clears nothing.
        let stranger = try CosignatureSigner(name: "w1", key: SigningKey.generate(.ed25519))
        let note = try SignedNote(bytes: LogReader(room: fixture.path).checkpointNote)
        let foreign = try note.adding(lines: stranger.cosign(note.text, at: 7).line)
        for kept in [nil, note, foreign] {
            if let kept { try Files.writeDurably(kept.bytes, to: fixture.path + "/cosigned-checkpoint") }
            let open = try fixture.open()
            // Its courier is not beside the test program, which is as good as a witness that is down.
            #expect(throws: (any Error).self) { try open.clearance(for: size, class: "pii") }
            try open.close()
        }
    }

    @Test("What enough witnesses signed is still good after a restart, and only that")
    func recalled() throws {
        let fixture = try RoomFixture()
        let witness = try CosignatureSigner(name: "w1", key: SigningKey.generate(.ed25519))
        let note = try SignedNote(bytes: LogReader(room: fixture.path).checkpointNote)
        let covered = try Checkpoint(text: note.text).size
        try Files.writeDurably(
            note.adding(lines: witness.cosign(note.text, at: 7).line).bytes, to: fixture.path + "/cosigned-checkpoint")
        let file = fixture.path + "/room.yaml"
        let yaml = try Files.read(file)
        let one = "{vkey: \"\(witness.verifier.vkey)\", url: \"http://127.0.0.1:1\"}"
        let two = "{vkey: \"\(second.vkey)\", url: \"http://127.0.0.1:1\"}"
        try Files.writeDurably(yaml + Array("witnesses: [\(one), \(two)]\ncosignatures: 1\n".utf8), to: file)
        let open = try fixture.open()
        #expect(try open.clearance(for: covered, class: "pii").size == covered)
        #expect(throws: (any Error).self) { try open.clearance(for: covered + 1, class: "pii") }
        try open.close()
        try Files.writeDurably(yaml + Array("witnesses: [\(one), \(two)]\ncosignatures: 2\n".utf8), to: file)
        let stricter = try fixture.open()
        #expect(throws: (any Error).self) { try stricter.clearance(for: covered, class: "pii") }
        try stricter.close()
    }
}

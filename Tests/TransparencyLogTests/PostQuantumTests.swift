// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

@testable import TransparencyLog

@Suite("The ML-DSA-65 line of a checkpoint")
struct PostQuantumTests {
    /// Made by `Tests/Independent/make_mldsa65.py` with OpenSSL's ML-DSA.
    struct Vector {
        private let root: JSONValue

        init() throws {
            let tests = Files.parent(of: Files.parent(of: "\(#filePath)"))
            root = try JSONValue.parse(Files.read(tests + "/Fixtures/notes/mldsa65.json"))
        }

        func text(_ name: String) throws -> String { try #require(root[name]?.stringValue, "\(name)") }
    }

    @Test("A note that another implementation signed: text form, key id, verifier key, signature")
    func vector() throws {
        let vector = try Vector()
        let classical = try NoteVerifier(vkey: vector.text("vkey"))
        let second = try PostQuantumNoteVerifier(vkey: vector.text("postQuantumVkey"))
        #expect(second.publicKey.description == (try vector.text("key")))
        #expect(try MLDSA65PublicKey(vector.text("key")) == second.publicKey)
        var hash: [UInt8] = []
        hash.appendBigEndian(second.keyID)
        #expect(Hex.encode(hash) == (try vector.text("keyID")))
        #expect(second.vkey == (try vector.text("postQuantumVkey")))
        let note = Array(try vector.text("note").utf8)
        let head = try Checkpoint(note: note, signedBy: LogKeys(classical, second))
        #expect(head.size == 0 && head.root == MerkleTree.emptyRoot)
        #expect(try SignedNote(bytes: note).bytes == note)
        // A client that knows the Ed25519 key alone.
        #expect(try Checkpoint(note: note, signedBy: classical) == head)
        // The context string keeps signatures for other purposes apart.
        let other = Array(try vector.text("withoutContext").utf8)
        #expect(try Checkpoint(note: other, signedBy: classical) == head)
        #expect(throws: LogError(.signature, "", remedy: "")) {
            _ = try Checkpoint(note: other, signedBy: LogKeys(classical, second))
        }
    }

    @Test("A private key that another implementation wrote is ours, and comes back byte for byte")
    func privateKey() throws {
        let vector = try Vector()
        let pem = Array(try vector.text("pem").utf8)
        let key = try MLDSA65SigningKey(pem: SecretBytes(copying: pem))
        #expect(key.publicKey.description == (try vector.text("key")))
        // SAFETY: the bytes are copied within the closure.
        #expect(unsafe key.pem().withBytes { unsafe Array($0) } == pem)
        let signature = try key.sign([1, 2, 3], context: "a")
        #expect(key.publicKey.verify(signature, of: [1, 2, 3], context: "a"))
        #expect(!key.publicKey.verify(signature, of: [1, 2, 3], context: "b"))
        #expect(!key.publicKey.verify(signature, of: [1, 2, 4], context: "a"))
        #expect(!key.publicKey.verify(signature + [0], of: [1, 2, 3], context: "a"))
        #expect(!key.publicKey.verify([], of: [1, 2, 3], context: "a"))
        for damaged in [Array(pem.dropLast(40)), Array("-----BEGIN PRIVATE KEY-----\n".utf8), [], pem + pem] {
            #expect(throws: SealingError(.key, "", remedy: "")) {
                _ = try MLDSA65SigningKey(pem: SecretBytes(copying: damaged))
            }
        }
        let room = try Room()
        #expect(throws: SealingError(.key, "", remedy: "")) {
            _ = try MLDSA65SigningKey(pem: SecretBytes(copying: room.pem))
        }
    }

    @Test("Texts that are no keys of this kind")
    func notKeys() throws {
        let vector = try Vector()
        let (key, vkey) = (try vector.text("key"), try vector.text("postQuantumVkey"))
        for text in [
            "", "mldsa65:", key.replacing("mldsa65:", with: "ed25519:"), String(key.dropLast(4)), key + "AAAA",
        ] {
            #expect(throws: SealingError(.key, "", remedy: "")) { _ = try MLDSA65PublicKey(text) }
        }
        #expect(throws: SealingError(.key, "", remedy: "")) { _ = try PublicKey(key) }
        let parts = vkey.split(separator: "+", maxSplits: 2).map(String.init)
        for text in [
            "", try vector.text("vkey"), "\(parts[0])x+\(parts[1])+\(parts[2])", "\(parts[0])+00000000+\(parts[2])",
            "\(parts[0])+\(parts[1].uppercased())+\(parts[2])", String(vkey.dropLast(4)), vkey + "AAAA",
        ] { #expect(throws: LogError(.note, "", remedy: "")) { _ = try PostQuantumNoteVerifier(vkey: text) } }
        #expect(throws: LogError(.note, "", remedy: "")) { _ = try NoteVerifier(vkey: vkey) }
    }

    @Test("What is published has both lines; write-ahead files have one; who knows one key reads all")
    func whereItStands() throws {
        let room = try PostQuantumRoom()
        let log = try room.create()
        try room.room.append(20, to: log)
        let early = try SignedNote(bytes: room.published())
        #expect(early.signatures.count == 2, "the empty log's")
        #expect(try Checkpoint(note: room.published(), signedBy: room.keys).size == 0)
        #expect(try SignedNote(bytes: log.checkpoint()).signatures.count == 1)
        let reader = try LogReader(room: room.path, key: room.room.verifier)
        #expect(try reader.isPostQuantumSigned() == false)
        let second = try PostQuantumNoteSigner(
            name: Room.origin, key: MLDSA65SigningKey(pem: SecretBytes(copying: room.pem)))
        let whole = try reader.completed(by: second)
        #expect(try Checkpoint(note: whole.checkpointNote, signedBy: room.keys).size == 21)
        #expect(try whole.completed(by: second).checkpointNote == whole.checkpointNote, "a line is added once")
        let proof = try whole.inclusionProof(3)
        #expect(try Checkpoint(note: proof.checkpoint, signedBy: room.keys).size == 21)
        _ = try proof.verify(entry: whole.rawEntry(3), key: room.room.verifier)
        try log.close()
        #expect(try Checkpoint(note: room.published(), signedBy: room.keys).size == 21)
        for number in try LogDirectory(room: room.path).segments() {
            let file = LogDirectory(room: room.path).segment(number)
            let segment = try WriteAheadSegment(bytes: Files.read(file), file: file)
            #expect(try SignedNote(bytes: segment.base).signatures.count == 1)
        }
        // Opened and closed again without a word: nothing moves.
        let note = try room.published()
        try TransparencyLog.open(room: room.path, signer: room.signer()).close()
        #expect(try room.published() == note)
        #expect(try LogVerification.verify(room: room.path, key: room.room.verifier).size == 21)
        let checker = try Checker.run([room.path, "--vkey", room.room.verifier.vkey])
        #expect(checker.status == 0, "\(checker.output)")
    }

    @Test("Notes that are not what both keys signed")
    func attacks() throws {
        let room = try PostQuantumRoom()
        let log = try room.create()
        try room.room.append(5, to: log)
        try log.close()
        let keys = try room.keys
        let good = try NoteText(room.published())
        func refused(_ note: NoteText, _ what: String, byStock: Bool = true) {
            #expect(throws: (any Error).self, "\(what)") { _ = try Checkpoint(note: note.bytes, signedBy: keys) }
            // The positive control: what is wrong is the second line alone.
            if !byStock {
                #expect(throws: Never.self) { _ = try Checkpoint(note: note.bytes, signedBy: keys.classical) }
            }
        }
        #expect(try Checkpoint(note: good.bytes, signedBy: keys).size == 6)
        // Order says nothing in a note.
        #expect(try Checkpoint(note: good.with(lines: good.lines.reversed()).bytes, signedBy: keys).size == 6)
        #expect(try Checkpoint(note: good.with(lines: good.lines + [good.lines[1]]).bytes, signedBy: keys).size == 6)

        refused(good.with(lines: [good.lines[0]]), "the second line left out", byStock: false)
        refused(good.with(lines: [good.lines[1]]), "the first line left out")
        let (first, second) = (good.blob(0), good.blob(1))
        for offset in first.indices {
            var bytes = first
            bytes[offset] ^= 1 << UInt8(offset % 8)
            refused(good.with(0, bytes), "byte \(offset) of the first line")
        }
        for offset in Array(0..<8) + Array(stride(from: 8, to: second.count, by: 61)) + [second.count - 1] {
            var bytes = second
            bytes[offset] ^= 1 << UInt8(offset % 8)
            refused(good.with(1, bytes), "byte \(offset) of the second line", byStock: false)
        }
        let exchanged = good.with(0, Array(first[..<4] + second[4...])).with(1, Array(second[..<4] + first[4...]))
        refused(exchanged, "signatures exchanged")
        refused(good.with(1, Array(second.dropLast())), "the second line a byte short", byStock: false)
        refused(good.with(1, second + [0]), "the second line a byte long", byStock: false)
        refused(good.with(1, Array(second.prefix(5))), "the second line cut", byStock: false)
        let cut = Array(good.bytes.dropLast(100))
        #expect(throws: LogError(.note, "", remedy: "")) { _ = try Checkpoint(note: cut, signedBy: keys) }
        var damaged = second
        damaged[2_000] ^= 1
        let bad = good.with(1, damaged).lines[1]
        refused(good.with(lines: good.lines + [bad]), "a good and a bad line of the key", byStock: false)
        refused(good.with(lines: [good.lines[0], bad, good.lines[1]]), "a bad and a good line", byStock: false)

        // Lines of other logs and other texts.
        let other = try MLDSA65SigningKey(pem: SecretBytes(copying: room.pem))
        let elsewhere = try PostQuantumNoteSigner(name: "rooms.example/other", key: other)
        let foreign = try elsewhere.complete(good.bytes)
        #expect(try SignedNote(bytes: foreign).signatures.count == 3)
        #expect(try Checkpoint(note: foreign, signedBy: keys).size == 6, "a line of another log harms nobody")
        let text = try NoteText(foreign)
        refused(text.with(lines: [text.lines[0], text.lines[2]]), "a line of another origin instead", byStock: false)
        refused(good.with(1, text.blob(2)), "a line of another origin under our name", byStock: false)
        let elsewhereText = Checkpoint(origin: "rooms.example/other", size: 6, root: MerkleTree.emptyRoot).text
        let borrowed = try elsewhere.sign(elsewhereText)
        refused(
            good.with(1, Array(second[..<4]) + borrowed.bytes), "the key's signature of another log's checkpoint",
            byStock: false)
    }

    @Test("A log is held to the key that it names, and to the one that is trusted")
    func verification() throws {
        let room = try PostQuantumRoom()
        try room.create().close()
        let key = room.room.verifier
        let good = try NoteText(room.published())
        #expect(try LogVerification.verify(room: room.path, key: key).size == 1)
        #expect(try LogVerification.verify(room: room.path, key: key, postQuantum: room.verifier).size == 1)
        for (what, note) in [
            ("no second line", good.with(lines: [good.lines[0]])),
            ("a flipped second line", good.with(1, good.blob(1).dropLast() + [good.blob(1)[3_312] ^ 1])),
        ] {
            try room.publish(note.bytes)
            #expect(throws: LogError(.damaged, "", remedy: ""), "\(what)") {
                _ = try LogVerification.verify(room: room.path, key: key)
            }
            do {
                _ = try LogVerification.verify(room: room.path)
                Issue.record("\(what): not seen without the key")
            } catch {
                #expect(error.exit == .unverified)
                #expect(error.message.contains("ML-DSA-65") && error.message.contains("log/checkpoint"), "\(error)")
            }
        }
        try room.publish(good.bytes)
        let stranger = try PostQuantumRoom()
        #expect(throws: (any Error).self) {
            _ = try LogVerification.verify(room: room.path, key: key, postQuantum: stranger.verifier)
        }
        // A log that names a key which does not sign.
        let liar = try PostQuantumRoom()
        try liar.create(naming: stranger.verifier).close()
        #expect(throws: LogError(.damaged, "", remedy: "")) { _ = try LogVerification.verify(room: liar.path) }
        // A log from before there was such a key.
        let old = try Room()
        try old.create()
        let log = try old.open()
        _ = try log.append([PostQuantumRoom.birth(old.verifier, nil)])
        try log.close()
        #expect(try LogVerification.verify(room: old.path, key: old.verifier).size == 1)
        #expect(throws: LogError(.key, "", remedy: "")) {
            _ = try LogVerification.verify(room: old.path, key: old.verifier, postQuantum: stranger.verifier)
        }
    }

    @Test("A changed byte of the published checkpoint is noticed, wherever it lies")
    func everyByte() throws {
        let room = try PostQuantumRoom()
        try room.create().close()
        let good = try room.published()
        for offset in Array(0..<300) + Array(stride(from: 300, to: good.count, by: 37)) + [good.count - 1] {
            var bytes = good
            bytes[offset] ^= 1 << UInt8(offset % 7)
            try room.publish(bytes)
            #expect(throws: (any Error).self, "byte \(offset)") {
                _ = try LogVerification.verify(room: room.path, key: room.room.verifier)
            }
        }
        try room.publish(good)
        #expect(try LogVerification.verify(room: room.path, key: room.room.verifier).size == 1)
    }
}

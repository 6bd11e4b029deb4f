// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Sealing
import Testing
import TransparencyLog

@Suite("The log's signatures in a bundle") struct LogSignatureTests {
    /// The failed claim, nil for a verified bundle.
    private func failure(_ bundle: [UInt8], _ trust: [UInt8]) -> String? {
        let report = BundleVerifier.verify(bundle: bundle, trust: trust)
        return report.verified ? nil : report.failure?.claim ?? "nothing"
    }

    @Test("both lines are demanded where the second key is known from the trust file or from the first entry")
    func bothLines() throws {
        let room = try SignedLogBundle()
        let log = try room.create()
        let bare = log.reader()
        let whole = try bare.completed(by: room.postQuantum())
        let vkey = bare.key.vkey
        let second = try room.postQuantum().verifier.vkey
        let stranger = try PostQuantumNoteVerifier(
            name: room.origin, publicKey: MLDSA65SigningKey.generate().publicKey
        ).vkey
        #expect(failure(try room.bundle(whole), try room.trust(vkey)) == nil)
        #expect(failure(try room.bundle(whole), try room.trust(vkey, postQuantum: second)) == nil)
        #expect(failure(try room.bundle(bare), try room.trust(vkey)) == "log")
        #expect(failure(try room.bundle(bare), try room.trust(vkey, postQuantum: second)) == "log")
        #expect(failure(try room.bundle(whole), try room.trust(vkey, postQuantum: stranger)) == "log")
        // A key of another log is no key of this one.
        let elsewhere = try PostQuantumNoteVerifier(
            name: "atomic.example/other", publicKey: room.postQuantum().verifier.publicKey
        ).vkey
        #expect(failure(try room.bundle(whole), try room.trust(vkey, postQuantum: elsewhere)) == "trust")
        #expect(failure(try room.bundle(whole), try room.trust(vkey, postQuantum: vkey)) == "trust")
        try log.close()
    }

    @Test("a log from before there was such a key verifies, unless the reader knows one") func oldLog() throws {
        let room = try SignedLogBundle()
        let log = try room.create(naming: false)
        let bare = log.reader()
        let second = try room.postQuantum().verifier.vkey
        #expect(failure(try room.bundle(bare), try room.trust(bare.key.vkey)) == nil)
        #expect(failure(try room.bundle(bare), try room.trust(bare.key.vkey, postQuantum: second)) == "log")
        // A line is not enough: the log itself must name the key, in its first entry or when it changes its keys.
        let whole = try bare.completed(by: room.postQuantum())
        #expect(failure(try room.bundle(whole), try room.trust(bare.key.vkey)) == nil)
        #expect(failure(try room.bundle(whole), try room.trust(bare.key.vkey, postQuantum: second)) == "log")
        try log.close()
    }

    @Test("a second line of another key under a signed manifest is refused") func anotherKey() throws {
        let room = try SignedLogBundle()
        let log = try room.create()
        let other = try PostQuantumNoteSigner(name: room.origin, key: MLDSA65SigningKey.generate())
        let lying = try log.reader().completed(by: other)
        #expect(failure(try room.bundle(lying), try room.trust(lying.key.vkey)) == "log")
        // Beside the right one it is a line of somebody unknown.
        let both = try lying.completed(by: room.postQuantum())
        #expect(failure(try room.bundle(both), try room.trust(lying.key.vkey)) == nil)
        try log.close()
    }
}

@Suite("A bundle of a log whose keys changed") struct RotatedBundleTests {
    private func failure(_ bundle: [UInt8], _ trust: [UInt8]) -> String? {
        let report = BundleVerifier.verify(bundle: bundle, trust: trust)
        return report.verified ? nil : report.failure?.claim ?? "nothing"
    }

    /// The room's next keys, as texts.
    private struct Next {
        let first: [UInt8]
        let second: [UInt8]

        init() throws {
            first = try SignedLogBundle.pem(SigningKey.generate(.ed25519).pem())
            second = try SignedLogBundle.pem(MLDSA65SigningKey.generate().pem())
        }

        func signer(_ origin: String) throws -> NoteSigner {
            try NoteSigner(
                name: origin, key: SigningKey(pem: first),
                postQuantum: MLDSA65SigningKey(pem: SecretBytes(copying: second)))
        }

        func postQuantum(_ origin: String) throws -> PostQuantumNoteSigner {
            try PostQuantumNoteSigner(name: origin, key: MLDSA65SigningKey(pem: SecretBytes(copying: second)))
        }
    }

    @Test("is verified by who trusts the old keys, and by who trusts the new ones") func followed() throws {
        let room = try SignedLogBundle()
        let log = try room.create()
        let (old, oldSecond) = (log.key.vkey, try room.postQuantum().verifier.vkey)
        let next = try Next()
        let keys = try next.signer(room.origin).keys
        let actor = EntryActor(id: "room", role: "supervisor")
        #expect(try log.rotateKeys(to: next.signer(room.origin), by: actor, policy: 0) == 1)
        try room.append(Event.RoomOpened(version: "1", executable: Digest.sha256([1])), to: log)
        let reader = try log.reader().completed(by: next.postQuantum(room.origin))
        let (new, newSecond) = (keys.classical.vkey, try #require(keys.postQuantum).vkey)
        let bundle = try room.bundle(reader)
        for (vkey, second) in [(old, nil), (old, oldSecond), (new, nil), (new, newSecond)] {
            let trust = try room.trust(vkey, postQuantum: second)
            #expect(failure(bundle, trust) == nil, "\(vkey.prefix(40))")
        }
        #expect(failure(bundle, try room.trust(old, postQuantum: newSecond)) == "log")
        #expect(failure(bundle, try room.trust(new, postQuantum: oldSecond)) == "log")
        let stranger = try NoteVerifier(name: room.origin, publicKey: SigningKey.generate(.ed25519).publicKey).vkey
        #expect(failure(bundle, try room.trust(stranger)) == "log")
        // Without the new ML-DSA-65 line, and with that of the old key instead.
        let bare = log.reader()
        #expect(failure(try room.bundle(bare), try room.trust(old)) == "log")
        #expect(failure(try room.bundle(bare.completed(by: room.postQuantum())), try room.trust(old)) == "log")
        // A range without the announcement: by the new keys yes, by the old ones no.
        let late = try room.bundle(reader, range: 2..<3)
        #expect(failure(late, try room.trust(new)) == nil)
        #expect(failure(late, try room.trust(new, postQuantum: newSecond)) == nil)
        let report = BundleVerifier.verify(bundle: late, trust: try room.trust(old))
        #expect(report.failure?.claim == "log")
        #expect(report.failure?.reason?.contains("announced here") == true, "\(report.failure?.reason ?? "")")
        // One without the first entry, but with the announcement.
        let middle = try room.bundle(reader, range: 1..<3)
        #expect(failure(middle, try room.trust(old, postQuantum: oldSecond)) == nil)
        try log.close()
    }

    @Test("is refused with an announcement that the old keys did not sign, and with a checkpoint of theirs behind it")
    func refused() throws {
        let room = try SignedLogBundle()
        let log = try room.create()
        let old = log.key.vkey
        let next = try Next()
        let actor = EntryActor(id: "room", role: "supervisor")
        _ = try log.rotateKeys(to: next.signer(room.origin), by: actor, policy: 0)
        let reader = try log.reader().completed(by: next.postQuantum(room.origin))
        let honest = try CanonicalJSON.decode(Event.KeyRotated.self, from: try reader.entry(1).data)
        #expect(failure(try room.bundle(reader), try room.trust(old)) == nil, "the control")
        try log.close()

        // The old keys write the same announcement, or a false one, and go on.
        func lie(_ change: (inout Event.KeyRotated) throws -> Void) throws -> String? {
            let liar = try SignedLogBundle(keysOf: room)
            let log = try liar.create()
            var event = honest
            try change(&event)
            try liar.append(event, to: log)
            try liar.append(Event.RoomOpened(version: "1", executable: Digest.sha256([1])), to: log)
            let reader = try log.reader().completed(by: liar.postQuantum())
            defer { try? log.close() }
            return failure(try liar.bundle(reader), try liar.trust(old))
        }
        #expect(try lie { _ in } == "log", "the old key signs behind its retirement")
        #expect(try lie { $0.key = try SigningKey.generate(.ed25519).publicKey.description } == "log")
        #expect(try lie { $0.statement = $0.statement.replacing("\n1\n", with: "\n2\n") } == "log")
        #expect(try lie { $0.purpose = "statement" } == "log")
        #expect(try lie { $0.statement = "" } == "log")
        #expect(try lie { $0.postQuantumKey = nil } == "log")
    }
}

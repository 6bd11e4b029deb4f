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
        let whole = try bare.completed(by: room.postQuantum())
        #expect(failure(try room.bundle(whole), try room.trust(bare.key.vkey, postQuantum: second)) == nil)
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

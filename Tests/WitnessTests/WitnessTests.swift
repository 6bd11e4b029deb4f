// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Dispatch
import Sealing
import Synchronization
import Testing
import TransparencyLog

@testable import Witness

@Suite("A witness that remembers")
struct WitnessTests {
    @Test("What it signed it remembers after a restart, and refuses what does not follow")
    func remembers() throws {
        let place = try Place()
        let log = try TestLog(sizes: 10)
        let fork = try TestLog(sizes: 10, forkAt: 3)
        try place.with(logs: [log.key]) { (witness: Witness) throws in
            #expect(try witness.answer(log.request(from: 0, to: 6)).status == 200)
            #expect(throws: WitnessError(.locked, "", remedy: "")) { try place.open([log.key]) }
        }
        try place.with(logs: [log.key]) { (witness: Witness) throws in
            #expect(try witness.answer(log.request(from: 0, to: 8)).conflictingSize == 6)
            #expect(try witness.answer(fork.request(from: 6, to: 8)).status == 422)
            #expect(try witness.answer(fork.request(from: 6, to: 6)).conflictingSize == 6)
            // The positive control: the honest log still gets its signature.
            let answer = try witness.answer(log.request(from: 6, to: 8))
            #expect(answer.status == 200)
            let note = try log.note(8).adding(lines: answer.body)
            #expect(try note.cosignatures(by: [witness.verifier]).map(\.witness) == [witness.verifier])
        }
        let kept = try WitnessDirectory(opening: place.state).kept()
        #expect(kept.map(\.checkpoint.size) == [8])
        #expect(kept.map(\.checkpoint.root) == [log.root(8)])
    }

    @Test("Of requests that race, every signature is for a tree that continues the one before")
    func races() throws {
        let place = try Place()
        let log = try TestLog(sizes: 64)
        let fork = try TestLog(sizes: 64, forkAt: 1)
        try place.with(logs: [log.key]) { (witness: Witness) throws in
            let signed = Mutex<[(size: Int, isFork: Bool)]>([])
            let trouble = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { worker in
                let mine = worker.isMultiple(of: 2) ? log : fork
                for size in stride(from: 2 + worker, to: 64, by: 5) {
                    do {
                        var old = 0
                        // As a client does: asks, is told the size, asks again.
                        for _ in 0..<4 {
                            guard old <= size else { break }
                            let answer = try witness.answer(mine.request(from: old, to: size))
                            if answer.status == 200 { signed.withLock { $0.append((size, mine.isFork)) } }
                            guard let told = answer.conflictingSize else { break }
                            old = Int(told)
                        }
                    } catch {
                        trouble.withLock { $0.append("\(error)") }
                    }
                }
            }
            #expect(trouble.withLock { $0 } == [])
            let all = signed.withLock { $0 }
            #expect(all.count >= 2)
            #expect(Set(all.map(\.isFork)).count == 1, "two histories were signed")
        }
        let kept = try WitnessDirectory(opening: place.state).kept()
        #expect(kept.count == 1)
        let head = try #require(kept.first).checkpoint
        #expect(head.root == log.root(Int(head.size)) || head.root == fork.root(Int(head.size)))
    }

    @Test("A state that is not as it was written is refused")
    func damage() throws {
        let place = try Place()
        let log = try TestLog(sizes: 4)
        try place.with(logs: [log.key]) { (witness: Witness) throws in
            #expect(try witness.answer(log.request(from: 0, to: 4)).status == 200)
        }
        let name = try #require(try Files.list(place.state + "/logs").first)
        let path = place.state + "/logs/" + name
        let good = try Files.read(path)
        func refused(_ bytes: [UInt8], _ comment: Comment) throws {
            try Files.writeDurably(bytes, to: path)
            #expect(throws: WitnessError(.damaged, "", remedy: ""), comment) { try place.open([log.key]) }
        }
        try refused([], "empty")
        try refused(Array(good.dropLast(10)), "torn")
        try refused(log.note(4).bytes, "without the witness's own signature")
        for index in stride(from: 0, to: good.count, by: 7) {
            var bytes = good
            bytes[index] ^= 1
            try refused(bytes, "bit of byte \(index)")
        }
        try Files.writeDurably(good, to: path)
        try place.with(logs: [log.key]) { (witness: Witness) throws in
            #expect(try witness.answer(log.request(from: 4, to: 4)).status == 200)
        }
        // What a crash leaves while a file is replaced is no state.
        try Files.writeDurably([1, 2], to: path + ".00.tmp")
        try place.with(logs: [log.key]) { (witness: Witness) throws in
            #expect(try witness.answer(log.request(from: 4, to: 4)).status == 200)
        }
        #expect(try Files.list(place.state + "/logs") == [name])
        try Files.writeDurably(good, to: place.state + "/logs/other")
        #expect(throws: WitnessError(.damaged, "", remedy: "")) { try place.open([log.key]) }
    }

    @Test("It begins only where it was made, with its own key, and once")
    func beginning() throws {
        let place = try Place()
        let log = try TestLog(sizes: 1)
        #expect(throws: WitnessError(.missing, "", remedy: "")) {
            try Witness(opening: place.directory + "/nowhere", key: place.key, logs: [log.key])
        }
        #expect(throws: WitnessError(.noLog, "", remedy: "")) { try place.open([]) }
        #expect(throws: WitnessError(.exists, "", remedy: "")) {
            try Witness.create(at: place.state, name: "w", key: place.key)
        }
        try SigningKey.generate(.ed25519).write(to: place.directory + "/other.pem")
        #expect(throws: WitnessError(.key, "", remedy: "")) {
            try Witness(opening: place.state, key: place.directory + "/other.pem", logs: [log.key])
        }
        #expect(throws: (any Error).self) {
            try Witness(opening: place.state, key: place.directory + "/missing.pem", logs: [log.key])
        }
        // An existing key is taken, not replaced.
        let again = try Witness.create(at: place.directory + "/second", name: "w2", key: place.key)
        #expect(try again.publicKey == place.open([log.key]).verifier.publicKey)
        #expect(throws: LogError(.note, "", remedy: "")) {
            try Witness.create(at: place.directory + "/third", name: "a name", key: place.directory + "/third.pem")
        }
        #expect(!Files.exists(place.directory + "/third.pem"))
    }

    @Test("Two logs do not disturb each other")
    func twoLogs() throws {
        let place = try Place()
        let one = try TestLog(sizes: 5)
        let two = try TestLog(sizes: 9, origin: "two.example/log")
        try place.with(logs: [one.key, two.key]) { (witness: Witness) throws in
            #expect(try witness.answer(one.request(from: 0, to: 5)).status == 200)
            #expect(try witness.answer(two.request(from: 0, to: 4)).status == 200)
            #expect(try witness.answer(two.request(from: 4, to: 9)).status == 200)
            #expect(try witness.answer(one.request(from: 5, to: 5)).status == 200)
        }
        try place.with(logs: [one.key]) { (witness: Witness) throws in
            #expect(try witness.answer(two.request(from: 9, to: 9)).status == 404)
        }
    }
}

/// A witness in a directory of its own.
private final class Place {
    let directory: String
    var state: String { directory + "/state" }
    var key: String { directory + "/witness.pem" }

    init() throws {
        directory = "/tmp/atomic-witness-\(Hex.encode(RandomBytes.make(6)))"
        try Files.createDirectory(directory)
        _ = try Witness.create(at: directory + "/state", name: "witness.example/w1", key: directory + "/witness.pem")
    }

    deinit {
        for name in (try? Files.list(state + "/logs")) ?? [] { try? Files.remove(state + "/logs/" + name) }
        for path in ["/state/lock", "/state/witness.json", "/second/witness.json"] {
            try? Files.remove(directory + path)
        }
        for name in ["witness.pem", "other.pem"] { try? Files.remove(directory + "/" + name) }
    }

    func open(_ logs: [NoteVerifier]) throws -> Witness { try Witness(opening: state, key: key, logs: logs) }

    /// One life of the witness's process.
    func with(logs: [NoteVerifier], _ body: (Witness) throws -> Void) throws { try body(open(logs)) }
}

/// A log of small entries, at any size.
private struct TestLog: Sendable {
    let key: NoteVerifier
    let isFork: Bool
    private let notes: [SignedNote]
    private let leaves: [Digest]

    /// - Parameter forkAt: the entry that is another one than in the log without a fork.
    init(sizes: Int, forkAt: Int? = nil, origin: String = "atomic.example/log") throws {
        // The same key for both histories: that is what a split view is.
        let pem = try SigningKey(pem: Array(Self.pem.utf8))
        let signer = try NoteSigner(name: origin, key: pem)
        let leaves = (0..<sizes).map { MerkleTree.leafHash(Array("entry \($0)\($0 == forkAt ? " other" : "")".utf8)) }
        self.leaves = leaves
        key = signer.verifier
        isFork = forkAt != nil
        var notes: [SignedNote] = []
        for size in 0...sizes {
            notes.append(
                try signer.sign(
                    Checkpoint(
                        origin: origin, size: UInt64(size), root: MerkleTree.root(of: leaves.prefix(size))
                    ).text))
        }
        self.notes = notes
    }

    func note(_ size: Int) -> SignedNote { notes[size] }
    func root(_ size: Int) -> Digest { MerkleTree.root(of: leaves.prefix(size)) }

    func request(from old: Int, to new: Int) -> [UInt8] {
        let proof = old == 0 ? [] : Self.proof(old, leaves.prefix(new), whole: true)
        return WitnessRequest(oldSize: UInt64(old), proof: proof, note: notes[new]).bytes
    }

    /// SUBPROOF of RFC 6962 section 2.1.2, straight from its definition.
    private static func proof(_ old: Int, _ leaves: ArraySlice<Digest>, whole: Bool) -> [Digest] {
        if old == leaves.count { return whole ? [] : [MerkleTree.root(of: leaves)] }
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        let left = leaves.prefix(half)
        let right = leaves.dropFirst(half)
        return old <= half
            ? proof(old, left, whole: whole) + [MerkleTree.root(of: right)]
            : proof(old - half, right, whole: false) + [MerkleTree.root(of: left)]
    }

    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g
        -----END PRIVATE KEY-----

        """
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Auction
import AuditBundle
import Glibc
import RoomStore
import Sealing
import SovereignPolicy
import Synchronization
import Testing
import TransparencyLog

@testable import CleanRoom

@Suite("A room and what its disk may not change")
struct RoomTests {
    private func failure(_ body: () throws -> Void) -> (code: String, exit: AtomicBase.ExitStatus)? {
        do {
            try body()
            return nil
        } catch let error as any ExplainedError {
            return (error.codeName, error.exit)
        } catch {
            Issue.record("unexplained: \(error)")
            return nil
        }
    }

    @Test("room.yaml with another recipient or name is refused, whoever only looks included")
    func tamperedConfiguration() throws {
        let fixture = try RoomFixture()
        try fixture.open().close()
        let file = fixture.path + "/room.yaml"
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        let thief = try AgeIdentity.generate().recipient.string
        for changed in [
            text.replacing(fixture.configuration.recipient, with: thief),
            text.replacing("name: \"ward-3\"", with: "name: \"ward-4\""),
        ] {
            try Files.writeDurably(Array(changed.utf8), to: file)
            let opened = failure { _ = try fixture.open() }
            #expect(opened?.code == "configuration" && opened?.exit == .unverified)
            let viewed = failure { _ = try RoomView(fixture.path) }
            #expect(viewed?.code == "configuration" && viewed?.exit == .unverified)
        }
        try Files.writeDurably(Array(text.utf8), to: file)
        try fixture.open().close()
    }

    @Test("A swapped statement key signs nothing")
    func swappedStatementKey() throws {
        let fixture = try RoomFixture()
        _ = try RoomView(fixture.path).trustFile()
        let key = try SigningKey.generate(.ed25519)
        // SAFETY: the bytes are copied into the file while they are lent.
        try unsafe key.pem().withBytes { bytes in
            // SAFETY: as above.
            try unsafe Files.writeDurably(Array(bytes), to: fixture.path + "/keys/statement.pem", mode: 0o600)
        }
        let trust = failure { _ = try RoomView(fixture.path).trustFile() }
        #expect(trust?.exit == .unverified)
        let bundle = failure { _ = try RoomView(fixture.path).exportBundle(to: fixture.directory + "/b") }
        #expect(bundle?.exit == .unverified)
    }

    @Test("init never writes over the keys of a room that lost its room.yaml")
    func keysAreKept() throws {
        let fixture = try RoomFixture()
        let keys = fixture.path + "/keys/recipient.age"
        let before = try Files.read(keys)
        try Files.remove(fixture.path + "/room.yaml")
        let again = failure { _ = try RoomCreation.create(at: fixture.path, name: "ward-3") }
        #expect(again?.code == "room-exists" && again?.exit == .usage)
        #expect(try Files.read(keys) == before)
    }

    @Test("A currency or key URI that room.yaml cannot hold is refused before anything is made")
    func unwritable() throws {
        let directory = "/tmp/atomic-room-test-" + Hex.encode(RandomBytes.make(8))
        for (currency, owner) in [("eur", nil), ("E: R", nil), ("EUR", "file:a\"\nowner: b")] {
            let made = failure {
                _ = try RoomCreation.create(at: directory, name: "w", currency: currency, owner: owner)
            }
            #expect(made?.exit == .usage)
            #expect(!Files.exists(directory))
        }
    }

    @Test("An edited state.db cannot put an older policy back; a deleted one is made again")
    func policyRollback() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let (first, firstEnvelope) = try fixture.policy(1)
        _ = try room.accept(policyEnvelope: firstEnvelope)
        _ = try room.accept(policyEnvelope: fixture.policy(2, previous: first).1)
        try room.close()
        // A third line that points back to the first policy.
        let store = try RoomStore(path: fixture.path + "/state.db")
        try store.follow(next: store.nextEntry()) {
            try $0.accepted(policy: 3, envelope: Digest.sha256(firstEnvelope).description, entry: 5)
        }
        let opened = failure { _ = try fixture.open() }
        #expect(opened?.code == "inconsistent" && opened?.exit == .unverified)
        for name in ["state.db", "state.db-wal", "state.db-shm"] { try Files.remove(fixture.path + "/" + name) }
        let again = try fixture.open()
        #expect(again.policy?.sequence == 2)
        try again.close()
    }

    @Test("Who only looks sees the jobs of a room whose state.db was deleted")
    func viewWithoutState() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        _ = try fixture.job("job-a", in: room)
        try room.close()
        for name in ["state.db", "state.db-wal", "state.db-shm"] { try Files.remove(fixture.path + "/" + name) }
        #expect(try RoomView(fixture.path).jobs().map(\.id) == ["job-a"])
    }

    @Test("An answer that is released and not yet placed outlives other jobs")
    func unplaced() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        _ = try room.accept(policyEnvelope: fixture.policy(1).1)
        let digest = try fixture.job("job-a", in: room)
        let (staged, stray) = (Digest.sha256([1, 2, 3]), Digest.sha256([4]))
        let decision = RecordedDecision(
            request: .init(
                action: "release", at: room.clock.wall(), model: nil, class: "pii", purpose: "support",
                requester: "desk-4", task: digest), outcome: "permit",
            kind: "permitted", rules: ["P2"])
        try room.record(
            all: [
                Event.OutputReleased(
                    input: digest, ciphertext: staged, bytes: 3, review: false,
                    microtasks: [.init(id: "spam", state: .answered, model: "m")], decisions: [decision])
            ], files: [NamedFile(answer: [1, 2, 3]), NamedFile(answer: [4])], job: "job-a")
        _ = try fixture.job("job-b", in: room)
        #expect(try room.staged() == [staged])
        try room.outbox.clear(keeping: room.staged())
        let clearance = try room.clearance(class: "pii")
        try room.outbox.place(staged, at: fixture.directory + "/out/a.json.age", clearance)
        #expect(throws: RoomError.self) { try room.outbox.place(stray, at: fixture.directory + "/out/b", clearance) }
        try room.close()
    }

    @Test("The time that a crashed supervisor used counts, the time while none was there does not")
    func clocks() throws {
        let fixture = try RoomFixture()
        let now = Mutex<UInt64>(1_000)
        let clock = SystemClock(wall: SystemClock.real.wall, monotonic: { now.withLock { $0 } })
        var room = try fixture.open(clock: clock)
        let digest = try fixture.job("job-a", in: room)
        now.withLock { $0 = 4_000 }
        try room.record(Event.JobDecomposed(graph: digest, microtasks: 1), job: "job-a")
        try room.close()
        now.withLock { $0 = 900_000 }
        room = try fixture.open(clock: clock)
        #expect(try room.store.job("job-a")?.usedNs == 3_000)
        try room.record(Event.JobDecomposed(graph: digest, microtasks: 1), job: "job-a")
        now.withLock { $0 = 900_500 }
        try room.record(Event.JobDecomposed(graph: digest, microtasks: 1), job: "job-a")
        #expect(try room.store.job("job-a")?.usedNs == 3_500)
        try room.close()
    }

    @Test("Entries of other programs change nothing, whatever job they name")
    func outsideEntries() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        _ = try fixture.job("job-a", in: room)
        let before = try room.store.job("job-a")
        _ = try room.log.append([
            EntryDraft(
                type: "x.noise", actor: room.actor, job: "job-a", policy: 0,
                data: .object(["state": .string("released")]))
        ])
        try room.follow()
        #expect(try room.store.job("job-a") == before)
        try room.close()
    }

    @Test("An entry that this version cannot read says so with exit 4, not that the disk is at fault")
    func unreadableEntry() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        _ = try room.log.append([
            EntryDraft(type: Event.JobAccepted.type, actor: room.actor, job: "j", policy: 0, data: .object([:]))
        ])
        let followed = failure { try room.follow() }
        #expect(followed?.code == "inconsistent" && followed?.exit == .unverified)
        try room.log.close()
    }

    @Test("Who is listed without the role requester may not run a job", arguments: ["auditor", "requester"])
    func roles(role: String) throws {
        let fixture = try RoomFixture()
        let graph = Record.TaskGraph(
            name: "triage",
            microtasks: [.init(id: "spam", type: "spam", schema: .object([:]), needs: [], input: "message")])
        let digest = Digest.sha256(try CanonicalJSON.encode(graph))
        let policy = try fixture.policy(1, task: digest, roles: [role]).0
        let file = try JobFile(
            bytes: Array(
                """
                apiVersion: atomic/job/v1
                task: triage
                input: {sealed: ["*.age"]}
                class: pii
                purpose: support
                requester: desk-4
                budget: {cost: "0.05 EUR", wall: 30s}
                output: {dir: out/, seal: true}
                """.utf8), file: "job.yaml")
        let item = Record.Inputs.Item(
            index: 0, name: "a.eml", digest: digest, bytes: 1, label: digest, serial: 1, class: "pii", owner: "dpo")
        let request = try JobRequest(
            file: file, sealed: SealedInputs(inputs: .init(items: [item]), ciphertexts: [:], purposes: ["support"]),
            graph: graph, policy: policy, caller: getuid())
        let refusal = Admission.refusal(of: request, policy: policy, callerUID: request.caller, witnesses: [])
        #expect(refusal?.code == (role == "requester" ? nil : "role"))
    }
}

@Suite("What a budget pays for")
struct AffordedTimeTests {
    @Test("CPU time until a call has cost all that is left; free time is not limited, and nothing overflows")
    func afforded() throws {
        let prices = ModelPrices(call: 1_000_000, cpuSecond: 4_000_000_000, kibibyte: 0)
        #expect(prices.cpuNs(affordedBy: 1_000) == 0)
        #expect(prices.cpuNs(affordedBy: 0) == 0)
        #expect(prices.cpuNs(affordedBy: 5_000) == 1_000_000)
        #expect(prices.cpuNs(affordedBy: .max) != nil)
        #expect(ModelPrices(call: 5, cpuSecond: 0, kibibyte: 0).cpuNs(affordedBy: 1) == nil)
        let used = try prices.cost(of: MeteredUse(cpuNs: 1_000_000, latencyNs: 0, channelBytes: 0))
        #expect(used == 5_000)
    }
}

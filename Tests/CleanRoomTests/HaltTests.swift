// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import RoomStore
import Sealing
import SovereignPolicy
import Testing
import TransparencyLog

@testable import CleanRoom

@Suite("A halted room")
struct HaltTests {
    /// A room with a policy; its one key is its quorum.
    private func ruled() throws -> (RoomFixture, Room) {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        _ = try room.accept(policyEnvelope: fixture.policy(1).1)
        return (fixture, room)
    }

    private func signed(_ kind: StopStatement.Kind, _ fixture: RoomFixture) throws -> [UInt8] {
        try StopEnvelope.sign(StopOrder(room: fixture.path).statement(kind, reason: "a test"), by: fixture.owner)
    }

    @Test("lets nothing pass that permits, and everything that only tells; after the resume it goes on")
    func gate() throws {
        let (fixture, room) = try ruled()
        let halt = try signed(.halt, fixture)
        _ = try room.take(stop: halt)
        #expect(room.isHalted)
        #expect(failure { _ = try fixture.job("job-a", in: room) } == "halted")
        try room.record(Event.KeyCreated(purpose: "log", key: "k"))
        #expect(failure { try room.requireGoing() } == "halted")
        // Given twice, it is one halt.
        let size = room.log.size
        _ = try room.take(stop: halt)
        #expect(room.log.size == size)
        let resume = try signed(.resume, fixture)
        _ = try room.take(stop: resume)
        #expect(!room.isHalted)
        _ = try fixture.job("job-a", in: room)
        #expect(failure { _ = try room.take(stop: resume) } == "not-halted")
        #expect(failure { _ = try room.take(stop: halt) } == "replay")
        try room.close()
    }

    @Test("stays halted over restarts, with state.db and without it")
    func restart() throws {
        let (fixture, room) = try ruled()
        _ = try fixture.job("job-a", in: room)
        _ = try room.take(stop: signed(.halt, fixture))
        try room.close()
        #expect(try RoomView(fixture.path).job("job-a").state == "halted")
        for deleting in [false, true, false] {
            if deleting {
                for name in ["state.db", "state.db-wal", "state.db-shm"] { try Files.remove(fixture.path + "/" + name) }
            }
            let again = try fixture.open()
            #expect(again.isHalted)
            try again.close()
        }
        #expect(try RoomView(fixture.path).isHalted())
    }

    @Test("is not set going by an edited state.db")
    func editedState() throws {
        let (fixture, room) = try ruled()
        _ = try room.take(stop: signed(.halt, fixture))
        try room.close()
        try fixture.open().close()
        let store = try RoomStore(path: fixture.path + "/state.db")
        let next = try store.nextEntry()
        try store.follow(next: next) {
            try $0.stopped(kind: "resume", statement: Digest.sha256([1]).description, entry: next - 1)
        }
        #expect(failure { _ = try fixture.open() } == "inconsistent")
        for name in ["state.db", "state.db-wal", "state.db-shm"] { try Files.remove(fixture.path + "/" + name) }
        #expect(try fixture.open().isHalted)
    }

    @Test("was halted by what somebody left for it while nobody had it, before it says that it was opened")
    func dropped() throws {
        let (fixture, room) = try ruled()
        try room.close()
        let halt = try signed(.halt, fixture)
        let (_, digest) = try StopEnvelope.inspect(halt)
        let drop = StopDrop(directory: fixture.path + "/halt")
        try drop.put(halt, as: digest.hex)
        try drop.put(Array("no statement".utf8), as: "junk")
        let again = try fixture.open()
        #expect(again.isHalted)
        let entries = try again.log.reader().entries(in: again.log.size - 3..<again.log.size)
        #expect(entries.map(\.type) == ["halt", "policy.refused", "room.opened"])
        #expect(entries[2].data["halted"]?.boolValue == true)
        #expect(try drop.takeAnswer(digest.hex)?.entry == entries[0].seq)
        #expect(try drop.takeAnswer("junk")?.refusal?.code == "envelope")
        #expect(!drop.isWaiting(digest.hex) && !drop.isWaiting("junk"))
        try again.close()
    }

    @Test("stops what is at work, and lets nothing begin")
    func atWork() throws {
        let (fixture, room) = try ruled()
        let told = Shared<[String]>([])
        try room.working(stop: { error in told.change { $0.append(error.codeName) } }) {
            _ = try room.take(stop: signed(.halt, fixture))
        }
        #expect(told.locked { $0 } == ["halted"])
        #expect(failure { try room.working(stop: { _ in }) {} } == "halted")
        try room.close()
    }

    @Test("is reached by the statement while another has it open")
    func delivered() throws {
        let (fixture, room) = try ruled()
        let result = try StopOrder(room: fixture.path).deliver(signed(.halt, fixture), version: "test")
        #expect(room.isHalted)
        #expect(try room.log.reader().entry(result.entry).type == "halt")
        #expect(
            failure { _ = try StopOrder(room: fixture.path).deliver(signed(.halt, fixture), version: "test") } == nil)
        let stranger = try SigningKey.generate(.ed25519)
        let forged = try StopEnvelope.sign(
            StopOrder(room: fixture.path).statement(.resume, reason: nil), by: stranger)
        #expect(
            failure { _ = try StopOrder(room: fixture.path).deliver(forged, version: "test") } == "unknown-signer")
        #expect(room.isHalted)
        try room.close()
    }
}

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

@Suite("A restored room")
struct RestoreTests {
    /// A room as its copy has it, under policy 1; a checkpoint and policy 2 of what was lost.
    private struct Lost {
        let fixture: RoomFixture
        let checkpoint: [UInt8]
        let policy: [UInt8]

        init() throws {
            fixture = try RoomFixture()
            let room = try fixture.open()
            let (first, envelope) = try fixture.policy(1)
            _ = try room.accept(policyEnvelope: envelope)
            try room.close()
            try fixture.keepCopy()
            let again = try fixture.open()
            policy = try fixture.policy(2, previous: first, roles: ["auditor", "reviewer"]).1
            _ = try again.accept(policyEnvelope: policy)
            _ = try fixture.job("job-a", in: again)
            try again.close()
            checkpoint = try LogReader(room: fixture.path).checkpointNote
            try fixture.putBack()
        }

        func signed(newest: Bool = true, lost: [[UInt8]]? = nil) throws -> [UInt8] {
            try RestoreEnvelope.sign(
                RestoreOrder(room: fixture.path).statement(
                    reason: "a test", lost: lost ?? [checkpoint], newest: newest ? policy : nil), by: fixture.owner)
        }
    }

    @Test("permits nothing before the policy that was lost is accepted again, over restarts too")
    func waits() throws {
        let lost = try Lost()
        let signed = try lost.signed()
        var room = try lost.fixture.open()
        let result = try room.restore(signed)
        #expect(result.awaits == 2)
        #expect(failure { try room.requireGoing() } == "restored")
        #expect(failure { _ = try lost.fixture.job("job-b", in: room) } == "restored")
        try room.close()
        for name in ["state.db", "state.db-wal", "state.db-shm"] { try Files.remove(lost.fixture.path + "/" + name) }
        room = try lost.fixture.open()
        #expect(failure { try room.requireGoing() } == "restored")
        // Another second policy is a fork of what was lost.
        let policy = try #require(room.policy)
        let other = try lost.fixture.policy(2, previous: policy, roles: ["operator"]).1
        #expect(failure { _ = try room.accept(policyEnvelope: other) } == "fork")
        _ = try room.accept(policyEnvelope: lost.policy)
        try room.requireGoing()
        _ = try lost.fixture.job("job-b", in: room)
        try room.close()
        room = try lost.fixture.open()
        try room.requireGoing()
        try room.close()
    }

    @Test("without a newer policy goes on at once, and tells a lost checkpoint from a forged one")
    func lostCheckpoint() throws {
        let lost = try Lost()
        let head = try Checkpoint(text: SignedNote(bytes: lost.checkpoint).text)
        #expect(try RoomView(lost.fixture.path).restore(thatLost: head) == nil)
        let signed = try lost.signed(newest: false)
        let room = try lost.fixture.open()
        #expect(try room.restore(signed).awaits == nil)
        _ = try lost.fixture.job("job-b", in: room)
        try room.close()
        let found = try #require(try RoomView(lost.fixture.path).restore(thatLost: head))
        #expect(found.statement.reason == "a test")
        let other = Checkpoint(origin: head.origin, size: head.size, root: Digest.sha256([9]))
        #expect(try RoomView(lost.fixture.path).restore(thatLost: other) == nil)
    }

    @Test("takes no statement about another copy, nor one that is older than its work")
    func refusals() throws {
        let lost = try Lost()
        let signed = try lost.signed(newest: false)
        var room = try lost.fixture.open()
        _ = try lost.fixture.job("job-b", in: room)
        let size = room.log.size
        #expect(failure { _ = try room.restore(signed) } == "worked")
        #expect(room.log.size == size + 1, "the refusal, and nothing else")
        try room.close()
        // About the room as it is now it is good, once.
        let fresh = try lost.signed(newest: false)
        room = try lost.fixture.open()
        _ = try room.restore(fresh)
        #expect(failure { _ = try room.restore(fresh) } == "worked")
        try room.close()
        let other = try Lost()
        let twin = try other.signed(newest: false)
        room = try lost.fixture.open()
        #expect(failure { _ = try room.restore(twin) } == "unknown-signer")
        try room.close()
    }

    @Test("a checkpoint that is not lost, of another log, or damaged is no evidence")
    func evidence() throws {
        let lost = try Lost()
        _ = try lost.signed()
        let mine = try LogReader(room: lost.fixture.path).checkpointNote
        #expect(failure { _ = try lost.signed(lost: [mine]) } == "lost")
        #expect(failure { _ = try lost.signed(lost: [Lost().checkpoint]) } == "lost")
        var damaged = lost.checkpoint
        // In the root, which is the third line.
        let lines = damaged.split(separator: 0x0a, maxSplits: 3, omittingEmptySubsequences: false)
        damaged[lines[0].count + lines[1].count + 5] ^= 1
        #expect(failure { _ = try lost.signed(lost: [damaged]) } == "lost")
    }
}

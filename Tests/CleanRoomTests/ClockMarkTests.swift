// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import SovereignPolicy
import Testing

@testable import CleanRoom

@Suite("A clock that steps")
struct ClockMarkTests {
    private func decide(_ room: Room, at time: WallTime) throws -> RecordedDecision {
        let policy = try room.requirePolicy()
        return Decisions(
            policy: PolicyEvaluator(policy), label: DataLabel(class: "pii", owners: ["dpo"]), purpose: "support",
            requester: "desk-4", task: .sha256([1]), clock: ClockMark(store: room.store, policy: room.policy)
        ).decide("learn", model: nil, at: time).recorded
    }

    @Test(
        "steps back within the tolerance change nothing; behind a larger one every request says so, over a restart too")
    func steps() throws {
        let fixture = try RoomFixture()
        let wall = Shared(try #require(WallTime(rfc3339: "2090-01-01T12:00:00Z")))
        let clock = SystemClock(wall: { wall.locked { $0 } }, monotonic: SystemClock.real.monotonic)
        func step(_ nanoseconds: Int64) { wall.change { $0 = WallTime(nanoseconds: $0.nanoseconds + nanoseconds) } }
        var room = try fixture.open(clock: clock)
        _ = try room.accept(policyEnvelope: fixture.policy(1).1)
        #expect(try decide(room, at: clock.wall()).request.attributes.isEmpty)
        step(-5_000_000_000)
        #expect(try decide(room, at: clock.wall()).request.attributes.isEmpty)
        step(-1)
        #expect(try decide(room, at: clock.wall()).request.attributes == ["clock": .string("behind")])
        // Entries with an earlier time do not move what the log has seen; neither does a restart, nor a lost state.db.
        try room.record(Event.KeyCreated(purpose: "log", key: "k"))
        try room.close()
        for name in ["state.db", "state.db-wal", "state.db-shm"] { try Files.remove(fixture.path + "/" + name) }
        room = try fixture.open(clock: clock)
        #expect(try decide(room, at: clock.wall()).request.attributes == ["clock": .string("behind")])
        step(5_000_000_001)
        #expect(try decide(room, at: clock.wall()).request.attributes.isEmpty)
        try room.close()
    }
}

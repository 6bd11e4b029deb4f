// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import SovereignPolicy
import Testing
import TransparencyLog

@testable import CleanRoom

@Suite("What holds for an entry when it gets its place")
struct GateTests {
    private let event = Event.KeyCreated(purpose: "log", key: "k")

    @Test("a decision of an earlier policy is not recorded under the next; who decides again is")
    func moved() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let (first, envelope) = try fixture.policy(1)
        _ = try room.accept(policyEnvelope: envelope)
        try room.record(all: [event], decided: 1)
        _ = try room.accept(policyEnvelope: fixture.policy(2, previous: first).1)
        let size = room.log.size
        #expect(throws: PolicyMoved.self) { try room.record(all: [event], decided: 1) }
        #expect(room.log.size == size)
        var asked = 0
        let sequence = try room.admitting {
            asked += 1
            let sequence = asked == 1 ? 1 : room.gate.sequence
            try room.record(all: [event], decided: sequence)
            return sequence
        }
        #expect(sequence == 2 && asked == 2)
        try room.close()
    }

    @Test("from the place of its entry on a policy is in force, durable or not yet, and no entry names another")
    func order() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let (first, envelope) = try fixture.policy(1)
        _ = try room.accept(policyEnvelope: envelope)
        let (second, _) = try fixture.policy(2, previous: first)
        let ruling = try Ruling(second)
        let before = try room.enqueue([event])
        let turn = try room.enqueue(
            [Event.PolicyRefused(code: "test", envelope: .sha256([1]))], turn: { $0.ruling = ruling })
        let after = try room.enqueue([event], decided: 2)
        #expect(throws: PolicyMoved.self) { try room.enqueue([event], decided: 1) }
        let places = try [after, turn, before].map { try room.wait(for: $0).lowerBound }
        #expect(try places.map { try room.log.reader().entry($0).policy } == [2, 1, 1])
        try room.close()
    }

    @Test("many threads record while policies come into force: every entry names the policy of its place")
    func race() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        var (last, envelope) = try fixture.policy(1)
        _ = try room.accept(policyEnvelope: envelope)
        let failures = Shared<[String]>([])
        let threads = Threads()
        for _ in 0..<4 {
            try threads.start {
                for _ in 0..<40 {
                    do {
                        try room.admitting {
                            let sequence = room.gate.sequence
                            let place = try room.record(all: [event], decided: sequence).lowerBound
                            guard try room.log.reader().entry(place).policy == sequence else {
                                throw RoomError(.inconsistent, "entry \(place)", remedy: "")
                            }
                        }
                    } catch {
                        failures.locked { $0.append("\(error)") }
                    }
                }
            }
        }
        for sequence: Int64 in 2...6 {
            (last, envelope) = try fixture.policy(sequence, previous: last)
            _ = try room.accept(policyEnvelope: envelope)
        }
        threads.join()
        #expect(failures.locked { $0 } == [])
        var inForce: Int64 = 0
        for entry in try room.log.reader().entries(in: 0..<room.log.size) {
            #expect(entry.policy == inForce)
            if entry.type == Event.PolicyAccepted.type { inForce = entry.data["sequence"]?.integerValue ?? 0 }
        }
        #expect(inForce == 6)
        try room.close()
    }
}

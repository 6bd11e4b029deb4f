// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

@Suite("Signed halts and resumes") struct StopEnvelopeTests {
    let fixture: PolicyFixture
    let policy: SovereignPolicy
    let room = "atomic-room/ward-3/0a1b2c3d"

    init() throws {
        fixture = try #require(PolicyFixture.shared)
        policy = fixture.policy(emergencyStop: .init(threshold: 1, may: ["halt"]))
    }

    func code(_ code: String) -> PolicyError { PolicyError(.init(rawValue: code), "", remedy: "") }

    func statement(
        _ kind: StopStatement.Kind, _ course: StopCourse, under policy: SovereignPolicy? = nil, room: String? = nil
    ) throws -> StopStatement {
        let policy = policy ?? self.policy
        return StopStatement(
            kind: kind, room: room ?? self.room, policy: .init(sequence: policy.sequence, digest: try policy.digest),
            after: course.predecessor(of: kind), at: try #require(PolicyFixture.noon),
            nonce: Hex.encode(RandomBytes.make(16)), reason: "it leaks")
    }

    func examine(
        _ bytes: [UInt8], _ course: StopCourse = StopCourse(), under policy: SovereignPolicy? = nil
    ) throws -> StopEnvelope.Examined {
        try StopEnvelope.examine(bytes, room: room, policy: policy ?? self.policy, course: course)
    }

    /// A course with one halt, and that halt.
    func halted() throws -> (course: StopCourse, halt: [UInt8]) {
        var course = StopCourse()
        let halt = try StopEnvelope.sign(statement(.halt, course), by: fixture.security)
        course.follow(.halt, try examine(halt).digest)
        return (course, halt)
    }

    @Test("one key that may halt is enough for a halt, and not for a resume; the quorum resumes")
    func course() throws {
        var (course, _) = try halted()
        #expect(course.isHalted)
        let one = try StopEnvelope.sign(statement(.resume, course), by: fixture.security)
        #expect(throws: code("threshold")) { try examine(one, course) }
        let strangers = try StopEnvelope.add(by: fixture.director, to: one)
        #expect(throws: code("role")) { try examine(strangers, course) }
        let quorum = try StopEnvelope.add(by: fixture.officer, to: one)
        let examined = try examine(quorum, course)
        #expect(Set(examined.signers) == [fixture.security.publicKey, fixture.officer.publicKey])
        course.follow(.resume, examined.digest)
        #expect(!course.isHalted && course.resume == examined.digest)
    }

    @Test("an old halt does not stop a room that was resumed, and an old resume does not lift a newer halt")
    func replay() throws {
        var (course, halt) = try halted()
        let resume = try StopEnvelope.add(
            by: fixture.officer, to: StopEnvelope.sign(statement(.resume, course), by: fixture.security))
        course.follow(.resume, try examine(resume, course).digest)
        #expect(throws: code("replay")) { try examine(halt, course) }
        #expect(throws: code("not-halted")) { try examine(resume, course) }
        let second = try StopEnvelope.sign(statement(.halt, course), by: fixture.security)
        course.follow(.halt, try examine(second, course).digest)
        #expect(throws: code("replay")) { try examine(resume, course) }
        // Somebody else's halt while the room is halted counts, and the resume has to name it.
        let prepared = try statement(.resume, course)
        let third = try StopEnvelope.sign(statement(.halt, course), by: fixture.director)
        course.follow(.halt, try examine(third, course).digest)
        let blind = try StopEnvelope.add(by: fixture.officer, to: StopEnvelope.sign(prepared, by: fixture.security))
        #expect(throws: code("replay")) { try examine(blind, course) }
    }

    @Test("a stranger, another room, a changed byte, a second signature of one key: each is refused by its name")
    func refusals() throws {
        let course = StopCourse()
        let stranger = try StopEnvelope.sign(statement(.halt, course), by: fixture.stranger)
        #expect(throws: code("unknown-signer")) { try examine(stranger) }
        let elsewhere = try StopEnvelope.sign(statement(.halt, course, room: "other"), by: fixture.security)
        #expect(throws: code("other-room")) { try examine(elsewhere) }
        let good = try StopEnvelope.sign(statement(.halt, course), by: fixture.security)
        #expect(throws: code("duplicate-signer")) { try StopEnvelope.add(by: fixture.security, to: good) }
        var object = try #require(try JSONValue.parse(good).objectValue)
        let line = try #require(object["signatures"]?.arrayValue?.first?.objectValue)
        var forged = line
        forged["sig"] = .string(Base64.encode([UInt8](repeating: 1, count: 64)))
        object["signatures"] = .array([.object(forged)])
        #expect(throws: code("signature")) { try examine(JSONValue.object(object).canonical) }
        object["signatures"] = .array([.object(line), .object(line)])
        #expect(throws: code("duplicate-signer")) { try examine(JSONValue.object(object).canonical) }
        #expect(throws: code("envelope")) { try examine(good + [0x20]) }
        #expect(try examine(good).statement.reason == "it leaks")
    }

    @Test("who may revoke and not halt needs the quorum for a halt, and so does everybody without an emergency stop")
    func mayNot() throws {
        for stop in [nil, PolicyAuthority.EmergencyStop(threshold: 1, may: ["revoke"])] {
            let strict = fixture.policy(emergencyStop: stop)
            let one = try StopEnvelope.sign(
                statement(.halt, StopCourse(), under: strict), by: fixture.security)
            #expect(throws: code("may")) { try examine(one, under: strict) }
            let quorum = try StopEnvelope.add(by: fixture.officer, to: one)
            #expect(throws: Never.self) { try examine(quorum, under: strict) }
        }
        let two = fixture.policy(emergencyStop: .init(threshold: 2, may: ["halt"]))
        let one = try StopEnvelope.sign(statement(.halt, StopCourse(), under: two), by: fixture.security)
        #expect(throws: code("threshold")) { try examine(one, under: two) }
        let both = try StopEnvelope.add(by: fixture.director, to: one)
        #expect(throws: Never.self) { try examine(both, under: two) }
    }

    @Test("a halt outlives the policy under which it was signed, a resume does not")
    func policies() throws {
        let next = fixture.policy(
            sequence: 2, previous: try policy.digest, emergencyStop: .init(threshold: 1, may: ["halt"]))
        let halt = try StopEnvelope.sign(statement(.halt, StopCourse()), by: fixture.security)
        #expect(throws: Never.self) { try examine(halt, under: next) }
        let later = try StopEnvelope.sign(statement(.halt, StopCourse(), under: next), by: fixture.security)
        #expect(throws: code("other-policy")) { try examine(later) }
        let (course, _) = try halted()
        let resume = try StopEnvelope.add(
            by: fixture.officer, to: StopEnvelope.sign(statement(.resume, course), by: fixture.security))
        #expect(throws: code("other-policy")) { try examine(resume, course, under: next) }
        #expect(throws: Never.self) { try examine(resume, course) }
    }
}

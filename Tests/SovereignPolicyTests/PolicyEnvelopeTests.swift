// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

@Suite struct PolicyEnvelopeTests {
    let fixture: PolicyFixture
    let now: WallTime

    init() throws {
        fixture = try #require(PolicyFixture.shared)
        now = try #require(PolicyFixture.noon)
    }

    func code(_ code: String) -> PolicyError { PolicyError(.init(rawValue: code), "", remedy: "") }

    /// Signed by the data owner and the security officer, past every check of `sign`.
    func signed(_ policy: SovereignPolicy, security: Bool = true, owner: Bool = true) throws -> [UInt8] {
        var envelope = Envelope(payloadType: PolicyEnvelope.payloadType, payload: try policy.canonicalBytes)
        if owner { try envelope.addSignature(by: fixture.officer) }
        if security { try envelope.addSignature(by: fixture.security) }
        return try envelope.canonical()
    }

    @Test func aQuorumsPolicyIsAccepted() throws {
        let policy = fixture.policy()
        let one = try PolicyEnvelope.sign(policy, by: fixture.officer)
        let two = try PolicyEnvelope.add(by: fixture.director, to: one, of: policy)
        let accepted = try PolicyEnvelope.examine(two, previous: nil, now: now)
        #expect(accepted.policy == policy)
        #expect(try accepted.digest == policy.digest)
        #expect(Set(accepted.signers) == [fixture.officer.publicKey, fixture.director.publicKey])
        #expect(accepted.signers.map(\.keyID) == accepted.signers.map(\.keyID).sorted())
    }

    /// What was accepted need not be looked over again before it decides; what was only looked at must be.
    @Test func aPolicyThatWasOnlyInspectedIsLookedOverBeforeItDecides() throws {
        let request = PolicyFixture.request()
        let sound = try signed(fixture.policy())
        for accepted in [
            try PolicyEnvelope.examine(sound, previous: nil, now: now), try PolicyEnvelope.inspect(sound),
        ] { #expect(PolicyEvaluator(accepted).decide(request).isPermitted) }
        let unsound = try signed(fixture.policy(rules: PolicyFixture.rules + PolicyFixture.rules))
        #expect(throws: code("policy")) { try PolicyEnvelope.examine(unsound, previous: nil, now: now) }
        let decision = PolicyEvaluator(try PolicyEnvelope.inspect(unsound)).decide(request)
        #expect(decision.kind == .error && decision.ruleIDs == ["policy"])
    }

    @Test func theNextPolicyIsAcceptedAfterTheOneItNames() throws {
        let first = fixture.policy()
        let second = fixture.policy(sequence: 2, previous: try first.digest)
        #expect(try PolicyEnvelope.verify(signed(second), previous: first, now: now) == second)
    }

    @Test func tooFewSignaturesAreRefused() throws {
        let one = try signed(fixture.policy(), security: false)
        #expect(throws: code("threshold")) { try PolicyEnvelope.verify(one, previous: nil, now: now) }
        let none = try signed(fixture.policy(), security: false, owner: false)
        #expect(throws: code("threshold")) { try PolicyEnvelope.verify(none, previous: nil, now: now) }
    }

    @Test func oneKeySigningTwiceIsRefused() throws {
        let policy = fixture.policy()
        let one = try signed(policy, security: false)
        #expect(throws: code("duplicate-signer")) { try PolicyEnvelope.add(by: fixture.officer, to: one) }
        // The same line twice, put together by hand.
        let value = try JSONValue.parse(one)
        var object = try #require(value.objectValue)
        let line = try #require(object["signatures"]?.arrayValue?.first)
        object["signatures"] = .array([line, line])
        let doubled = JSONValue.object(object).canonical
        #expect(throws: code("duplicate-signer")) { try PolicyEnvelope.verify(doubled, previous: nil, now: now) }
    }

    @Test func oneKeyUnderTwoRolesCountsOnce() throws {
        let members: [PolicyAuthority.Member] = [
            .init(id: "dpo", role: "data-owner", key: fixture.officer.publicKey),
            .init(id: "ciso", role: "security", key: fixture.officer.publicKey),
            .init(id: "mdir", role: "medical", key: fixture.director.publicKey),
        ]
        let policy = fixture.policy(members: members)
        #expect(policy.problems.isEmpty)
        let one = try PolicyEnvelope.sign(policy, by: fixture.officer)
        #expect(throws: code("threshold")) { try PolicyEnvelope.verify(one, previous: nil, now: now) }
        let two = try PolicyEnvelope.add(by: fixture.director, to: one)
        #expect(throws: Never.self) { try PolicyEnvelope.verify(two, previous: nil, now: now) }
    }

    @Test func aQuorumWithoutTheRequiredRoleIsRefused() throws {
        let policy = fixture.policy()
        let one = try PolicyEnvelope.sign(policy, by: fixture.security)
        let two = try PolicyEnvelope.add(by: fixture.director, to: one)
        #expect(throws: code("role")) { try PolicyEnvelope.verify(two, previous: nil, now: now) }
    }

    @Test func anUnknownSignerIsRefusedEvenBesideAQuorum() throws {
        let policy = fixture.policy()
        var envelope = try Envelope(canonical: signed(policy))
        try envelope.addSignature(by: fixture.stranger)
        let bytes = try envelope.canonical()
        #expect(throws: code("unknown-signer")) { try PolicyEnvelope.verify(bytes, previous: nil, now: now) }
        #expect(throws: code("signer-not-in-policy")) { try PolicyEnvelope.sign(policy, by: fixture.stranger) }
    }

    @Test func aSignatureOfAnotherPolicyIsRefused() throws {
        let other = try JSONValue.parse(signed(fixture.policy(threshold: 1)))
        var object = try #require(try JSONValue.parse(signed(fixture.policy())).objectValue)
        object["signatures"] = other["signatures"]
        let mixed = JSONValue.object(object).canonical
        #expect(throws: code("signature")) { try PolicyEnvelope.verify(mixed, previous: nil, now: now) }
    }

    @Test func anEarlierPolicyIsARollback() throws {
        let first = fixture.policy()
        let second = fixture.policy(sequence: 2, previous: try first.digest)
        #expect(throws: code("rollback")) { try PolicyEnvelope.verify(signed(first), previous: second, now: now) }
        #expect(throws: code("rollback")) { try PolicyEnvelope.verify(signed(second), previous: second, now: now) }
    }

    @Test func aSkippedSequenceIsAGap() throws {
        let first = fixture.policy()
        let third = fixture.policy(sequence: 3, previous: try first.digest)
        #expect(throws: code("gap")) { try PolicyEnvelope.verify(signed(third), previous: first, now: now) }
    }

    @Test func anotherPredecessorIsAFork() throws {
        let first = fixture.policy()
        let second = fixture.policy(sequence: 2, previous: Digest.sha256([0]))
        #expect(throws: code("fork")) { try PolicyEnvelope.verify(signed(second), previous: first, now: now) }
        let sibling = fixture.policy(sequence: 2, previous: try first.digest, expires: "2027-06-01T00:00:00Z")
        let ruling = fixture.policy(sequence: 2, previous: try first.digest)
        #expect(throws: code("fork")) { try PolicyEnvelope.verify(signed(sibling), previous: ruling, now: now) }
    }

    @Test func aRoomBeginsWithSequenceOne() throws {
        let second = fixture.policy(sequence: 2, previous: Digest.sha256([0]))
        #expect(throws: code("first")) { try PolicyEnvelope.verify(signed(second), previous: nil, now: now) }
    }

    @Test func validityIsChecked() throws {
        let early = fixture.policy(notBefore: "2026-11-22T00:00:00Z")
        #expect(throws: code("not-yet-valid")) { try PolicyEnvelope.verify(signed(early), previous: nil, now: now) }
        let late = fixture.policy(expires: "2026-11-21T12:00:00Z")
        #expect(throws: code("expired")) { try PolicyEnvelope.verify(signed(late), previous: nil, now: now) }
    }

    @Test func newKeysNeedTheOldAndTheNewQuorum() throws {
        let first = fixture.policy()
        let heirs: [PolicyAuthority.Member] = [
            .init(id: "dpo2", role: "data-owner", key: fixture.stranger.publicKey),
            .init(id: "mdir", role: "medical", key: fixture.director.publicKey),
        ]
        let second = fixture.policy(sequence: 2, previous: try first.digest, members: heirs)
        // The new quorum alone.
        var envelope = Envelope(payloadType: PolicyEnvelope.payloadType, payload: try second.canonicalBytes)
        try envelope.addSignature(by: fixture.stranger)
        try envelope.addSignature(by: fixture.director)
        let new = try envelope.canonical()
        #expect(throws: code("threshold")) { try PolicyEnvelope.verify(new, previous: first, now: now) }
        // The old quorum alone.
        let old = try signed(second)
        #expect(throws: code("threshold")) { try PolicyEnvelope.verify(old, previous: first, now: now) }
        // Both.
        try envelope.addSignature(by: fixture.officer)
        let both = try envelope.canonical()
        #expect(try PolicyEnvelope.verify(both, previous: first, now: now) == second)
    }

    @Test func anyChangedByteIsRefused() throws {
        let bytes = try signed(fixture.policy())
        #expect(throws: Never.self) { try PolicyEnvelope.verify(bytes, previous: nil, now: now) }
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[index] ^= 0x01
            #expect(throws: PolicyError.self, "byte \(index)") {
                try PolicyEnvelope.verify(changed, previous: nil, now: now)
            }
        }
        #expect(throws: code("envelope")) { try PolicyEnvelope.verify(bytes + [0x0a], previous: nil, now: now) }
    }

    @Test func anotherPayloadTypeIsRefused() throws {
        let policy = fixture.policy(threshold: 1)
        let envelope = try Envelope.sign(
            payloadType: "application/json", payload: policy.canonicalBytes, by: fixture.officer)
        let bytes = try envelope.canonical()
        #expect(throws: code("payload-type")) { try PolicyEnvelope.verify(bytes, previous: nil, now: now) }
    }

    @Test func aPayloadWithAnUnknownFieldIsRefused() throws {
        var object = try #require(try JSONValue.parse(fixture.policy(threshold: 1).canonicalBytes).objectValue)
        object["override"] = .bool(true)
        let envelope = try Envelope.sign(
            payloadType: PolicyEnvelope.payloadType, payload: JSONValue.object(object).canonical, by: fixture.officer)
        let bytes = try envelope.canonical()
        #expect(throws: code("payload")) { try PolicyEnvelope.verify(bytes, previous: nil, now: now) }
    }

    @Test func aKeyThatOwnsDataAndModelIsRefused() throws {
        let members: [PolicyAuthority.Member] = [
            .init(id: "a", role: "data-owner", key: fixture.officer.publicKey),
            .init(id: "b", role: "model-owner", key: fixture.officer.publicKey),
            .init(id: "c", role: "security", key: fixture.security.publicKey),
        ]
        let policy = fixture.policy(members: members)
        #expect(policy.problems.map(\.path) == [["authority", "keys", "1", "key"]])
        #expect(throws: code("policy")) { try PolicyEnvelope.verify(signed(policy), previous: nil, now: now) }
        #expect(throws: code("policy")) { try PolicyEnvelope.sign(policy, by: fixture.officer) }
    }

    @Test func aPolicyThatFailsItsTestsIsNotSigned() throws {
        let base = fixture.policy()
        let test = PolicyTest(name: "cloud may bid", given: PolicyFixture.request(model: "cloud"), expect: .permit)
        let policy = SovereignPolicy(
            metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses, models: base.models,
            rules: base.rules, tasks: base.tasks, requesters: base.requesters, auction: base.auction, tests: [test])
        #expect(policy.failedTests.map(\.index) == [0])
        #expect(throws: code("test")) { try PolicyEnvelope.sign(policy, by: fixture.officer) }
    }

    // MARK: - Tightening by those who may stop

    private let stop = PolicyAuthority.EmergencyStop(threshold: 1, may: ["halt", "revoke"])

    /// The next policy, signed by the security officer alone, who is no quorum.
    private func alone(
        _ first: SovereignPolicy, rules: [PolicyRule] = PolicyFixture.rules,
        classes: [String: DataClass] = PolicyFixture.classes, models: [String: PolicyModel] = PolicyFixture.models,
        members: [PolicyAuthority.Member]? = nil, expires: String = "2027-05-01T00:00:00Z", sequence: Int64 = 2,
        emergencyStop: PolicyAuthority.EmergencyStop? = nil
    ) throws -> SovereignPolicy {
        let next = fixture.policy(
            sequence: sequence, previous: try first.digest, expires: expires, members: members, rules: rules,
            classes: classes, models: models, emergencyStop: emergencyStop ?? first.authority.emergencyStop)
        return try PolicyEnvelope.verify(signed(next, owner: false), previous: first, now: now)
    }

    @Test func oneKeyMayTighten() throws {
        let first = fixture.policy(emergencyStop: stop)
        var fewer = PolicyFixture.models
        fewer["french"] = nil
        #expect(try alone(first, models: fewer).models["french"] == nil)
        _ = try alone(first, expires: "2026-12-01T00:00:00Z")
        let forbid = PolicyRule(id: "shut", effect: .forbid, actions: PolicyAction.all, classes: ["public"])
        _ = try alone(first, rules: PolicyFixture.rules + [forbid])
        var narrower = PolicyFixture.classes
        narrower["pii"] = DataClass(above: ["internal"], residency: ["DE"], purposes: ["treatment"])
        _ = try alone(first, classes: narrower)
    }

    @Test func oneKeyLoosensNothing() throws {
        let first = fixture.policy(emergencyStop: stop)
        func refused(_ what: String, _ body: () throws -> SovereignPolicy) {
            let error = #expect(throws: code("threshold")) { try body() }
            #expect(error?.message.contains(what) == true, "\(error?.message ?? "nothing")")
        }
        refused("bid of pii") {
            try alone(first, rules: PolicyFixture.rules.filter { $0.id != "F1" })
        }
        refused("metadata.expires") { try alone(first, expires: "2027-06-01T00:00:00Z") }
        var another = PolicyFixture.models
        another["local"] = PolicyFixture.model("another")
        refused("models.local.digest") { try alone(first, models: another) }
        refused("changes authority") { try alone(first, members: Array(fixture.members.dropLast())) }
        refused("changes authority") {
            try alone(first, emergencyStop: PolicyAuthority.EmergencyStop(threshold: 2, may: ["halt"]))
        }
        // What permits nothing to those who are listed today waits for the model that it was made for.
        let trap = PolicyRule(
            id: "trap", effect: .permit, actions: ["run"], classes: ["pii"], when: ["model.jurisdiction": ["AT"]])
        refused("not listed today") { try alone(first, rules: PolicyFixture.rules + [trap]) }
        // A mixture is not more than its worst part.
        var fewer = PolicyFixture.models
        fewer["french"] = nil
        refused("metadata.expires") { try alone(first, models: fewer, expires: "2027-06-01T00:00:00Z") }
    }

    @Test func whoMayTightenIsSaidByThePolicyThatRules() throws {
        var fewer = PolicyFixture.models
        fewer["french"] = nil
        let none = fixture.policy()
        #expect(throws: code("threshold")) { try alone(none, models: fewer) }
        let onlyHalt = fixture.policy(emergencyStop: PolicyAuthority.EmergencyStop(threshold: 1, may: ["halt"]))
        #expect(throws: code("threshold")) { try alone(onlyHalt, models: fewer) }
        let two = fixture.policy(emergencyStop: PolicyAuthority.EmergencyStop(threshold: 2, may: ["revoke"]))
        #expect(throws: code("threshold")) { try alone(two, models: fewer) }
        // And everything else still holds.
        let first = fixture.policy(emergencyStop: stop)
        #expect(throws: code("gap")) { try alone(first, models: fewer, sequence: 3) }
        let next = fixture.policy(sequence: 2, previous: try first.digest, models: fewer, emergencyStop: stop)
        var envelope = Envelope(payloadType: PolicyEnvelope.payloadType, payload: try next.canonicalBytes)
        try envelope.addSignature(by: fixture.stranger)
        let foreign = try envelope.canonical()
        #expect(throws: code("unknown-signer")) {
            try PolicyEnvelope.verify(foreign, previous: first, now: now)
        }
        #expect(throws: code("threshold"), "a first policy tightens nothing") {
            try PolicyEnvelope.verify(
                signed(fixture.policy(emergencyStop: stop), owner: false), previous: nil, now: now)
        }
    }
}

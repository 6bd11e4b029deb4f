// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

@testable import AuditBundle

@Suite("Answers in front of their reviewers") struct AirlockTests {
    static let held = Digest.sha256([9])

    private static func queued(_ approvals: Int64 = 2) -> Event.AirlockQueued {
        .init(
            input: InputStory.input, held: held, bytes: 3, approvals: approvals, canaries: "pass",
            microtasks: InputStory.results, decisions: ["a", "b"].map { InputStory.decision("release", $0) })
    }

    private static func word(_ reviewer: String, _ verdict: String = "approve", held: Digest = held)
        -> Event.AirlockDecided
    {
        .init(input: InputStory.input, held: held, reviewer: reviewer, verdict: verdict, reason: "seen")
    }

    private static func withheld(_ code: String, _ decision: RecordedDecision? = nil) -> Event.OutputWithheld {
        .init(input: InputStory.input, code: code, decision: decision, microtasks: InputStory.results)
    }

    private func waiting(_ reviewers: String...) throws -> InputStory {
        var story = InputStory()
        try story.whole()
        try story.path.queue(Self.queued())
        for reviewer in reviewers { try story.path.decide(Self.word(reviewer)) }
        return story
    }

    private func refuse(
        _ reason: String, _ story: InputStory, _ location: SourceLocation = #_sourceLocation,
        _ illegal: (inout InputStory) throws(Illegal) -> Void
    ) {
        var story = story
        do throws(Illegal) {
            try illegal(&story)
            Issue.record("let through", sourceLocation: location)
        } catch {
            #expect(error.reason.contains(reason), "\(error.reason)", sourceLocation: location)
        }
    }

    @Test("leave with enough approvals, and wait through a crash") func control() throws {
        var story = try waiting("one")
        story.crash()
        try story.path.decide(Self.word("two"))
        try story.release()
        #expect(story.path.outcome == .released(response: InputStory.answer, review: true))
    }

    @Test("stay for a rejection, a denial or outdated checks, and for nothing else") func staying() throws {
        var story = try waiting("one")
        try story.path.decide(Self.word("two", "reject"))
        refuse("that a reviewer rejected", story) { s throws(Illegal) in try s.release() }
        refuse("that was rejected", story) { s throws(Illegal) in try s.path.decide(Self.word("three")) }
        refuse("another reason", story) { s throws(Illegal) in try s.path.withhold(Self.withheld("checks-outdated")) }
        try story.path.withhold(Self.withheld("review-rejected"))
        #expect(story.path.outcome == .withheld(code: "review-rejected", denied: true))

        let approved = try waiting("one", "two")
        refuse("another reason", approved) { s throws(Illegal) in
            try s.path.withhold(Self.withheld("review-rejected"))
        }
        var denied = approved
        try denied.path.withhold(Self.withheld("release-denied", InputStory.decision("release", "a", "deny")))
        #expect(denied.path.outcome == .withheld(code: "release-denied", denied: true))
        var outdated = approved
        try outdated.path.withhold(Self.withheld("checks-outdated"))
        #expect(outdated.path.outcome == .withheld(code: "checks-outdated", denied: false))
    }

    @Test("do not leave for too few, for one twice, or for another answer") func refusals() throws {
        refuse("1 of 2 approvals", try waiting("one")) { s throws(Illegal) in try s.release() }
        refuse("decided twice", try waiting("one")) { s throws(Illegal) in try s.path.decide(Self.word("one")) }
        refuse("that does not wait", try waiting()) { s throws(Illegal) in
            try s.path.decide(Self.word("one", held: .sha256([8])))
        }
        refuse("no verdict", try waiting()) { s throws(Illegal) in try s.path.decide(Self.word("one", "perhaps")) }
        refuse("twice", try waiting()) { s throws(Illegal) in try s.path.queue(Self.queued()) }
        refuse("in the airlock", try waiting()) { s throws(Illegal) in try s.auction("spam", "a") }
        var left = try waiting("one", "two")
        try left.release()
        refuse("after the answer was released", left) {
            s throws(Illegal) in try s.release()
        }
        var other = InputStory.results
        other[0] = .init(id: "spam", state: .failed, code: "oversize")
        refuse("another answer", try waiting("one", "two")) { s throws(Illegal) in try s.release(other, models: ["b"]) }
        var story = InputStory()
        try story.whole()
        refuse("does not wait", story) { s throws(Illegal) in try s.path.decide(Self.word("one")) }
        refuse("waits for nobody", story) { s throws(Illegal) in try s.path.queue(Self.queued(0)) }
    }

    @Test("are decided by reviewers who are not the requester, each in person") func persons() throws {
        let key = try SigningKey.generate(.ed25519)
        let other = try SigningKey.generate(.ed25519)
        func person(_ recipient: String, uid: Int64? = nil, key: PublicKey? = nil, _ roles: [String]) -> PolicyRequester
        {
            PolicyRequester(recipient: recipient, uid: uid, key: key, roles: roles)
        }
        let policy = SovereignPolicy(
            metadata: .init(
                id: "p", sequence: 1, previous: nil, notBefore: WallTime(nanoseconds: 0),
                expires: WallTime(nanoseconds: 1)),
            authority: .init(threshold: 1, keys: [], requireRoles: []), dataClasses: ["pii": DataClass()], models: [:],
            rules: [], tasks: [:],
            requesters: [
                "desk": person("age1desk", uid: 4, ["requester", "reviewer"]),
                "desk-again": person("age1other", uid: 4, ["reviewer"]),
                "mailbox": person("age1desk", uid: 9, ["reviewer"]),
                "signer": person("age1s", key: key.publicKey, ["reviewer"]),
                "signer-again": person("age1t", key: key.publicKey, ["reviewer"]),
                "local": person("age1l", uid: 7, ["reviewer"]), "clerk": person("age1c", uid: 8, ["auditor"]),
            ],
            auction: .init(weights: .init(quality: 1, price: 0, latency: 0), explorationFloor: 0, minBids: 1))
        func fault(
            _ name: String, uid: Int64? = nil, by sign: ((AirlockStatement) throws -> String)? = nil,
            of room: String = "room",
            after approvals: [String] = []
        ) throws -> String? {
            var event = Self.word(name)
            event.uid = uid
            let statement = AirlockStatement(room: "room", job: "job", event)
            event.signature = try sign?(AirlockStatement(room: room, job: "job", event))
            return AirlockCheck.fault(of: event, statement, after: approvals, ("desk", "age1desk"), policy)
        }
        #expect(try fault("signer", by: { try $0.sign(by: key) }) == nil)
        #expect(try fault("local", uid: 7) == nil)
        #expect(try fault("local", uid: 7, after: ["signer"]) == nil)
        for name in ["desk", "desk-again", "mailbox", "clerk", "nobody"] {
            #expect(try fault(name, uid: policy.requesters[name]?.uid)?.contains("no reviewer") == true, "\(name)")
        }
        #expect(try fault("signer") == "and did not sign that")
        #expect(try fault("signer", by: { try $0.sign(by: other) }) == "and did not sign that")
        #expect(try fault("signer", by: { try $0.sign(by: key) }, of: "another room") == "and did not sign that")
        #expect(try fault("signer", uid: 7, by: { try $0.sign(by: key) }) == "and did not sign that")
        #expect(try fault("local", uid: 8)?.contains("somebody else") == true)
        #expect(try fault("local")?.contains("somebody else") == true)
        #expect(try fault("signer-again", by: { try $0.sign(by: key) }, after: ["signer"]) == "who had decided before")
        #expect(AirlockCheck.counting(["signer", "gone", "desk"], ("desk", "age1desk"), policy) == 1)
    }

    @Test("have a reason that a terminal shows as it is", arguments: ["", " ", "two\nlines", "\u{1b}[31mred"])
    func reasons(_ reason: String) {
        #expect(!AirlockStatement.isReason(reason))
        #expect(AirlockStatement.isReason("names nobody, says Mrs. Ünal"))
        #expect(!AirlockStatement.isReason(String(repeating: "x", count: 501)))
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import SovereignPolicy
import Testing

/// One sentence of the policy's fine print: a request, and the kind and all determining rules that it must get.
struct FinePrint: Sendable, CustomTestStringConvertible {
    let name: String
    let request: PolicyRequest
    let kind: PolicyDecision.Kind
    let by: [String]

    init(_ name: String, _ request: PolicyRequest, _ kind: PolicyDecision.Kind, _ by: [String]) {
        self.name = name
        self.request = request
        self.kind = kind
        self.by = by
    }

    var testDescription: String { name }

    private static let passed: [String: AttributeValue] = ["output.check": .string("pass")]
    private static func ask(
        _ action: String = "bid", model: String? = "local", class: String? = "pii", purpose: String? = "treatment",
        at: WallTime? = PolicyFixture.noon, requester: String? = "desk-4", task: Digest? = PolicyFixture.task,
        _ attributes: [String: AttributeValue] = [:]
    ) -> PolicyRequest {
        PolicyFixture.request(
            action, model: model, class: `class`, purpose: purpose, at: at, requester: requester, task: task,
            attributes: attributes)
    }

    static let all: [FinePrint] = [
        .init("a permit permits", ask(), .permitted, ["P1"]),
        .init("run", ask("run"), .permitted, ["P1"]),
        .init("key release", ask("key-release"), .permitted, ["P1"]),
        .init("several values mean any", ask(purpose: "support"), .permitted, ["P1"]),
        .init("no rule says yes", ask(purpose: "marketing"), .notPermitted, []),
        .init("each action needs its own permit", ask("learn"), .notPermitted, []),
        .init("a permit does not reach below", ask(class: "internal"), .notPermitted, []),
        .init("a permit does not reach above", ask(class: "phi.genomic"), .notPermitted, []),
        .init("a forbid overrides a permit", ask(model: "cloud"), .forbidden, ["F1"]),
        .init(
            "a forbid reaches above, and all that says no is named", ask(model: "cloud", class: "phi.genomic"),
            .forbidden, ["residency:phi", "residency:phi.genomic", "F1"]),
        .init("a forbid does not reach below", ask(model: "cloud", class: "internal"), .notPermitted, []),
        .init("a forbid is for its actions only", ask("key-release", model: "cloud"), .permitted, ["P1"]),
        .init("clearance", ask(model: "low"), .forbidden, ["clearance"]),
        .init("clearance is the order, not the name", ask(model: "low", class: "logs"), .forbidden, ["clearance"]),
        .init("residency", ask(model: "french", class: "phi.genomic"), .forbidden, ["residency:phi.genomic"]),
        .init("residency admits", ask(model: "french", class: "phi"), .permitted, ["P1"]),
        .init("purpose", ask(class: "phi", purpose: "support"), .forbidden, ["purpose:phi"]),
        .init(
            "purpose binds classes above", ask(class: "phi.genomic", purpose: "support"), .forbidden,
            ["purpose:phi", "purpose:phi.genomic"]),
        .init(
            "before validity", ask(at: WallTime(rfc3339: "2026-10-31T23:59:59.999999999Z")), .forbidden,
            ["validity"]),
        .init("the first moment", ask(at: WallTime(rfc3339: "2026-11-01T00:00:00Z")), .permitted, ["P1"]),
        .init("the last moment", ask(at: WallTime(rfc3339: "2027-04-30T23:59:59.999999999Z")), .permitted, ["P1"]),
        .init("the end is outside", ask(at: WallTime(rfc3339: "2027-05-01T00:00:00Z")), .forbidden, ["validity"]),
        .init("no time", ask(at: nil), .error, ["at"]),
        .init("no time, and what else says no", ask(model: "cloud", at: nil), .error, ["at", "F1"]),
        .init("no model for an action that needs one", ask(model: nil), .error, ["model", "F1"]),
        .init("a release without a model", ask("release", model: nil, passed), .permitted, ["P2"]),
        .init("an unlisted model", ask("key-release", model: "unheard-of"), .notPermitted, ["models"]),
        .init("an unlisted model that a rule asks about", ask(model: "unheard-of"), .error, ["models", "F1"]),
        .init("an unlisted task", ask(task: Digest.sha256([1])), .notPermitted, ["tasks"]),
        .init("no task", ask(task: nil), .error, ["task"]),
        .init("an unlisted requester", ask(requester: "desk-5"), .notPermitted, ["requesters"]),
        .init("no requester", ask(requester: nil), .error, ["requester"]),
        .init(
            "an unlisted requester that a rule asks about", ask("release", requester: "desk-5", passed), .error,
            ["requesters", "F2"]),
        .init("a passed check", ask("release", passed), .permitted, ["P2"]),
        .init("a failed check", ask("release", ["output.check": .string("fail")]), .forbidden, ["F2"]),
        .init("no check: both rules that ask for it say so", ask("release"), .error, ["P2", "F2"]),
        .init(
            "a check that is no verdict", ask("release", ["output.check": .string("Pass")]), .error,
            ["output.check", "F2"]),
        .init(
            "a check of the wrong type", ask("release", ["output.check": .integer(1)]), .error,
            ["output.check", "P2", "F2"]),
        .init("an unknown attribute", ask("bid", ["model.vendor": .string("x")]), .error, ["model.vendor"]),
        .init(
            "an attribute that only the policy may set", ask("bid", ["model.deployment": .string("onprem")]), .error,
            ["model.deployment"]),
        .init(
            "too large an answer", ask("release", passed.merging(["output.bytes": .integer(4097)]) { $1 }),
            .forbidden, ["output:pii"]),
        .init(
            "an answer of the largest size", ask("release", passed.merging(["output.bytes": .integer(4096)]) { $1 }),
            .permitted, ["P2"]),
        .init(
            "a limit on size binds classes above",
            ask("release", class: "phi", passed.merging(["output.bytes": .integer(4097)]) { $1 }), .forbidden,
            ["output:pii"]),
        .init(
            "no purpose where a class asks for one", ask("release", class: "phi", purpose: nil, passed), .error,
            ["purpose"]),
        .init("no purpose where a rule asks for one", ask(purpose: nil), .error, ["P1"]),
        .init("unlabelled data has the top class", ask(class: nil), .notPermitted, []),
        .init(
            "the implicit top is above every clearance", ask(class: ClassLattice.implicitTop), .forbidden,
            ["clearance"]),
        .init("an unknown class", ask(class: "secret"), .error, ["class"]),
        .init("an unknown action", ask("peek"), .error, ["action"]),
    ]
}

@Suite struct FinePrintTests {
    @Test(arguments: FinePrint.all)
    func decidesAsThePageSays(_ line: FinePrint) throws {
        let policy = try #require(PolicyFixture.shared).policy()
        #expect(policy.problems.isEmpty)
        let decision = policy.decide(line.request)
        #expect(decision.kind == line.kind)
        #expect(decision.ruleIDs == line.by)
        #expect(decision.outcome == (line.kind == .permitted ? .permit : .deny))
        #expect(decision.policy == 1)
    }

    @Test func aDecisionCarriesTheReasonAndTheClause() throws {
        let policy = try #require(PolicyFixture.shared).policy()
        let rule = try #require(policy.decide(PolicyFixture.request(model: "cloud")).rules.first)
        #expect(rule.reason == "personal data never leaves the site")
        #expect(rule.clause == "when model.deployment: cloud")
        #expect(rule.effect == .forbid)
    }

    @Test func severalConditionsMeanAll() throws {
        let rule = PolicyRule(
            id: "P", effect: .permit, actions: ["bid"], classes: ["pii"],
            when: ["purpose": ["treatment"], "model.jurisdiction": ["DE"]])
        let policy = try #require(PolicyFixture.shared).policy(rules: [rule])
        #expect(policy.decide(PolicyFixture.request()).isPermitted)
        #expect(!policy.decide(PolicyFixture.request(model: "french")).isPermitted)
        #expect(!policy.decide(PolicyFixture.request(purpose: "support")).isPermitted)
    }

    @Test func everyAttributeOfTheVocabularyDecides() throws {
        let fixture = try #require(PolicyFixture.shared)
        let matching: [PolicyAttribute: String] = [
            .modelName: "local", .modelDeployment: "onprem", .modelJurisdiction: "DE", .modelIsolation: "process",
            .purpose: "treatment", .class: "pii", .requesterRoles: "requester", .task: "triage",
            .outputCheck: "pass", .outputBytes: "<= 100", .requesterName: "desk-4", .jobHours: "11:00-13:00 UTC",
            .jobDay: "sat UTC", .outputCanaries: "pass", .review: "airlock", .approvals: ">= 2",
        ]
        let other: [PolicyAttribute: String] = [
            .modelName: "french", .modelDeployment: "cloud", .modelJurisdiction: "FR", .modelIsolation: "tee",
            .purpose: "support", .class: "phi", .requesterRoles: "auditor", .outputCheck: "fail",
            .outputBytes: "> 100", .jobHours: "12:30-13:00 UTC", .jobDay: "sun UTC", .outputCanaries: "fail",
            .review: "none",
            .approvals: "< 2",
        ]
        let request = PolicyFixture.request(
            "release",
            attributes: [
                "output.check": .string("pass"), "output.bytes": .integer(100), "output.canaries": .string("pass"),
                "review": .string("airlock"), "approvals": .integer(2),
            ])
        for attribute in PolicyAttribute.allCases {
            let value = try #require(matching[attribute], "no value for \(attribute)")
            func permits(_ value: String) -> PolicyDecision.Kind {
                let rule = PolicyRule(
                    id: "P", effect: .permit, actions: ["release"], classes: ["pii"],
                    when: [attribute.rawValue: [value]])
                return fixture.policy(rules: [rule]).with(zones: ["UTC": TimeZoneOffsets(offset: 0)]).decide(request)
                    .kind
            }
            #expect(permits(value) == .permitted, "\(attribute.rawValue)")
            if let value = other[attribute] { #expect(permits(value) == .notPermitted, "\(attribute.rawValue)") }
        }
    }

    @Test func aPolicyWithAProblemDeniesEverything() throws {
        let broken = PolicyRule(id: "P", effect: .permit, actions: ["bid"], classes: ["pii", "nowhere"])
        let decision = try #require(PolicyFixture.shared).policy(rules: [broken]).decide(PolicyFixture.request())
        #expect(decision.kind == .error && decision.ruleIDs == ["policy"])
    }

    @Test func anExplanationMayLeaveRequesterAndTaskOpen() throws {
        let evaluator = PolicyEvaluator(try #require(PolicyFixture.shared).policy())
        #expect(evaluator.explain(PolicyFixture.request(requester: nil, task: nil)).isPermitted)
        #expect(!evaluator.decide(PolicyFixture.request(requester: nil, task: nil)).isPermitted)
        let release = PolicyFixture.request("release", requester: nil, attributes: ["output.check": .string("pass")])
        #expect(evaluator.explain(release).kind == .error)
    }

    @Test func limitsOfAClassAreTheSmallestOfAllBelow() throws {
        let policy = try #require(PolicyFixture.shared).policy()
        #expect(policy.maximumOutputBytes(of: "phi") == 4096)
        #expect(policy.maximumOutputBytes(of: "internal") == nil)
        #expect(policy.maximumOutputBytes(of: ClassLattice.implicitTop) == 4096)
    }
}

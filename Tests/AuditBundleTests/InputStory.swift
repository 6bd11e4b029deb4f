// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import SovereignPolicy
import Testing

@testable import AuditBundle

/// Tells the way of one input in few words: `spam` needs the message, `category` the parsed one and a sure answer of
/// `spam`, `reply` the answers and always a review.
struct InputStory {
    static let input = Digest.sha256([0])
    static let answer = Digest.sha256([1])
    static let model = Digest.sha256([2])
    static let spam = Digest.sha256(JSONValue.object(["title": .string("spam")]).canonical)

    static let graph = Record.TaskGraph(
        name: "triage", parser: "parser", featurizer: "vectors",
        microtasks: [
            .init(id: "spam", type: "spam", schema: schema("spam"), needs: [], input: "message"),
            .init(
                id: "category", type: "category", schema: schema("category"), needs: ["spam"], input: "parsed",
                when: [.init(microtask: "spam", path: ["spam"], anyOf: [.bool(false)])],
                review: .init(below: 600_000_000)),
            .init(
                id: "reply", type: "reply", schema: schema("reply"), needs: ["category"], input: "answers",
                when: [.init(microtask: "category", path: ["category"], anyOf: [.string("order")])],
                review: .init(always: true)),
        ])

    static func schema(_ id: String) -> JSONValue { .object(["title": .string(id)]) }

    var path = InputPathStateMachine(input: input, graph: graph)
    private var jails: [String: InputPathStateMachine.Jail] = [:]
    private var attempt: Int64 = 1

    static func decision(_ action: String, _ model: String?, _ outcome: String = "permit") -> RecordedDecision {
        RecordedDecision(
            request: .init(
                action: action, at: WallTime(nanoseconds: 0), model: model, class: "pii", purpose: "p",
                requester: "r", task: answer), outcome: outcome, kind: "permitted", rules: [])
    }

    mutating func auction(
        _ id: String, _ winner: String?, attempt: Int64? = nil, isTrial: Bool = false
    ) throws(Illegal) {
        try path.auction(
            id,
            .init(
                microtask: id, input: Self.input, attempt: attempt ?? self.attempt, at: WallTime(nanoseconds: 0),
                record: record(id, winner), winner: winner, bidders: 2, excluded: 0, trial: isTrial ? true : nil))
    }

    func record(_ id: String, _ winner: String?) -> Digest { Digest.sha256(Array("\(id) \(winner ?? "")".utf8)) }

    mutating func key(_ id: String, _ model: String, attempt: Int64? = nil) throws(Illegal) {
        try path.releaseKey(
            id,
            .init(
                microtask: id, input: Self.input, attempt: attempt ?? self.attempt,
                decision: Self.decision("key-release", model)))
    }

    mutating func deliver(
        _ id: String, _ model: String, _ jail: String, _ role: JailRole = .executor, used: Bool = false
    ) throws(Illegal) {
        try path.deliver(
            id,
            .init(
                jail: jail, microtask: id, input: Self.input, attempt: attempt, model: model,
                decision: Self.decision("run", model)),
            to: .init(name: jail, model: model, digest: Self.model, role: role, isUsed: used))
    }

    mutating func judge(
        _ id: String, _ model: String, _ jail: String, _ verdict: String = "valid", _ code: String? = nil,
        schema: Digest? = nil
    ) throws(Illegal) {
        try path.validate(
            id,
            .init(
                microtask: id, input: Self.input, model: model, jail: jail, verdict: verdict, code: code,
                schema: schema ?? TaskStep.schemaDigest(of: id) ?? Digest.sha256(Self.schema(id).canonical)))
    }

    mutating func pay(_ id: String, _ model: String, _ outcome: String = "valid", cost: Int64 = 5) throws(Illegal) {
        try path.settle(
            id,
            .init(
                microtask: id, input: Self.input, attempt: attempt, record: record(id, model), model: model,
                outcome: outcome, cost: cost, latencyNs: "7", cpuNs: "1", credits: 0))
    }

    mutating func crash() {
        path.interrupt()
        attempt = path.attempt
    }

    /// The parser and the featurizer, with the key that the parser needs.
    mutating func prepare(_ verdict: String = "valid", _ code: String? = nil) throws(Illegal) {
        try key("parse", "parser")
        try deliver("parse", "parser", "parser-\(attempt)", .parser)
        try judge("parse", "parser", "parser-\(attempt)", verdict, code)
        guard verdict == "valid" else { return }
        try deliver("features", "vectors", "vectors-\(attempt)", .featurizer)
        try judge("features", "vectors", "vectors-\(attempt)")
    }

    /// An auction and a call; `a` and `b` live for the whole job, so that they get the input once.
    mutating func run(
        _ id: String, _ model: String, _ verdict: String = "valid", _ code: String? = nil, again: Bool = false,
        isTrial: Bool = false
    ) throws(Illegal) {
        try auction(id, model, isTrial: isTrial)
        if !again { try deliver(id, model, "\(model)-\(attempt)") }
        try judge(id, model, "\(model)-\(attempt)", verdict, code)
        try pay(id, model, code ?? "valid")
    }

    /// Everything up to the outcome: sure about spam, unsure about the category, and a reply.
    mutating func whole() throws(Illegal) {
        try prepare()
        try run("spam", "a")
        try run("category", "b", "unsure", Verdict.lowConfidence)
        try run("category", "a", "rejected", "schema", again: true)
        try auction("category", nil)
        try run("reply", "b", again: true)
    }

    static let results: [Event.MicrotaskResult] = [
        .init(id: "spam", state: .answered, model: "a"),
        .init(id: "category", state: .unsure, model: "b", code: Verdict.lowConfidence),
        .init(id: "reply", state: .answered, model: "b"),
    ]

    mutating func release(
        _ results: [Event.MicrotaskResult] = results, review: Bool = true, models: [String] = ["a", "b"]
    ) throws(Illegal) {
        try path.release(
            .init(
                input: Self.input, ciphertext: Self.answer, bytes: 3, review: review, microtasks: results,
                decisions: models.map { Self.decision("release", $0) }))
    }

    mutating func withhold(_ results: [Event.MicrotaskResult]) throws(Illegal) {
        try path.withhold(.init(input: Self.input, microtasks: results))
    }
}

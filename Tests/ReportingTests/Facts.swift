// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Reporting

/// Runs to be summarised.
enum Sample {
    static func facts(_ microtasks: [String], _ messages: [JobFacts.Message]) -> JobFacts {
        JobFacts(
            heading: .init(
                job: "job-20261121-000000000000", digest: "sha256:00", state: "released", room: "ward-3",
                task: "email-triage",
                dataClass: "pii", purpose: "customer-support", requester: "desk-4", policy: 1, currency: "EUR",
                cost: 1_000,
                budget: 50_000, wallNs: 1_000_000_000, entries: 12...80, ended: "2026-11-21T10:00:00.000000000Z"),
            microtasks: microtasks, messages: messages, answers: [])
    }

    static func answer(
        _ message: Int, _ microtask: String, _ state: String, winner: String? = nil, bids: [String] = [],
        code: String? = nil,
        right: Bool? = nil, confidence: Int64? = nil
    ) -> JobFacts.Answer {
        var answer = JobFacts.Answer(message: message, microtask: microtask, state: state, code: code)
        answer.winner = winner
        answer.bids = bids.map { .init(model: $0, confidence: 970_000_000, price: 100) }
        answer.right = right
        answer.confidence = confidence
        return answer
    }

    static func attempt(
        _ message: Int, _ microtask: String, _ model: String, _ outcome: String = "valid", ms: Int64 = 2,
        cost: Int64 = 10
    ) -> JobFacts.Attempt {
        .init(
            message: message, microtask: microtask, model: model, outcome: outcome, cost: cost,
            latencyNs: ms * 1_000_000,
            cpuNs: ms * 500_000)
    }

    /// Four messages through two microtasks with everything that can happen.
    static var eventful: JobFacts {
        var facts = facts(
            ["spam", "category"],
            [
                .init(name: "a.eml", state: "released"), .init(name: "b.eml", state: "needs-review"),
                .init(name: "c.eml", state: "failed", code: "timeout"), .init(name: "d.eml", state: "released"),
            ])
        var excluding = answer(
            0, "spam", "answered", winner: "bayes", bids: ["bayes", "filter"], right: true, confidence: 900_000_000)
        excluding.exclusions = [.init(model: "oracle", kind: "forbidden", rules: ["F1"])]
        facts.answers = [
            excluding, answer(0, "category", "answered", winner: "rules", bids: ["rules"]),
            answer(
                1, "spam", "answered", winner: "filter", bids: ["bayes", "filter"], right: false,
                confidence: 800_000_000),
            answer(1, "category", "unsure", winner: "rules", bids: ["rules"], code: "low-confidence"),
            answer(2, "spam", "failed", bids: ["bayes", "filter"], code: "timeout"),
            answer(2, "category", "failed", code: "needs-failed"),
            answer(3, "spam", "answered", winner: "bayes", bids: ["bayes"], right: true, confidence: 950_000_000),
            answer(3, "category", "skipped"),
        ]
        facts.attempts = [
            attempt(0, "spam", "bayes", ms: 2), attempt(1, "spam", "bayes", "crashed", ms: 7),
            attempt(1, "spam", "filter", ms: 4),
            attempt(2, "spam", "bayes", "timeout", ms: 900), attempt(2, "spam", "filter", "timeout", ms: 950),
            attempt(3, "spam", "bayes", ms: 3), attempt(0, "category", "rules", ms: 1),
            attempt(1, "category", "rules", "low-confidence", ms: 1),
        ]
        facts.spans = [
            .init(model: "bayes", role: "executor", phase: "starting", startNs: 0, endNs: 100_000_000),
            .init(model: "bayes", role: "executor", phase: "working", startNs: 100_000_000, endNs: 400_000_000),
            .init(model: "filter", role: "executor", phase: "working", startNs: 300_000_000, endNs: 500_000_000),
            .init(model: "mail-parser", role: "parser", phase: "working", startNs: 700_000_000, endNs: 900_000_000),
        ]
        facts.processes = [
            .init(model: "bayes", role: "executor", cause: "exited", cpuNs: 5_000_000, peakBytes: 4_096),
            .init(model: "bayes", role: "executor", cause: "signal", cpuNs: 6_000_000, peakBytes: 8_192),
        ]
        return facts
    }
}

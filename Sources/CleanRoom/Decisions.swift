// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import SovereignPolicy

/// Asks the policy about one job's data, and keeps what was asked.
struct Decisions: Sendable {
    let policy: PolicyEvaluator
    let label: DataLabel
    let purpose: String
    let requester: String
    let task: Digest
    let clock: ClockMark

    /// One decision with its request, ready for an entry.
    func decide(
        _ action: String, model: String?, at time: WallTime, attributes: [String: AttributeValue] = [:]
    ) -> (decision: PolicyDecision, recorded: RecordedDecision) {
        let request = PolicyRequest(
            action: action, at: time, model: model, class: label.class, purpose: purpose, requester: requester,
            task: task, attributes: attributes.merging(clock.attributes(at: time)) { _, mark in mark })
        let decision = policy.decide(request)
        return (
            decision,
            RecordedDecision(
                request: request, outcome: decision.outcome.rawValue, kind: decision.kind.rawValue,
                rules: decision.ruleIDs)
        )
    }
}

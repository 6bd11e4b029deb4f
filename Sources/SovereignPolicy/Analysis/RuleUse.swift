// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What a rule contributes to the decisions of its policy, over all requests.
struct RuleUse: Equatable {
    /// It says something of some request.
    var says = false
    /// A permit: nothing forbids one of the requests. A forbid: a rule permits one of them.
    var counts = false
    /// For one of the requests no other rule says the same.
    var isNeeded = false
    /// It cannot be evaluated for one of the requests, which denies that.
    var errs = false

    /// For each rule of a policy, in their order.
    static func all(of policy: SovereignPolicy) -> [RuleUse] {
        let table = PolicyTable(policy)
        let space = RequestSpace([policy])
        var uses = policy.rules.map { _ in RuleUse() }
        for className in policy.dataClasses.keys.sorted() {
            for action in PolicyAction.all {
                for circumstance in space.circumstances(action, class: className) {
                    note(table.findings(circumstance.request), in: &uses)
                }
            }
        }
        return uses
    }

    /// The same whatever models, requesters and tasks will be listed; nil where those are too many kinds to look at.
    static func ever(of policy: SovereignPolicy) -> [RuleUse]? {
        EveryInventory([policy]).map { all(of: $0.replacing(policy)) }
    }

    private static func note(_ findings: PolicyTable.Findings, in uses: inout [RuleUse]) {
        for index in findings.erring { uses[index].errs = true }
        guard var permits = findings.verdicts.first?.models else { return }
        permits.subtract(permits)
        let none = permits
        // What exactly one rule says, and what more than one does; the language's own objections count like a rule.
        var morePermits = none
        var forbids = findings.objections
        var moreForbids = none
        for verdict in findings.verdicts {
            switch verdict.effect {
            case .permit:
                morePermits.formUnion(permits.intersection(verdict.models))
                permits.formUnion(verdict.models)
            case .forbid:
                moreForbids.formUnion(forbids.intersection(verdict.models))
                forbids.formUnion(verdict.models)
            }
        }
        for verdict in findings.verdicts {
            uses[verdict.index].says = true
            let counting =
                verdict.effect == .permit
                ? verdict.models.subtracting(forbids) : verdict.models.intersection(permits)
            guard !counting.isEmpty else { continue }
            uses[verdict.index].counts = true
            let alone =
                verdict.effect == .permit
                ? counting.subtracting(morePermits)
                : counting.subtracting(moreForbids).subtracting(findings.objections)
            if !alone.isEmpty { uses[verdict.index].isNeeded = true }
        }
    }
}

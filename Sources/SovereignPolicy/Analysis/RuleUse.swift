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

extension SovereignPolicy {
    /// Rules that contribute nothing whatever models, requesters and tasks there will be.
    var uselessRules: [PolicyProblem] {
        guard let inventory = EveryInventory([self]) else { return [] }
        return zip(rules.indices, RuleUse.all(of: inventory.replacing(self))).compactMap { index, use in
            let rule = rules[index]
            let place = ["rules", String(index)]
            if use.errs { return nil }
            switch rule.effect {
            case _ where !use.says:
                return PolicyProblem(
                    place, found: "\(rule.id) applies to no request, whatever models, requesters and tasks are listed",
                    allowed: "a rule whose conditions can hold together")
            case .permit where !use.counts:
                return PolicyProblem(
                    place, found: "\(rule.id) permits only what is forbidden, whatever is listed",
                    allowed: "a permit that some request needs")
            case .permit where !use.isNeeded:
                return PolicyProblem(
                    place, found: "\(rule.id) permits nothing that other rules do not permit, whatever is listed",
                    allowed: "a permit that some request needs")
            default: return nil
            }
        }
    }

    /// What is worth knowing of rules and is no mistake: what contributes nothing to today's decisions.
    public var notes: [PolicyProblem] {
        guard problemsOfDeciding.isEmpty else { return [] }
        guard let inventory = EveryInventory([self]) else {
            return [
                PolicyProblem(
                    ["rules"], found: "rules that name too many models to look at every inventory",
                    allowed: "them; what they contribute was not looked at")
            ]
        }
        let ever = RuleUse.all(of: inventory.replacing(self))
        let today = RuleUse.all(of: self)
        return rules.indices.compactMap { index in
            if ever[index].errs { return nil }
            let id = rules[index].id
            let place = ["rules", String(index)]
            switch rules[index].effect {
            case .permit where ever[index].isNeeded && !today[index].counts:
                return PolicyProblem(
                    place, found: "\(id) permits nothing to the models, requesters and tasks that are listed today",
                    allowed: "it, for those to come")
            case .permit where ever[index].isNeeded && !today[index].isNeeded:
                return PolicyProblem(
                    place, found: "\(id) permits nothing today that other rules do not permit",
                    allowed: "it, for models, requesters and tasks to come")
            case .forbid where ever[index].says && !ever[index].counts:
                return PolicyProblem(
                    place, found: "\(id) forbids nothing that a rule permits", allowed: "it, as a second lock")
            case .forbid where ever[index].counts && !ever[index].isNeeded:
                return PolicyProblem(
                    place, found: "\(id) forbids nothing that is not forbidden otherwise",
                    allowed: "it, as a second lock")
            default: return nil
            }
        }
    }
}

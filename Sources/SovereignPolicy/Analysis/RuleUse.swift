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
        zip(rules.indices, RuleUse.all(of: withEveryInventory)).compactMap { index, use in
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
        let ever = RuleUse.all(of: withEveryInventory)
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

    /// The same rules and classes with every kind of model, requester and task graph that rules can tell apart.
    private var withEveryInventory: SovereignPolicy {
        let conditions = rules.flatMap { [$0.when, $0.unless] }
        func mentioned(_ attribute: PolicyAttribute) -> [String] {
            Set(conditions.flatMap { $0[attribute.rawValue] ?? [] }).sorted()
        }
        func values(_ attribute: PolicyAttribute) -> [String] {
            guard case .oneOf(let all) = attribute.domain else { return [] }
            let named = mentioned(attribute)
            return named + all.filter { !named.contains($0) }.prefix(1)
        }
        let countries = Set(mentioned(.modelJurisdiction)).union(dataClasses.values.flatMap { $0.residency ?? [] })
        let elsewhere = ["XX", "XY", "XZ"].first { !countries.contains($0) }
        let below = Set(dataClasses.values.flatMap(\.above))
        let highest = dataClasses.keys.filter { !below.contains($0) }.sorted()
        let names = mentioned(.modelName)
        var inventory: [String: PolicyModel] = [:]
        var variants: [String: [String]] = [:]
        for name in names.map(Optional.some) + [nil] {
            for deployment in values(.modelDeployment) {
                for isolation in values(.modelIsolation) {
                    for jurisdiction in countries.sorted() + [elsewhere].compactMap({ $0 }) {
                        for maxClass in highest {
                            let variant = "m\(inventory.count)"
                            if let name { variants[name, default: []].append(variant) }
                            inventory[variant] = PolicyModel(
                                digest: Digest.sha256(Array(variant.utf8)), deployment: deployment,
                                jurisdiction: jurisdiction, maxClass: maxClass, isolation: isolation)
                        }
                    }
                }
            }
        }
        func renamed(_ conditions: [String: [String]]) -> [String: [String]] {
            var conditions = conditions
            conditions[PolicyAttribute.modelName.rawValue] = conditions[PolicyAttribute.modelName.rawValue].map {
                names in
                names.flatMap { variants[$0] ?? [] }
            }
            return conditions
        }
        let roles = mentioned(.requesterRoles)
        var everybody: [String: PolicyRequester] = [:]
        for number in 0..<1 << min(roles.count, 6) {
            everybody["r\(number)"] = PolicyRequester(
                recipient: "", roles: roles.enumerated().filter { number & 1 << $0.offset != 0 }.map(\.element))
        }
        var graphs = tasks
        graphs[RequestSpace.fresh("any-other-task", notOf: Set(tasks.keys))] = PolicyTask(
            digest: Digest.sha256(Array("any-other-task".utf8)))
        return SovereignPolicy(
            metadata: metadata, authority: authority, dataClasses: dataClasses, models: inventory,
            rules: rules.map { rule in
                PolicyRule(
                    id: rule.id, effect: rule.effect, actions: rule.actions, classes: rule.classes,
                    when: renamed(rule.when), unless: renamed(rule.unless))
            },
            outputs: outputs, tasks: graphs, requesters: everybody, auction: auction)
    }
}

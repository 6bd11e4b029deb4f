// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Every kind of model, requester and task graph that the rules of some policies can tell apart: what could be listed one day.
struct EveryInventory {
    private var models: [String: PolicyModel] = [:]
    private var requesters: [String: PolicyRequester] = [:]
    private var tasks: [String: PolicyTask] = [:]
    /// The models, and the requesters, that stand for a name that a condition mentions.
    private var variants: [PolicyAttribute: [String: [String]]] = [:]

    /// Above so many kinds of models the questions would take minutes.
    private static let mostModels = 4_096

    /// Nil where there are too many kinds of models to look at all of them.
    init?(_ policies: [SovereignPolicy]) {
        let conditions = policies.flatMap(\.conditions)
        func mentioned(_ attribute: PolicyAttribute) -> [String] {
            Set(conditions.flatMap { $0[attribute.rawValue] ?? [] }).sorted()
        }
        func values(_ attribute: PolicyAttribute) -> [String] {
            guard case .oneOf(let all) = attribute.domain else { return [] }
            let named = mentioned(attribute)
            return named + all.filter { !named.contains($0) }.prefix(1)
        }
        let classes = policies.flatMap(\.dataClasses)
        let below = Set(classes.flatMap(\.value.above))
        let highest = Set(classes.map(\.key)).subtracting(below).sorted()
        var countries = Set(mentioned(.modelJurisdiction)).union(classes.flatMap { $0.value.residency ?? [] })
        // User-assigned codes of ISO 3166-1: no law of any country.
        if let elsewhere = ["XX", "XY", "XZ"].first(where: { !countries.contains($0) }) { countries.insert(elsewhere) }
        let names = mentioned(.modelName).map(Optional.some) + [nil]
        let deployments = values(.modelDeployment)
        // No policy of this version can list a model of the tier that no room can give.
        let isolations = values(.modelIsolation).filter { $0 != PolicyModel.isolationToCome }
        guard names.count * deployments.count * isolations.count * countries.count * highest.count <= Self.mostModels
        else { return nil }
        for name in names {
            for deployment in deployments {
                for isolation in isolations {
                    for jurisdiction in countries.sorted() {
                        for maxClass in highest {
                            let variant = "m\(models.count)"
                            if let name { variants[.modelName, default: [:]][name, default: []].append(variant) }
                            models[variant] = PolicyModel(
                                digest: Digest.sha256(Array(variant.utf8)), deployment: deployment,
                                jurisdiction: jurisdiction, maxClass: maxClass, isolation: isolation)
                        }
                    }
                }
            }
        }
        let roles = mentioned(.requesterRoles)
        for name in mentioned(.requesterName).map(Optional.some) + [nil] {
            for number in 0..<1 << roles.count {
                let variant = "r\(requesters.count)"
                if let name { variants[.requesterName, default: [:]][name, default: []].append(variant) }
                requesters[variant] = PolicyRequester(
                    recipient: "", roles: roles.enumerated().filter { number & 1 << $0.offset != 0 }.map(\.element))
            }
        }
        // A name of a task stands for the same graph in all of them: which one it is today is not the rules' affair.
        let graphs = Set(policies.flatMap(\.tasks.keys))
        for name in graphs.union([RequestSpace.fresh("any-other-task", notOf: graphs)]) {
            tasks[name] = PolicyTask(digest: Digest.sha256(Array(name.utf8)))
        }
    }

    /// The rules and classes of one of the policies, with this inventory.
    func replacing(_ policy: SovereignPolicy) -> SovereignPolicy {
        func renamed(_ conditions: [String: [String]]) -> [String: [String]] {
            var conditions = conditions
            for (attribute, names) in variants {
                let key = attribute.rawValue
                conditions[key] = conditions[key].map { $0.flatMap { names[$0] ?? [] } }
            }
            return conditions
        }
        var replaced = policy
        replaced.rules = policy.rules.map { rule in
            PolicyRule(
                id: rule.id, effect: rule.effect, actions: rule.actions, classes: rule.classes,
                when: renamed(rule.when), unless: renamed(rule.unless))
        }
        replaced.invariants = policy.invariants?.map { PolicyInvariant(name: $0.name, never: renamed($0.never)) }
        // A class that only the other one has cannot be a clearance here.
        replaced.models = models.filter { policy.dataClasses[$0.value.maxClass] != nil }
        replaced.tasks = tasks
        replaced.requesters = requesters
        replaced.tests = []
        return replaced
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// One request of each kind that some policies can tell apart. Every attribute has finitely many values that a rule can name,
/// and all others are alike: what holds for these requests holds for all (`policy.md`: questions by enumeration).
struct RequestSpace {
    /// Values that no rule tells apart, and one of them.
    struct Kind<Value: Sendable>: Sendable {
        let value: Value
        /// Names of all of them.
        let names: [String]
    }

    /// Those that a rule or a class names, and last one that none does.
    let purposes: [String]
    /// Requesters with the same roles in each policy.
    let requesters: [Kind<String>]
    /// Task graphs that the same conditions name.
    let tasks: [Kind<Digest>]
    /// What the checks of an answer say: the verdict, and sizes at and just above every limit.
    let outputs: [[String: AttributeValue]]

    init(_ policies: [SovereignPolicy]) {
        var purposes: Set<String> = []
        var sizes: Set<Int64> = [0]
        for policy in policies {
            for rule in policy.rules {
                for conditions in [rule.when, rule.unless] {
                    purposes.formUnion(conditions[PolicyAttribute.purpose.rawValue] ?? [])
                    for text in conditions[PolicyAttribute.outputBytes.rawValue] ?? [] {
                        sizes.formUnion(Comparison(text).map { [$0.bound, $0.bound &+ 1] } ?? [])
                    }
                }
            }
            for dataClass in policy.dataClasses.values { purposes.formUnion(dataClass.purposes ?? []) }
            for limit in policy.outputs.values { sizes.formUnion([limit.maxBytes, limit.maxBytes &+ 1]) }
        }
        self.purposes = purposes.sorted() + [Self.fresh("any-other-purpose", notOf: purposes)]
        outputs = ["pass", "fail"].flatMap { verdict in
            sizes.filter { $0 >= 0 }.sorted().map {
                [
                    PolicyAttribute.outputCheck.rawValue: .string(verdict),
                    PolicyAttribute.outputBytes.rawValue: .integer($0),
                ]
            }
        }
        requesters = Self.kinds(
            Set(policies.flatMap(\.requesters.keys)).sorted().map { name in
                (name, name, policies.map { $0.requesters[name].map { Set($0.roles) } })
            })
        let conditions = policies.map { policy in
            Set(
                policy.rules.flatMap { rule in
                    [rule.when, rule.unless].compactMap { $0[PolicyAttribute.task.rawValue] }
                })
        }
        var named: [Digest: String] = [:]
        for policy in policies {
            for (name, task) in policy.tasks.sorted(by: { $0.key > $1.key }) { named[task.digest] = name }
        }
        tasks = Self.kinds(
            named.sorted { ($0.value, $0.key.description) < ($1.value, $1.key.description) }.map { digest, name in
                let places = zip(policies, conditions).map { policy, conditions in
                    let own = Set(policy.tasks.filter { $0.value.digest == digest }.keys)
                    return (own.isEmpty ? nil : conditions.filter { !own.isDisjoint(with: $0) })
                }
                return (digest, name, places)
            })
    }

    /// All circumstances of an action on a class, complete but for time and model.
    func circumstances(_ action: String, class className: String) -> [Circumstance] {
        let attributes = action == PolicyAction.release ? outputs : [[:]]
        var found: [Circumstance] = []
        for purpose in purposes.indices {
            for requester in requesters.indices {
                for task in tasks.indices {
                    for attributes in attributes {
                        let request = PolicyRequest(
                            action: action, at: nil, class: className, purpose: purposes[purpose],
                            requester: requesters[requester].value, task: tasks[task].value, attributes: attributes)
                        found.append(
                            Circumstance(request: request, purpose: purpose, requester: requester, task: task))
                    }
                }
            }
        }
        return found
    }

    struct Circumstance {
        let request: PolicyRequest
        /// Places in the space.
        let purpose: Int
        let requester: Int
        let task: Int
    }

    private static func kinds<Value: Sendable, Mark: Hashable>(_ items: [(Value, String, Mark)]) -> [Kind<Value>] {
        var order: [Mark] = []
        var groups: [Mark: Kind<Value>] = [:]
        for (value, name, mark) in items {
            if let group = groups[mark] {
                groups[mark] = Kind(value: group.value, names: group.names + [name])
            } else {
                order.append(mark)
                groups[mark] = Kind(value: value, names: [name])
            }
        }
        return order.compactMap { groups[$0] }
    }

    static func fresh(_ name: String, notOf names: Set<String>) -> String {
        var fresh = name
        while names.contains(fresh) { fresh += "-1" }
        return fresh
    }
}

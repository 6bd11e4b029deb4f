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
    /// Requesters with the same roles in each policy, whom the same conditions name.
    let requesters: [Kind<String>]
    /// Task graphs that the same conditions name.
    let tasks: [Kind<Digest>]
    /// What is known of an answer: the verdict, sizes at and around every limit, and what else a rule asks about.
    let outputs: [[String: AttributeValue]]
    /// Times that no window of the policies tells apart, and whether each policy holds then.
    let times: [TimeKinds.Kind]

    init(_ policies: [SovereignPolicy]) {
        let conditions = policies.flatMap(\.conditions)
        func mentioned(_ attribute: PolicyAttribute) -> [String] { conditions.flatMap { $0[attribute.rawValue] ?? [] } }
        var purposes = Set(mentioned(.purpose))
        var sizes: Set<Int64> = [0]
        for policy in policies {
            for dataClass in policy.dataClasses.values { purposes.formUnion(dataClass.purposes ?? []) }
            for limit in policy.outputs.values { sizes.formUnion([limit.maxBytes, limit.maxBytes &+ 1]) }
        }
        self.purposes = purposes.sorted() + [Self.fresh("any-other-purpose", notOf: purposes)]
        outputs = Self.outputs(sizes, mentioned)
        times = TimeKinds(policies).kinds
        let named = policies.map { policy in
            Set(policy.conditions.compactMap { $0[PolicyAttribute.requesterName.rawValue] })
        }
        requesters = Self.kinds(
            Set(policies.flatMap(\.requesters.keys)).sorted().map { name in
                let marks = zip(policies, named).map { policy, named in
                    policy.requesters[name].map {
                        RequesterMark(roles: Set($0.roles), named: named.filter { $0.contains(name) })
                    }
                }
                return (name, name, marks)
            })
        let conditionsOfTasks = policies.map { policy in
            Set(policy.conditions.compactMap { $0[PolicyAttribute.task.rawValue] })
        }
        var graphs: [Digest: String] = [:]
        for policy in policies {
            for (name, task) in policy.tasks.sorted(by: { $0.key > $1.key }) { graphs[task.digest] = name }
        }
        tasks = Self.kinds(
            graphs.sorted { ($0.value, $0.key.description) < ($1.value, $1.key.description) }.map { digest, name in
                let places = zip(policies, conditionsOfTasks).map { policy, conditions in
                    let own = Set(policy.tasks.filter { $0.value.digest == digest }.keys)
                    return (own.isEmpty ? nil : conditions.filter { !own.isDisjoint(with: $0) })
                }
                return (digest, name, places)
            })
    }

    /// All that can be known of an answer and that matters: every value of what a rule asks about, else none.
    private static func outputs(_ sizes: Set<Int64>, _ mentioned: (PolicyAttribute) -> [String]) -> [[String:
        AttributeValue]]
    {
        func numbers(_ attribute: PolicyAttribute) -> [Int64] {
            mentioned(attribute).flatMap { Comparison($0)?.edges ?? [] }
        }
        func add(_ attribute: PolicyAttribute, _ values: [AttributeValue], to all: [[String: AttributeValue]])
            -> [[String: AttributeValue]]
        {
            values.isEmpty
                ? all
                : all.flatMap { known in
                    values.map { known.merging([attribute.rawValue: $0]) { $1 } }
                }
        }
        func texts(_ attribute: PolicyAttribute) -> [AttributeValue] {
            guard case .oneOf(let all) = attribute.domain, !mentioned(attribute).isEmpty else { return [] }
            return all.map(AttributeValue.string)
        }
        var all = add(.outputCheck, ["pass", "fail"].map(AttributeValue.string), to: [[:]])
        all = add(.outputBytes, sizes.union(numbers(.outputBytes)).sorted().map(AttributeValue.integer), to: all)
        all = add(.outputCanaries, texts(.outputCanaries), to: all)
        all = add(.review, texts(.review), to: all)
        return add(.approvals, Set(numbers(.approvals)).sorted().map(AttributeValue.integer), to: all)
    }

    /// All circumstances of an action on a class, complete but for the model.
    func circumstances(_ action: String, class className: String) -> [Circumstance] {
        let attributes = action == PolicyAction.release ? outputs : [[:]]
        var found: [Circumstance] = []
        for time in times.indices {
            for purpose in purposes.indices {
                for requester in requesters.indices {
                    for task in tasks.indices {
                        for attributes in attributes {
                            let request = PolicyRequest(
                                action: action, at: times[time].time, class: className, purpose: purposes[purpose],
                                requester: requesters[requester].value, task: tasks[task].value, attributes: attributes)
                            found.append(
                                Circumstance(
                                    request: request, time: time, purpose: purpose, requester: requester, task: task))
                        }
                    }
                }
            }
        }
        return found
    }

    struct Circumstance {
        let request: PolicyRequest
        /// Places in the space.
        let time: Int
        let purpose: Int
        let requester: Int
        let task: Int
    }

    /// What tells requesters apart.
    private struct RequesterMark: Hashable {
        let roles: Set<String>
        /// The conditions that name it.
        let named: Set<[String]>
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

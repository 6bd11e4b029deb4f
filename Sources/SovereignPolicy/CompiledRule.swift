// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What a request says and what the policy knows about its model and requester.
struct RequestFacts {
    let request: PolicyRequest
    let className: String
    let model: PolicyModel?
    let roles: [String]?

    init(_ request: PolicyRequest, _ className: String, _ policy: SovereignPolicy) {
        self.request = request
        self.className = className
        model = request.model.flatMap { policy.models[$0] }
        roles = request.requester.flatMap { policy.requesters[$0]?.roles }
    }
}

/// A rule with its names resolved once, so that a decision only compares.
struct CompiledRule: Sendable {
    private let id: String
    let effect: PolicyRule.Effect
    private let reason: String?
    private let clause: String?
    private let classes: [Int]
    let when: [CompiledCondition]
    let unless: [CompiledCondition]

    /// - Parameter policy: what names of tasks and zones stand for.
    init(_ rule: PolicyRule, _ lattice: ClassLattice, _ policy: SovereignPolicy) {
        func compile(_ conditions: [String: [String]]) -> [CompiledCondition] {
            conditions.sorted { $0.key < $1.key }.map { CompiledCondition($0.key, $0.value, policy) }
        }
        id = rule.id
        effect = rule.effect
        reason = rule.reason
        classes = rule.classes.compactMap { lattice.number($0) }
        when = compile(rule.when)
        unless = compile(rule.unless)
        clause = Self.clause(when: when, unless: unless)
    }

    /// The conditions as one line, for decisions; nil when there are none.
    private static func clause(when: [CompiledCondition], unless: [CompiledCondition]) -> String? {
        if when.isEmpty, unless.isEmpty { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(128)
        for (word, conditions) in [("when ", when), (when.isEmpty ? "unless " : ", unless ", unless)] {
            var before = word
            for condition in conditions {
                text += before.utf8
                text += condition.name.utf8
                text += ": ".utf8
                before = ""
                for value in condition.values {
                    text += before.utf8
                    text += value.utf8
                    before = " or "
                }
                before = " and "
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A forbid covers its classes and all above; a permit exactly its classes.
    func applies(to reach: ClassLattice.Reach) -> Bool {
        switch effect {
        case .permit: reach.number.map(classes.contains) ?? false
        case .forbid: classes.contains { reach.down[$0] }
        }
    }

    /// What an applicable rule says, or nil when its conditions do not hold. Looks at every condition before deciding
    /// anything, so that the order of conditions cannot hide a missing attribute.
    func determine(_ facts: RequestFacts) -> DeterminingRule? {
        var missing: [String] = []
        func holds(_ conditions: [CompiledCondition]) -> Bool {
            var all = true
            for condition in conditions {
                if let matches = condition.match(facts) {
                    all = all && matches
                } else {
                    missing.append(condition.name)
                }
            }
            return all
        }
        let applies = holds(when)
        let excepted = holds(unless) && !unless.isEmpty
        guard missing.isEmpty else {
            let names = Set(missing).sorted().joined(separator: ", ")
            return DeterminingRule(id: id, effect: .error, reason: reason, clause: "missing: \(names)")
        }
        guard applies, !excepted else { return nil }
        return DeterminingRule(
            id: id, effect: effect == .permit ? .permit : .forbid, reason: reason, clause: clause)
    }
}

/// One attribute and the values that satisfy it.
struct CompiledCondition: Sendable {
    let name: String
    let attribute: PolicyAttribute?
    let values: [String]
    private let tasks: [Digest]
    private let comparisons: [Comparison]
    /// With the offsets of their zones; nil where the policy lacks those of one.
    private let windows: [(window: TimeWindow, offsets: TimeZoneOffsets)]?

    init(_ name: String, _ values: [String], _ policy: SovereignPolicy) {
        self.name = name
        self.values = values
        attribute = PolicyAttribute.named(name)
        tasks = attribute == .task ? values.compactMap { policy.tasks[$0]?.digest } : []
        let isComparison = if case .comparison? = attribute?.domain { true } else { false }
        comparisons = isComparison ? values.compactMap { Comparison($0) } : []
        let windows = SovereignPolicy.windows(of: attribute, values)
        let known = windows.compactMap { window in policy.zones?[window.zone].map { (window, $0) } }
        self.windows = known.count == windows.count ? known : nil
    }

    /// Whether only the model matters to it.
    var isAboutModel: Bool {
        switch attribute {
        case .modelName, .modelDeployment, .modelJurisdiction, .modelIsolation: true
        default: false
        }
    }

    /// Whether the request has any of the values; nil when it does not have the attribute.
    func match(_ facts: RequestFacts) -> Bool? {
        guard let attribute else { return nil }
        let request = facts.request
        switch attribute {
        case .modelName: return facts.model == nil ? nil : request.model.map(values.contains)
        case .modelDeployment: return (facts.model?.deployment).map(values.contains)
        case .modelJurisdiction: return (facts.model?.jurisdiction).map(values.contains)
        case .modelIsolation: return (facts.model?.isolation).map(values.contains)
        case .purpose: return request.purpose.map(values.contains)
        case .class: return values.contains(facts.className)
        case .requesterName: return facts.roles == nil ? nil : request.requester.map(values.contains)
        case .requesterRoles: return facts.roles.map { $0.contains(where: values.contains) }
        case .task: return request.task.map(tasks.contains)
        case .jobHours, .jobDay:
            // Of a clock that stepped back nobody knows what time it is.
            guard let at = request.at, let windows, request.attributes[PolicyAttribute.clock] == nil else { return nil }
            return windows.contains { $0.window.contains(at, $0.offsets) }
        case .outputCheck, .outputCanaries, .review:
            guard case .string(let value)? = request.attributes[name] else { return nil }
            return values.contains(value)
        case .outputBytes, .approvals:
            guard case .integer(let number)? = request.attributes[name] else { return nil }
            return comparisons.contains { $0.holds(for: number) }
        }
    }
}

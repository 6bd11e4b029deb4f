// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What would have to be different for a denied request to be permitted.
public struct SmallestChange: Codable, Equatable, Sendable {
    /// An attribute with another value.
    public struct Edit: Codable, Equatable, Sendable {
        public let attribute: String
        /// Absent where the request has none.
        public let from: String?
        public let to: String
    }

    /// What to ask otherwise; empty when only the policy can be changed.
    public let request: [Edit]
    /// What to change in the policy; empty when the request can be asked otherwise.
    public let policy: [String]

    /// Whether it takes a quorum.
    public var loosens: Bool { !policy.isEmpty }
}

extension SovereignPolicy {
    /// The fewest attributes of a denied request that would have to be different, at most three; where that does not help, the
    /// parts of the policy that stand against it. The class of the data is taken as given.
    ///
    /// - Returns: nil for a request that is permitted, and where nothing short of another policy helps.
    public func smallestChange(for request: PolicyRequest) -> SmallestChange? {
        let evaluator = PolicyEvaluator(self)
        guard !evaluator.explain(request).isPermitted else { return nil }
        let choices = choices(for: request)
        for count in 1...3 where count < 3 || choices.count <= Self.mostChoicesOfThree {
            if let edits = Self.edits(count, of: request, from: choices[...], evaluator) {
                return SmallestChange(request: edits.map { $0.edit(of: request, in: self) }, policy: [])
            }
        }
        var needed: [String] = []
        var policy = self
        // What forbids hides what is not permitted: each round takes away what the last one showed.
        for _ in 0..<3 {
            let decision = PolicyEvaluator(policy).explain(request)
            if decision.isPermitted { return needed.isEmpty ? nil : SmallestChange(request: [], policy: needed) }
            guard decision.kind != .error, let next = policy.without(decision, for: request, &needed) else { break }
            policy = next
        }
        return needed.isEmpty ? nil : SmallestChange(request: [], policy: needed)
    }

    /// Above so many choices three at once would take seconds.
    private static let mostChoicesOfThree = 60

    /// The first so many choices, each of another attribute, with which the request is permitted.
    private static func edits(
        _ count: Int, of request: PolicyRequest, from choices: ArraySlice<Choice>, _ evaluator: PolicyEvaluator
    ) -> [Choice]? {
        for index in choices.indices {
            let changed = choices[index].applied(to: request)
            if count == 1 {
                if evaluator.explain(changed).isPermitted { return [choices[index]] }
                continue
            }
            let rest = choices[(index + 1)...].drop { $0.attribute == choices[index].attribute }
            if let others = edits(count - 1, of: changed, from: rest, evaluator) { return [choices[index]] + others }
        }
        return nil
    }

    /// One attribute of a request and a value that it could have.
    private enum Choice {
        case at(WallTime)
        case model(String)
        case purpose(String)
        case requester(String)
        case task(Digest)
        case output(PolicyAttribute, AttributeValue)

        var attribute: String {
            switch self {
            case .at: "at"
            case .model: "model"
            case .purpose: "purpose"
            case .requester: "requester"
            case .task: "task"
            case .output(let attribute, _): attribute.rawValue
            }
        }

        func applied(to request: PolicyRequest) -> PolicyRequest {
            var request = request
            switch self {
            case .at(let time): request.at = time
            case .model(let name): request.model = name
            case .purpose(let name): request.purpose = name
            case .requester(let name): request.requester = name
            case .task(let digest): request.task = digest
            case .output(let attribute, let value): request.attributes[attribute.rawValue] = value
            }
            return request
        }

        func edit(of request: PolicyRequest, in policy: SovereignPolicy) -> Edit {
            switch self {
            case .at(let time): Edit(attribute: attribute, from: request.at?.description, to: time.description)
            case .model(let name): Edit(attribute: attribute, from: request.model, to: name)
            case .purpose(let name): Edit(attribute: attribute, from: request.purpose, to: name)
            case .requester(let name): Edit(attribute: attribute, from: request.requester, to: name)
            case .task(let digest):
                Edit(
                    attribute: attribute, from: request.task.map { policy.taskName($0) ?? $0.description },
                    to: policy.taskName(digest) ?? digest.description)
            case .output(_, let value):
                Edit(
                    attribute: attribute, from: request.attributes[attribute]?.description, to: value.description)
            }
        }

        typealias Edit = SmallestChange.Edit
    }

    /// Those easy to have come first: another time, a better answer, another purpose, another model, another person.
    private func choices(for request: PolicyRequest) -> [Choice] {
        let space = RequestSpace([self])
        var found: [Choice] = []
        if space.times.count > 1 || request.at.map({ $0 < metadata.notBefore || $0 >= metadata.expires }) ?? true {
            found += space.times.map { .at($0.time) }
        }
        if request.action == PolicyAction.release {
            for attribute in PolicyAttribute.allCases where attribute.isOfRequest {
                let values = Set(space.outputs.compactMap { $0[attribute.rawValue] })
                found += values.sorted(by: Self.isBetter).map { .output(attribute, $0) }
            }
        }
        found += space.purposes.map(Choice.purpose)
        if PolicyTable.namesModel(request.action) { found += models.keys.sorted().map(Choice.model) }
        found += space.requesters.map { .requester($0.value) }
        return found + space.tasks.map { .task($0.value) }
    }

    /// Large numbers first, and `pass` before `fail`.
    private static func isBetter(_ one: AttributeValue, _ other: AttributeValue) -> Bool {
        switch (one, other) {
        case (.integer(let one), .integer(let other)): one > other
        case (.string("pass"), .string(let other)): other != "pass"
        case (.string(let one), .string(let other)): other != "pass" && one < other
        case (.integer, .string): true
        case (.string, .integer): false
        }
    }

    /// The policy without what spoke against a request, or with a permit where nothing did.
    private func without(_ decision: PolicyDecision, for request: PolicyRequest, _ needed: inout [String])
        -> SovereignPolicy?
    {
        let className = request.class ?? top
        guard let dataClass = dataClasses[className] else { return nil }
        var next = self
        next.tests = []
        next.invariants = nil
        if decision.rules.isEmpty {
            needed.append("rules: a permit of \(request.action) on \(className)")
            next.rules.append(
                PolicyRule(
                    id: RequestSpace.fresh("permit", notOf: Set(rules.map(\.id))), effect: .permit,
                    actions: [request.action], classes: [className]))
        }
        for rule in decision.rules {
            let parts = rule.id.split(separator: ":", maxSplits: 1).map(String.init)
            let about = parts.count == 2 ? dataClasses[parts[1]] : dataClass
            let model = request.model.flatMap { name in next.models[name].map { (name, $0) } }
            switch (rule.effect, parts[0]) {
            case (.unlisted, _):
                needed.append("\(rule.id): list what the request names")
                return nil
            case (.forbid, "validity") where !rules.contains { $0.id == rule.id }:
                needed.append("metadata: a policy that holds at that time")
                return nil
            case (.forbid, "clearance"):
                guard let (name, old) = model else { return nil }
                needed.append("models.\(name).maxClass: \(className)")
                next.models[name] = PolicyModel(
                    digest: old.digest, deployment: old.deployment, jurisdiction: old.jurisdiction,
                    maxClass: className, isolation: old.isolation, publisher: old.publisher)
            case (.forbid, "residency") where parts.count == 2:
                guard let (_, old) = model, let about else { return nil }
                needed.append("dataClasses.\(parts[1]).residency: \(old.jurisdiction) as well")
                next.dataClasses[parts[1]] = DataClass(
                    above: about.above, residency: (about.residency ?? []) + [old.jurisdiction],
                    purposes: next.dataClasses[parts[1]]?.purposes)
            case (.forbid, "purpose") where parts.count == 2:
                guard let purpose = request.purpose, let about else { return nil }
                needed.append("dataClasses.\(parts[1]).purposes: \(purpose) as well")
                next.dataClasses[parts[1]] = DataClass(
                    above: about.above, residency: next.dataClasses[parts[1]]?.residency,
                    purposes: (about.purposes ?? []) + [purpose])
            case (.forbid, "output") where parts.count == 2:
                guard case .integer(let bytes)? = request.attributes[PolicyAttribute.outputBytes.rawValue] else {
                    return nil
                }
                needed.append("outputs.\(parts[1]).maxBytes: \(bytes)")
                next.outputs[parts[1]] = nil
            case (.forbid, _):
                needed.append("rules: \(rule.id) must not forbid it")
                next.rules.removeAll { $0.id == rule.id }
            default: return nil
            }
        }
        return next
    }
}

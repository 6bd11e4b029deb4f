// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Decides requests against one policy. Pure and total: the same request gets the same decision everywhere, and what
/// cannot be evaluated is denied.
public struct PolicyEvaluator: Sendable {
    public let policy: SovereignPolicy
    private let lattice: ClassLattice
    private let bounds: ClassBounds
    private let rules: [CompiledRule]
    /// By action, then by the number of the data's class: the places of the rules that are about it.
    private let applicable: [String: [[Int]]]
    /// By action, those that hold for the implicit top: every forbid.
    private let applicableToTop: [String: [Int]]
    private let taskDigests: Set<Digest>
    /// Why the policy itself cannot be used, if so.
    private let defect: PolicyProblem?

    public init(_ policy: SovereignPolicy) { self.init(policy, defect: policy.problemsOfDeciding.first) }

    /// Of an envelope's policy, which was looked at already if the envelope was accepted.
    public init(_ accepted: PolicyEnvelope.Accepted) {
        self.init(accepted.policy, defect: accepted.isSound ? nil : accepted.policy.problemsOfDeciding.first)
    }

    private init(_ policy: SovereignPolicy, defect: PolicyProblem?) {
        self.policy = policy
        self.defect = defect
        let lattice = ClassLattice(policy.dataClasses)
        self.lattice = lattice
        bounds = ClassBounds(policy, lattice)
        taskDigests = Set(policy.tasks.values.map(\.digest))
        let rules = policy.rules.map { CompiledRule($0, lattice, policy) }
        self.rules = rules
        let reaches = lattice.reaches
        let top = lattice.reach(ClassLattice.implicitTop)
        let actions = PolicyAction.all
        var byClass = actions.map { _ in reaches.map { _ in [Int]() } }
        var ofTop = actions.map { _ in [Int]() }
        for (place, rule) in rules.enumerated() {
            let named = policy.rules[place].actions
            for number in actions.indices where named.contains(actions[number]) {
                for className in reaches.indices where rule.applies(to: reaches[className]) {
                    byClass[number][className].append(place)
                }
                if rule.applies(to: top) { ofTop[number].append(place) }
            }
        }
        applicable = Dictionary(uniqueKeysWithValues: zip(actions, byClass))
        applicableToTop = Dictionary(uniqueKeysWithValues: zip(actions, ofTop))
    }

    /// Decides a request that must say who asks and for which task.
    public func decide(_ request: PolicyRequest) -> PolicyDecision { decide(request, whole: true) }

    /// Decides a question about the policy, which may leave requester and task open: then only rules that refer to them
    /// miss them. Never used to allow anything.
    public func explain(_ request: PolicyRequest) -> PolicyDecision { decide(request, whole: false) }

    private func decide(_ request: PolicyRequest, whole: Bool) -> PolicyDecision {
        var findings = Findings()
        if let defect {
            findings.error("policy", "\(defect.path.joined(separator: "/")): \(defect.found)")
            return findings.decision(policy.sequence)
        }
        let className = request.class ?? lattice.top
        guard PolicyAction.all.contains(request.action), lattice.contains(className) else {
            let isAction = PolicyAction.all.contains(request.action)
            findings.error(isAction ? "class" : "action", "unknown \(isAction ? "class" : "action")")
            return findings.decision(policy.sequence)
        }
        checkForm(request, whole: whole, into: &findings)
        checkListed(request, into: &findings)
        checkBounds(request, className, into: &findings)
        let facts = RequestFacts(request, className, policy)
        let number = lattice.number(className)
        for place in (number.flatMap { applicable[request.action]?[$0] } ?? applicableToTop[request.action]) ?? [] {
            if let determining = rules[place].determine(facts) { findings.rules.append(determining) }
        }
        return findings.decision(policy.sequence)
    }

    /// What every request must say, and nothing that it must not.
    private func checkForm(_ request: PolicyRequest, whole: Bool, into findings: inout Findings) {
        if request.at == nil { findings.error("at", "the time of the decision is missing") }
        if request.model == nil, PolicyAction.needModel.contains(request.action) {
            findings.error("model", "the model is missing")
        }
        if whole, request.requester == nil { findings.error("requester", "the requester is missing") }
        if whole, request.task == nil { findings.error("task", "the task is missing") }
        for (name, value) in request.attributes.sorted(by: { $0.key < $1.key }) {
            if name == PolicyAttribute.clock {
                if value != .string(PolicyAttribute.clockBehind) { findings.error(name, "malformed value") }
                continue
            }
            guard let attribute = PolicyAttribute(rawValue: name), attribute.isOfRequest else {
                let known = PolicyAttribute(rawValue: name) != nil
                findings.error(name, known ? "comes from the policy, not from a request" : "unknown attribute")
                continue
            }
            if !attribute.admits(value) { findings.error(name, "malformed value") }
        }
    }

    private func checkListed(_ request: PolicyRequest, into findings: inout Findings) {
        if let model = request.model, policy.models[model] == nil {
            findings.unlisted("models", "the policy lists no such model")
        }
        if let task = request.task, !taskDigests.contains(task) {
            findings.unlisted("tasks", "the policy lists no such task graph")
        }
        if let requester = request.requester, policy.requesters[requester] == nil {
            findings.unlisted("requesters", "the policy lists no such requester")
        }
    }

    /// Validity, clearance, residency, purposes and sizes: limits that hold without a rule.
    private func checkBounds(_ request: PolicyRequest, _ className: String, into findings: inout Findings) {
        if let at = request.at, at < policy.metadata.notBefore || at >= policy.metadata.expires {
            findings.forbid("validity", "from \(policy.metadata.notBefore) until \(policy.metadata.expires)")
        }
        let model = request.model.flatMap { policy.models[$0] }
        if let model, !lattice.isAtOrBelow(className, model.maxClass) {
            findings.forbid("clearance", "\(className) is not at or below maxClass \(model.maxClass)")
        }
        for breach in bounds.breaches(by: request, about: className, model: model) {
            switch breach {
            case .residency(let name, let countries):
                let jurisdiction = model?.jurisdiction ?? ""
                findings.forbid("residency:\(name)", "\(jurisdiction) is not of \(countries.joined(separator: ", "))")
            case .purpose(let name, let purposes):
                findings.forbid("purpose:\(name)", "the purpose is not of \(purposes.joined(separator: ", "))")
            case .purposeIsMissing: findings.error("purpose", "the purpose is missing")
            case .size(let name, let most): findings.forbid("output:\(name)", "more than maxBytes \(most)")
            }
        }
    }
}

/// What a request met on its way.
private struct Findings {
    var rules: [DeterminingRule] = []

    mutating func error(_ id: String, _ clause: String) {
        guard !rules.contains(where: { $0.id == id && $0.effect == .error }) else { return }
        rules.append(DeterminingRule(id: id, effect: .error, clause: clause))
    }

    mutating func forbid(_ id: String, _ clause: String) {
        rules.append(DeterminingRule(id: id, effect: .forbid, clause: clause))
    }

    mutating func unlisted(_ id: String, _ clause: String) {
        rules.append(DeterminingRule(id: id, effect: .unlisted, clause: clause))
    }

    /// An error outweighs a forbid, a forbid what is unlisted, and only then a permit counts. The rules are all that
    /// speak against, or all that speak for.
    func decision(_ policy: Int64) -> PolicyDecision {
        let against = rules.filter { $0.effect != .permit }
        guard against.isEmpty, !rules.isEmpty else {
            let kind: PolicyDecision.Kind =
                if against.contains(where: { $0.effect == .error }) {
                    .error
                } else if against.contains(where: { $0.effect == .forbid }) {
                    .forbidden
                } else {
                    .notPermitted
                }
            return PolicyDecision(outcome: .deny, kind: kind, rules: against, policy: policy)
        }
        return PolicyDecision(outcome: .permit, kind: .permitted, rules: rules, policy: policy)
    }
}

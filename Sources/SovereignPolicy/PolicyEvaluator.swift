// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Decides requests against one policy. Pure and total: the same request gets the same decision everywhere, and what
/// cannot be evaluated is denied.
public struct PolicyEvaluator: Sendable {
    public let policy: SovereignPolicy
    private let lattice: ClassLattice
    /// By action, then by the number of the data's class.
    private let rules: [String: [[CompiledRule]]]
    /// By action, those that hold for the implicit top: every forbid.
    private let rulesOfTop: [String: [CompiledRule]]
    private let taskDigests: Set<Digest>
    /// Why the policy itself cannot be used, if so.
    private let defect: PolicyProblem?

    public init(_ policy: SovereignPolicy) {
        self.policy = policy
        let lattice = ClassLattice(policy.dataClasses)
        self.lattice = lattice
        taskDigests = Set(policy.tasks.values.map(\.digest))
        defect = policy.problemsOfDeciding.first
        let compiled = policy.rules.map { CompiledRule($0, lattice, policy) }
        let reaches = lattice.reaches
        let top = lattice.reach(ClassLattice.implicitTop)
        var byClass: [String: [[CompiledRule]]] = [:]
        var ofTop: [String: [CompiledRule]] = [:]
        for action in PolicyAction.all {
            let ofAction = zip(policy.rules, compiled).filter { $0.0.actions.contains(action) }.map(\.1)
            byClass[action] = reaches.map { reach in ofAction.filter { $0.applies(to: reach) } }
            ofTop[action] = ofAction.filter { $0.applies(to: top) }
        }
        rules = byClass
        rulesOfTop = ofTop
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
        for rule in (number.flatMap { rules[request.action]?[$0] } ?? rulesOfTop[request.action]) ?? [] {
            if let determining = rule.determine(facts) { findings.rules.append(determining) }
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
        for name in lattice.atOrBelow(className) {
            guard let dataClass = policy.dataClasses[name] else { continue }
            if let countries = dataClass.residency, let model, !countries.contains(model.jurisdiction) {
                findings.forbid(
                    "residency:\(name)", "\(model.jurisdiction) is not of \(countries.joined(separator: ", "))")
            }
            if let purposes = dataClass.purposes {
                if request.purpose == nil {
                    findings.error("purpose", "the purpose is missing")
                } else if let purpose = request.purpose, !purposes.contains(purpose) {
                    findings.forbid("purpose:\(name)", "the purpose is not of \(purposes.joined(separator: ", "))")
                }
            }
            if let limit = policy.outputs[name], case .integer(let bytes)? = request.attributes["output.bytes"],
                bytes > limit.maxBytes
            {
                findings.forbid("output:\(name)", "more than maxBytes \(limit.maxBytes)")
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

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What is to be said of a policy beside its problems. What its rules contribute over all inventories takes longest, so both
/// kinds of remarks share one look at it.
public struct PolicyRemarks: Sendable {
    private let policy: SovereignPolicy
    private let isSound: Bool
    /// What each rule contributes whatever is listed; nil where that was not looked at.
    private let ever: [RuleUse]?

    init(_ policy: SovereignPolicy) {
        self.policy = policy
        isSound = policy.problemsOfDeciding.isEmpty
        ever = isSound ? RuleUse.ever(of: policy) : nil
    }

    /// What is allowed but probably not meant. A policy with warnings can be signed.
    public var warnings: [PolicyProblem] {
        var found: [PolicyProblem] = []
        for (first, second) in ClassLattice(policy.dataClasses).pairsWithoutJoin {
            found.append(
                .init(
                    ["dataClasses", second], found: "no single class above both \(first) and \(second)",
                    allowed: "one, or data of both is above every class and nothing is permitted for it"))
        }
        for (index, rule) in policy.rules.enumerated() {
            for (key, conditions) in [("when", rule.when), ("unless", rule.unless)] {
                for name in conditions.keys.sorted()
                where rule.actions.contains(PolicyAction.learn) && name.hasPrefix("model.") {
                    found.append(
                        .init(
                            ["rules", String(index), key, name],
                            found: "\(name) for \(PolicyAction.learn), which names no model",
                            allowed: "it for other actions; here the rule denies everything it applies to"))
                }
                for name in conditions.keys.sorted() where PolicyAttribute(rawValue: name)?.isOfRequest == true {
                    let early = rule.actions.filter { $0 != PolicyAction.release }
                    guard !early.isEmpty else { continue }
                    found.append(
                        .init(
                            ["rules", String(index), key, name],
                            found: "\(name) for \(early.joined(separator: ", ")), where there is no output yet",
                            allowed: "it at release; elsewhere the rule denies everything it applies to"))
                }
            }
        }
        if policy.witnesses?.isEmpty == false, policy.outputs.values.allSatisfy({ $0.cosignatures == nil }) {
            found.append(
                .init(
                    ["witnesses"], found: "witnesses that no class asks for",
                    allowed: "them together with outputs.CLASS.cosignatures"))
        }
        let byDigest = Dictionary(grouping: policy.models.keys) { policy.models[$0]?.digest }
        for names in byDigest.values where names.count > 1 {
            for name in names.sorted().dropFirst() {
                found.append(
                    .init(
                        ["models", name, "digest"], found: "the digest of \(names.sorted()[0]) again",
                        allowed: "one name for one model, or its clearance depends on how it is called"))
            }
        }
        return found + (isSound ? uselessRules + idleTests : [])
    }

    /// Rules that contribute nothing whatever models, requesters and tasks there will be.
    private var uselessRules: [PolicyProblem] {
        zip(policy.rules.indices, ever ?? []).compactMap { index, use in
            let rule = policy.rules[index]
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
        guard isSound else { return [] }
        guard let ever else {
            return [
                PolicyProblem(
                    ["rules"], found: "rules that name too many models to look at every inventory",
                    allowed: "them; what they contribute was not looked at")
            ]
        }
        let today = RuleUse.all(of: policy)
        return policy.rules.indices.compactMap { index in
            if ever[index].errs { return nil }
            let id = policy.rules[index].id
            let place = ["rules", String(index)]
            switch policy.rules[index].effect {
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

    /// Tests whose answer says nothing about a rule.
    private var idleTests: [PolicyProblem] {
        let evaluator = PolicyEvaluator(policy)
        return policy.tests.enumerated().compactMap { index, test in
            let decision = evaluator.explain(test.given)
            guard test.expect == .deny, test.kind == nil, test.by.isEmpty, decision.outcome == .deny else { return nil }
            let why: String
            switch decision.kind {
            case .error:
                why = "it cannot be evaluated (\(decision.ruleIDs.joined(separator: ", ")))"
            case .notPermitted where decision.rules.contains { $0.effect == .unlisted }:
                why = "the policy does not list what it names (\(decision.ruleIDs.joined(separator: ", ")))"
            default: return nil
            }
            return PolicyProblem(
                ["tests", String(index)], found: "the test \"\(test.name)\" is denied only because \(why)",
                allowed: "a request that rules decide, or kind and by when this is what is meant")
        }
    }
}

extension SovereignPolicy {
    /// What is to be said of it beside its problems.
    public var remarks: PolicyRemarks { PolicyRemarks(self) }
}

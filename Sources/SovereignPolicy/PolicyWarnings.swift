// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

extension SovereignPolicy {
    /// What is allowed but probably not meant. A policy with warnings can be signed.
    public var warnings: [PolicyProblem] {
        var found: [PolicyProblem] = []
        for (first, second) in ClassLattice(dataClasses).pairsWithoutJoin {
            found.append(
                .init(
                    ["dataClasses", second], found: "no single class above both \(first) and \(second)",
                    allowed: "one, or data of both is above every class and nothing is permitted for it"))
        }
        for (index, rule) in rules.enumerated() {
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
        if witnesses?.isEmpty == false, outputs.values.allSatisfy({ $0.cosignatures == nil }) {
            found.append(
                .init(
                    ["witnesses"], found: "witnesses that no class asks for",
                    allowed: "them together with outputs.CLASS.cosignatures"))
        }
        let byDigest = Dictionary(grouping: models.keys) { models[$0]?.digest }
        for names in byDigest.values where names.count > 1 {
            for name in names.sorted().dropFirst() {
                found.append(
                    .init(
                        ["models", name, "digest"], found: "the digest of \(names.sorted()[0]) again",
                        allowed: "one name for one model, or its clearance depends on how it is called"))
            }
        }
        return found + (problemsOfDeciding.isEmpty ? uselessRules + idleTests : [])
    }

    /// Tests whose answer says nothing about a rule.
    private var idleTests: [PolicyProblem] {
        let evaluator = PolicyEvaluator(self)
        return tests.enumerated().compactMap { index, test in
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

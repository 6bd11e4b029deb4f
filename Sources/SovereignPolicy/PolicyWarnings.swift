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
        let byDigest = Dictionary(grouping: models.keys) { models[$0]?.digest }
        for names in byDigest.values where names.count > 1 {
            for name in names.sorted().dropFirst() {
                found.append(
                    .init(
                        ["models", name, "digest"], found: "the digest of \(names.sorted()[0]) again",
                        allowed: "one name for one model, or its clearance depends on how it is called"))
            }
        }
        return found
    }
}

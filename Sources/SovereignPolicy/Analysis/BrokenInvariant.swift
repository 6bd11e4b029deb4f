// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// An invariant that its policy does not keep.
public struct BrokenInvariant: Equatable, Sendable {
    /// Its place in the list.
    public let index: Int
    public let invariant: PolicyInvariant
    /// A request that is permitted and never should be.
    public let witness: PolicyRequest
    /// The rules that permit it.
    public let rules: [String]

    /// One line: what is broken, by which request.
    public var message: String {
        let model = witness.model.map { " to \($0)" } ?? ""
        let time = witness.at.map { " at \($0)" } ?? ""
        return
            "the invariant \"\(invariant.name)\" is broken: \(witness.action) of \(witness.class ?? "data")\(model) for "
            + "\(witness.purpose ?? "any purpose") by \(witness.requester ?? "anybody")\(time) is permitted by "
            + rules.joined(separator: ", ")
    }
}

extension SovereignPolicy {
    /// The invariants that some request breaks: found by looking at a request of every kind, so none is missed.
    public var brokenInvariants: [BrokenInvariant] {
        guard let invariants, !invariants.isEmpty, problemsOfDeciding.isEmpty else { return [] }
        let table = PolicyTable(self)
        let space = RequestSpace([self])
        return invariants.enumerated().compactMap { index, invariant in
            violation(of: invariant, table, space).map { witness, rules in
                BrokenInvariant(index: index, invariant: invariant, witness: witness, rules: rules)
            }
        }
    }

    private func violation(of invariant: PolicyInvariant, _ table: PolicyTable, _ space: RequestSpace)
        -> (PolicyRequest, [String])?
    {
        let conditions = invariant.conditions.sorted { $0.key < $1.key }.map {
            CompiledCondition($0.key, $0.value, self)
        }
        for className in dataClasses.keys.sorted() where invariant.covers(className, table.lattice) {
            for action in invariant.actions {
                for circumstance in space.circumstances(action, class: className) {
                    let meant = table.models(with: conditions, in: circumstance.request)
                    if meant.isEmpty { continue }
                    let findings = table.findings(circumstance.request)
                    guard let number = findings.permitted.intersection(meant).members.first else { continue }
                    let permits = findings.verdicts.filter { $0.effect == .permit && $0.models.contains(number) }
                    return (
                        circumstance.request.about(table.subjects(of: action)[number]),
                        permits.map { rules[$0.index].id }
                    )
                }
            }
        }
        return nil
    }
}

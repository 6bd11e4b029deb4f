// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

/// Nobody alone can loosen a policy; whoever may stop can tighten it.
extension SovereignPolicy {
    /// Why these signers, who are no quorum, may not put `next` in force after this policy, or nil when they may: as many of its
    /// keys as `emergencyStop` asks for, for a policy that differs from it in what it tightens alone.
    ///
    /// Who signs is nobody's to change alone, not even to fewer: a key that took the others away could lock them out.
    func lackForTightening(to next: SovereignPolicy, by signers: Set<PublicKey>, _ lack: PolicyError) -> PolicyError? {
        guard let stop = authority.emergencyStop, stop.may.contains("revoke"), stop.threshold >= 1,
            Int64(authority.distinctKeys.intersection(signers).count) >= stop.threshold
        else { return lack }
        let loosened: String?
        if next.authority != authority {
            loosened = "it changes authority"
        } else if let change = changes(to: next).first(where: { $0.direction == .loosens }) {
            let decisions = change.decisions.map { "\($0.actions[0]) of \($0.class)" }
            loosened = "it loosens \(change.place ?? decisions ?? "it")"
        } else if loosensForWhatMayCome(next) {
            loosened = "it loosens rules for models, requesters or tasks that are not listed today"
        } else {
            loosened = nil
        }
        return loosened.map { why in
            PolicyError(
                lack.code, "\(lack.message); fewer may only tighten the policy that rules, and \(why)",
                remedy: lack.remedy)
        }
    }

    /// Whether `next` permits anything that this policy does not, whatever will be listed.
    private func loosensForWhatMayCome(_ next: SovereignPolicy) -> Bool {
        // What cannot be looked at may loosen.
        guard let inventory = EveryInventory([self, next]) else { return true }
        let policies = [inventory.replacing(self), inventory.replacing(next)]
        let space = RequestSpace(policies)
        let names = Set(policies.flatMap(\.models.keys)).sorted()
        let tables = policies.map { PolicyTable($0, models: names) }
        return next.dataClasses.keys.contains { className in
            PolicyAction.all.contains { action in
                space.circumstances(action, class: className).contains { circumstance in
                    guard space.times[circumstance.time].valid[1] else { return false }
                    let before = tables[0].findings(circumstance.request).permitted
                    let after = tables[1].findings(circumstance.request).permitted
                    return !after.subtracting(before).isEmpty
                }
            }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
internal import TransparencyLog

/// How many witnesses must have signed the log before something leaves, and who of them counts.
struct CosignatureDemand: Hashable, Sendable {
    /// At least 1.
    let count: Int
    /// Whose signatures count; nil for every witness that `room.yaml` names.
    let witnesses: Set<CosignatureVerifier>?

    /// That somebody has signed.
    static let anybody = CosignatureDemand(count: 1, witnesses: nil)

    private init(count: Int, witnesses: Set<CosignatureVerifier>?) {
        self.count = count
        self.witnesses = witnesses
    }

    /// What `room.yaml` demands of every answer; nil for nothing.
    init?(of configuration: RoomConfiguration) {
        guard configuration.cosignatures > 0 else { return nil }
        count = configuration.cosignatures
        witnesses = nil
    }

    /// What a policy demands of answers of a class; nil for nothing.
    init?(of policy: SovereignPolicy, class dataClass: String) {
        let demanded = Int(clamping: policy.cosignatures(of: dataClass))
        guard demanded > 0 else { return nil }
        count = demanded
        witnesses = policy.countedWitnesses
    }

    /// Those of a room's witnesses that count.
    func of(_ all: [RoomWitness]) -> [RoomWitness] { all.filter { counts($0.key) } }

    func counts(_ witness: CosignatureVerifier) -> Bool { witnesses?.contains(witness) ?? true }

    func isMet(by signers: some Sequence<CosignatureVerifier>) -> Bool { signers.count(where: counts) >= count }

    /// How many entries are under enough signatures, when each witness has signed so many.
    func covered(_ sizes: [CosignatureVerifier: UInt64]) -> UInt64 {
        let counted = sizes.filter { counts($0.key) }.values.sorted(by: >)
        return counted.count >= count ? counted[count - 1] : 0
    }
}

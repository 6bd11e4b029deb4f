// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// Who sat an auction out although no rule says so (`docs/auction.md`, "Newcomers"): newcomers that are tried first, and models of a publisher
/// that has as many bidders as the policy lets it have. An operator keeps nobody out by such a word.
struct ParticipationCheck {
    static let kinds: Set<String> = ["trial", "quota"]

    let input: AuctionCheck.AuctionView.Input
    let policy: SovereignPolicy
    let isTrial: Bool
    /// Whether a model had fewer verified outcomes than a limit.
    let isNewcomer: (_ model: Digest, _ limit: Int64) -> Bool

    private var bidders: [AuctionCheck.AuctionView.Bidder] { input.bids + input.late }

    /// - Throws: `auction`.
    func verify() throws(BundleError) {
        // A takeover repeats whom the first attempt kept out.
        guard input.prior.isEmpty else { return }
        for model in input.exclusions where model.kind == "trial" {
            try requireNewcomer(model.model, model.digest)
            guard !isTrial, !bidders.isEmpty else {
                throw .failed(.auction, "\(model.model) sat out as a newcomer where only newcomers were")
            }
        }
        if isTrial {
            for bidder in bidders { try requireNewcomer(bidder.model, bidder.digest) }
        } else {
            try checkQuotas()
        }
    }

    private func requireNewcomer(_ model: String, _ digest: Digest) throws(BundleError) {
        guard let limit = policy.auction.trials, input.learning != nil, isNewcomer(digest, limit) else {
            throw .failed(.auction, "\(model) was taken for a newcomer, which it is not")
        }
    }

    /// As many of a publisher as it may bring take part, and those whom the seed draws.
    private func checkQuotas() throws(BundleError) {
        let out = input.exclusions.filter { $0.kind == "quota" }
        let byPublisher = Dictionary(grouping: bidders) { policy.models[$0.model]?.publisher ?? "" }
        guard let limit = policy.auction.bidsPerPublisher else {
            guard out.isEmpty else { throw .failed(.auction, "a quota without one in the policy kept a model out") }
            return
        }
        for (publisher, models) in byPublisher where !publisher.isEmpty && models.count > limit {
            throw .failed(.auction, "\(publisher) brought \(models.count) bidders; the policy lets it have \(limit)")
        }
        for model in out {
            let publisher = policy.models[model.model]?.publisher ?? ""
            let taking = publisher.isEmpty ? [] : byPublisher[publisher] ?? []
            guard taking.count == limit, taking.allSatisfy({ place($0.digest) < place(model.digest) }) else {
                throw .failed(.auction, "\(model.model) was kept out by a quota that is not used up, or out of turn")
            }
        }
    }

    private func place(_ model: Digest) -> Digest { Digest.sha256((Hex.decode(input.seed) ?? []) + model.bytes) }
}

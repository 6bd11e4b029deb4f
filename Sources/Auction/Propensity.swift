// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

extension Auction {
    /// The probability with which each bidder would have won, in 1e-9, given the recorded tie keys.
    ///
    /// Of a learned auction that tries bidders, they are counted over ``imagined`` auctions with other draws.
    ///
    /// Everybody who is named in the input is in the answer; excluded, late, failed, over-budget and implausible models
    /// have exactly 0. The values add up to 1e9 unless the award is void.
    public static func propensities(_ input: AuctionInput) throws(AuctionError) -> [String: Int64] {
        let seed = try input.check()
        let field = try Field(input, seed: seed)
        var propensities: [String: Int64] = [:]
        for bid in input.bids { propensities[bid.model] = 0 }
        for bidder in input.late { propensities[bidder.model] = 0 }
        for model in input.exclusions { propensities[model.model] = 0 }

        guard !field.order.isEmpty else { return propensities }
        guard input.learning != nil, input.exploration.floor > 0 else {
            field.propensities(of: Checked.billion, into: &propensities)
            return propensities
        }
        for number in 0..<imagined {
            try Field(input, seed: seed, imagined: number).propensities(
                of: Checked.billion / Int64(imagined), into: &propensities)
        }
        return propensities
    }

    /// How often a learned auction is held again to see what chance could have made of it.
    static let imagined: UInt64 = 256
}

extension Field {
    /// Shares out `whole`: a part of the exploration floor to each plausible bidder, the rest to the first of the ranking.
    fileprivate func propensities(of whole: Int64, into propensities: inout [String: Int64]) {
        guard let best = order.first.map({ input.bids[$0.bid].model }) else { return }
        let plausible = plausible()
        // Both are at most 10^9.
        let share = plausible > 0 ? input.exploration.floor * whole / Checked.billion / Int64(plausible) : 0
        for ranked in order.prefix(plausible) { propensities[input.bids[ranked.bid].model, default: 0] += share }
        propensities[best, default: 0] += whole - share * Int64(plausible)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

extension Auction {
    /// The probability with which each bidder would have won, in 1e-9, given the recorded tie keys.
    ///
    /// Everybody who is named in the input is in the answer; excluded, late, failed, over-budget and implausible models
    /// have exactly 0. The values add up to 1e9 unless the award is void.
    public static func propensities(_ input: AuctionInput) throws(AuctionError) -> [String: Int64] {
        try input.check()
        let field = try Field(input)
        var propensities: [String: Int64] = [:]
        for bid in input.bids { propensities[bid.model] = 0 }
        for bidder in input.late { propensities[bidder.model] = 0 }
        for model in input.exclusions { propensities[model.model] = 0 }

        guard let best = field.order.first.map({ field.scores[$0].model }) else { return propensities }
        let plausible = field.plausible()
        let share = plausible.isEmpty ? 0 : input.exploration.floor / Int64(plausible.count)
        for model in plausible { propensities[model] = share }
        propensities[best] = Checked.billion - share * Int64(max(plausible.count - 1, 0))
        return propensities
    }
}

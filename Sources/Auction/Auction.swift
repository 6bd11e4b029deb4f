// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The auction: a pure function from `AuctionInput` to `Award`, exactly as `docs/auction.md` describes it.
public enum Auction {
    /// Versions of the arithmetic: 1 knows claims only, 2 corrects them by experience, 3 scores by what was learned. What an
    /// input has decides its version for ever, so that what was recorded before keeps its digest and its award.
    public static let versions = 1...3

    /// The version of the arithmetic that an input asks for.
    static func version(of input: AuctionInput) -> Int {
        if input.learning != nil { return 3 }
        return input.experience == nil ? 1 : 2
    }

    /// Holds the auction.
    ///
    /// - Throws: `range`, `order`, `duplicate`, `prior`, `learning` or `seed` when the input is not what it must be, `overflow`
    ///   when weights and steps leave the integers. Too few or too dear bids are no error: the award is void and says why.
    public static func hold(_ input: AuctionInput) throws(AuctionError) -> Award {
        let field = try Field(input, seed: try input.check())
        guard !field.order.isEmpty else { return field.voided() }
        let draw = field.explore()
        // Plausible models are a prefix of the ranking, so the pick is a position in it.
        return field.award(draw, winner: draw?.pick ?? 0)
    }
}

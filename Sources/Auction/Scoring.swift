// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension AuctionWeights {
    /// The score of a bid with its terms; rounding never favours the bidder (`docs/auction.md`, "Score").
    func terms(_ bid: Bid, _ experience: Experience?) throws(AuctionError) -> ScoreTerms {
        let price = LogSteps.upperBounds[bid.costStep]
        let milliseconds = LogSteps.upperBounds[bid.latencyStep]
        let probability = Probability.of(confidence: Int64(bid.confidence), experience)
        let gain = Checked.share(probability, of: quality)
        let cost = try self.cost(ofMicro: price, "the score of \(bid.model)")
        let latency = try self.cost(ofMilliseconds: milliseconds, "the score of \(bid.model)")
        let risk = self.risk - Checked.share(probability, of: self.risk)
        // Four numbers below 2^53 cannot leave 64 bits; the result may leave the record's bounds.
        let score = try Checked.kept(gain - cost - latency - risk, "the score of \(bid.model)")
        return ScoreTerms(
            probability: probability, gain: gain, cost: cost, latency: latency, risk: risk, score: score)
    }

    /// Score that money takes away: `price` per 10 000 micro-units, rounded up.
    func cost(ofMicro micro: Int64, _ what: @autoclosure () -> String) throws(AuctionError) -> Int64 {
        try Checked.ceilProduct(price, micro, over: 10_000, what())
    }

    /// Score that time takes away: `latency` per 1 000 ms, rounded up.
    func cost(ofMilliseconds milliseconds: Int64, _ what: @autoclosure () -> String) throws(AuctionError) -> Int64 {
        try Checked.ceilProduct(latency, milliseconds, over: 1_000, what())
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Scores the bids of an input that has what was learned, as ``LearnedAuction`` scores bidders.
struct LearnedDraws: Sendable {
    let generator: CounterDraws
    private let forecasts: [Forecast]
    private let auction: LearnedAuction
    private let risk: Int64
    private let pace: Pace
    private let settings = LearningSettings()
    private let isChallenger: Bool

    /// Nil where nothing was learned.
    init?(_ input: AuctionInput, seed: Digest, imagined: UInt64?) {
        guard let learning = input.learning else { return nil }
        let draws = CounterDraws(seed: seed)
        generator = imagined.map(draws.imagined) ?? draws
        forecasts = learning.forecasts
        isChallenger = learning.engine.name == LinUCB.id
        auction = LearnedAuction(
            weights: LearnedWeights(input.weights), guardDeviations: settings.incumbentGuard,
            explores: input.exploration.floor > 0)
        risk = input.weights.risk
        pace = learning.pace
    }

    /// The terms of a bid's score. What is taken away is rounded up.
    ///
    /// - Throws: `overflow` when a term, or the score, leaves what a record keeps exactly.
    func terms(_ bid: Bid, _ position: Int) throws(AuctionError) -> ScoreTerms {
        let forecast = forecasts[position]
        let drawn = drawn(forecast, position)
        let weights = auction.weights
        func kept(_ value: Int64) throws(AuctionError) -> Int64 {
            try Checked.kept(value, "the score of \(bid.model)")
        }
        let quality = forecast.quality + drawn
        let gain = try kept(Fixed.times(weights.quality, quality))
        let price = try kept(-Fixed.share(-weights.price, forecast.cost, over: weights.unitsPerPrice))
        let pressed = pace.pressure == 0 ? 0 : -Fixed.share(-pace.pressure, forecast.cost, over: pace.share)
        let cost = try kept(price + kept(pressed))
        let latency =
            weights.latency == 0 ? 0 : try kept(-Fixed.share(-weights.latency, forecast.latency, over: 1_000))
        let wrong = risk == 0 ? 0 : try kept(-Fixed.times(-risk, Fixed.one - Fixed.fraction(quality)))
        return ScoreTerms(
            probability: Fixed.fraction(quality), gain: gain, cost: cost, latency: latency, risk: wrong,
            score: try kept(gain - cost - latency - wrong), drawn: drawn,
            usual: try kept(
                weights.score(quality: forecast.usualQuality, cost: forecast.usualCost, latency: forecast.latency)))
    }

    /// What is added to a forecast for the sake of learning, where bidders may be tried.
    private func drawn(_ forecast: Forecast, _ position: Int) -> Int64 {
        guard auction.explores else { return 0 }
        if isChallenger { return LinUCB.exploration(forecast) }
        return HierarchicalThompson.exploration(forecast, bits: generator.bits(2 + UInt64(position)), settings)
    }

    /// Why the best of the scores wins, or why the incumbent does.
    func reason(toPrefer best: Field.Ranked, to incumbent: Field.Ranked) -> AwardReason {
        if best.bid == incumbent.bid { return .incumbentIsBest }
        let (one, other) = (forecasts[best.bid], forecasts[incumbent.bid])
        return auction.reason(
            gain: best.score - incumbent.score, one, other,
            isDrawn: drawn(one, best.bid) > drawn(other, incumbent.bid))
    }
}

extension LearnedWeights {
    /// The policy's weights, with money in micro-units: the price is for a cent of them.
    init(_ weights: AuctionWeights) {
        self.init(quality: weights.quality, price: weights.price, latency: weights.latency, unitsPerPrice: 10_000)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Scores the bids of an input that has what was learned, as ``LearnedAuction`` scores bidders.
struct LearnedDraws: Sendable {
    let generator: CounterDraws
    private let bids: [Bid]
    private let forecasts: [Forecast]
    private let auction: LearnedAuction
    /// Share of a deviation that is drawn from, in 1e-9.
    private let exploration: Int64
    private let risk: Int64
    private let pace: Pace
    private let isChallenger: Bool

    /// Nil where nothing was learned.
    init?(_ input: AuctionInput, seed: Digest, imagined: UInt64?) {
        guard let learning = input.learning else { return nil }
        let draws = CounterDraws(seed: seed)
        generator = imagined.map(draws.imagined) ?? draws
        bids = input.bids
        forecasts = learning.forecasts
        isChallenger = learning.engine.name == LinUCB.id
        let settings = LearningSettings()
        exploration = settings.exploration
        auction = LearnedAuction(
            weights: LearnedWeights(input.weights), guardDeviations: settings.incumbentGuard,
            explores: input.exploration.floor > 0)
        risk = input.weights.risk
        pace = learning.pace
    }

    /// The terms of a bid's score. What is taken away is rounded up.
    ///
    /// - Throws: `overflow` when a term, or the score, leaves what a record keeps exactly.
    func terms(_ position: Int) throws(AuctionError) -> ScoreTerms {
        guard let terms = kept(position) else { throw .overflow("the score of \(bids[position].model)") }
        return terms
    }

    /// Nil when a term, or the score, leaves what a record keeps exactly.
    private func kept(_ position: Int) -> ScoreTerms? {
        let forecast = forecasts[position]
        let drawn = drawn(forecast, position)
        let weights = auction.weights
        let quality = forecast.quality + drawn
        let gain = Fixed.times(weights.quality, quality)
        let price = -Fixed.share(-weights.price, forecast.cost, over: weights.unitsPerPrice)
        let pressed = pace.pressure == 0 ? 0 : -Fixed.share(-pace.pressure, forecast.cost, over: pace.share)
        let latency = weights.latency == 0 ? 0 : -Fixed.share(-weights.latency, forecast.latency, over: 1_000)
        let wrong = risk == 0 ? 0 : -Fixed.times(-risk, Fixed.one - Fixed.fraction(quality))
        // Each within 2^53 before they are added.
        guard Checked.fits(gain), Checked.fits(price), Checked.fits(pressed), Checked.fits(latency),
            Checked.fits(wrong), Checked.fits(price + pressed)
        else { return nil }
        let cost = price + pressed
        let score = gain - cost - latency - wrong
        let usual = weights.score(
            quality: forecast.usualQuality, cost: forecast.usualCost, latency: forecast.latency)
        guard Checked.fits(score), Checked.fits(usual) else { return nil }
        return ScoreTerms(
            probability: Fixed.fraction(quality), gain: gain, cost: cost, latency: latency, risk: wrong, score: score,
            drawn: drawn, usual: usual)
    }

    /// What is added to a forecast for the sake of learning, where bidders may be tried.
    private func drawn(_ forecast: Forecast, _ position: Int) -> Int64 {
        guard auction.explores else { return 0 }
        if isChallenger { return LinUCB.exploration(forecast) }
        return HierarchicalThompson.exploration(
            forecast, bits: generator.bits(2 + UInt64(position)), share: exploration)
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

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a right answer, money and time are worth, with money in whatever unit the learner's costs have.
public struct LearnedWeights: Codable, Hashable, Sendable {
    /// Score of a right answer, in 1e-9.
    public var quality: Int64
    /// Score taken away per `unitsPerPrice` money units, in 1e-9: the policy's price of money and the pace's on top.
    public var price: Int64
    /// Score taken away per second, in 1e-9.
    public var latency: Int64
    /// Money units that `price` is for: 10 000 where money is in micro-units and the price is per cent.
    public var unitsPerPrice: Int64

    public init(quality: Int64 = 1_000_000_000, price: Int64, latency: Int64 = 0, unitsPerPrice: Int64 = 10_000) {
        self.quality = quality
        self.price = price
        self.latency = latency
        self.unitsPerPrice = unitsPerPrice
    }

    /// Score in 1e-9 of an answer `quality` (1e-9) right that cost `cost` money units and `latency` milliseconds.
    public func score(quality: Int64, cost: Int64, latency: Int64 = 0) -> Int64 {
        Fixed.times(self.quality, quality) + Fixed.share(-price, cost, over: unitsPerPrice)
            + Fixed.share(-self.latency, latency, over: 1_000)
    }
}

/// One bidder's score with its terms, as the record shows it.
public struct LearnedScore: Codable, Hashable, Sendable {
    public let digest: Digest
    /// Forecast of the engine: 1e-9, 1e-9, money units twice, milliseconds.
    public let probability: Int64
    public let deviation: Int64
    public let cost: Int64
    public let costDeviation: Int64
    public let latency: Int64
    /// Added to `probability` for the sake of learning, in 1e-9; 0 where nobody may be tried.
    public let explored: Int64
    /// Score that ranks, in 1e-9.
    public let score: Int64
    /// Score over all types and without a claim, in 1e-9: the highest one is the incumbent's.
    public let usual: Int64
}

/// Why the winner won.
public enum AwardReason: String, Codable, Sendable {
    /// It is both the best here and the incumbent.
    case incumbentIsBest = "incumbent-is-best"
    /// The best here is not the incumbent, and its gain is above the guard.
    case gain = "gain-above-guard"
    /// Another one looks better, but not by more than the guard.
    case guarded = "incumbent-guarded"
    /// A draw from what is not known yet made it the best.
    case drawn = "drawn"
}

/// The award of an auction whose scores are learned.
public struct LearnedAward: Codable, Hashable, Sendable {
    public let winner: Digest
    /// The first of the ranking that is not the winner.
    public let runnerUp: Digest?
    public let incumbent: Digest
    public let reason: AwardReason
    /// Score that the winner pays, in 1e-9: the best other one's, but not above its own.
    public let secondScore: Int64
    /// In digest order.
    public let scores: [LearnedScore]

    public var winnersScore: LearnedScore? { scores.first { $0.digest == winner } }
}

/// Scores by an engine, and the award by them: a pure function of bidders, engine, weights and seed.
public struct LearnedAuction: Sendable {
    public let weights: LearnedWeights
    /// Predicted gain above which the incumbent is left, in deviations of that gain (1e-9).
    public let guardDeviations: Int64
    /// Whether uncertain bidders are tried.
    public let explores: Bool
    /// Score of not doing the task, in 1e-9: what a winner without a rival pays.
    public let reserve: Int64

    public init(weights: LearnedWeights, guardDeviations: Int64, explores: Bool, reserve: Int64 = 0) {
        self.weights = weights
        self.guardDeviations = guardDeviations
        self.explores = explores
        self.reserve = reserve
    }

    /// Holds the auction.
    ///
    /// - Parameters:
    ///   - bidders: in any order; each digest once.
    ///   - seed: derived as ``AuctionSeed`` does. Draw 2 + i is bidder i's, in digest order.
    /// - Returns: nil when nobody bids.
    public func hold(
        _ bidders: [Bidder], on task: LearnedTask, by engine: some LearningEngine, seed: Digest
    ) -> LearnedAward? {
        let draws = CounterDraws(seed: seed)
        let sorted = bidders.sorted { $0.digest < $1.digest }
        let forecasts = engine.forecast(sorted, on: task)
        let scores = sorted.indices.map { index in
            let explored =
                explores ? engine.exploration(forecasts[index], bits: draws.bits(2 + UInt64(index))) : 0
            return score(sorted[index], forecasts[index], explored)
        }
        guard let incumbent = Self.best(scores, draws, { $0.usual }),
            let best = Self.best(scores, draws, { $0.score })
        else { return nil }
        let reason =
            best == incumbent
            ? .incumbentIsBest
            : reason(
                gain: scores[best].score - scores[incumbent].score, forecasts[best], forecasts[incumbent],
                isDrawn: scores[best].explored > scores[incumbent].explored)
        let winner = reason == .guarded ? incumbent : best
        let runnerUp = Self.best(scores, draws, without: winner) { $0.score }
        let own = scores[winner].score
        return LearnedAward(
            winner: scores[winner].digest, runnerUp: runnerUp.map { scores[$0].digest },
            incumbent: scores[incumbent].digest, reason: reason,
            secondScore: min(own, max(reserve, runnerUp.map { scores[$0].score } ?? reserve)), scores: scores)
    }

    private func score(_ bidder: Bidder, _ forecast: Forecast, _ explored: Int64) -> LearnedScore {
        return LearnedScore(
            digest: bidder.digest, probability: forecast.quality, deviation: forecast.deviation, cost: forecast.cost,
            costDeviation: forecast.costDeviation, latency: forecast.latency, explored: explored,
            score: weights.score(
                quality: forecast.quality + explored, cost: forecast.cost, latency: forecast.latency),
            usual: weights.score(
                quality: forecast.usualQuality, cost: forecast.usualCost, latency: forecast.latency))
    }

    /// Leaves the incumbent only for a gain that is more than its own uncertainty makes likely.
    ///
    /// - Parameters:
    ///   - gain: score of the best less that of the incumbent, which is another one.
    ///   - one: what is expected of the best, and `other` of the incumbent.
    func reason(gain: Int64, _ one: Forecast, _ other: Forecast, isDrawn: Bool) -> AwardReason {
        if explores { return isDrawn ? .drawn : .gain }
        let deviation = Self.hypotenuse(scatter(one), scatter(other))
        return gain > Fixed.times(guardDeviations, deviation) ? .gain : .guarded
    }

    /// Standard deviation of a score, in 1e-9.
    private func scatter(_ forecast: Forecast) -> Int64 {
        Self.hypotenuse(
            Fixed.times(weights.quality, forecast.deviation), -weights.score(quality: 0, cost: forecast.costDeviation))
    }

    /// floor(√(a² + b²)), to 31 bits: both are shifted down until they have so many.
    static func hypotenuse(_ a: Int64, _ b: Int64) -> Int64 {
        let shift = max(0, 33 - max(a, b).leadingZeroBitCount)
        let (small, other) = (a >> Int64(shift), b >> Int64(shift))
        return Fixed.root(small * small + other * other) << Int64(shift)
    }

    /// The highest; equal ones by drawn key, then in digest order.
    private static func best(
        _ scores: [LearnedScore], _ draws: CounterDraws, without: Int? = nil, _ value: (LearnedScore) -> Int64
    ) -> Int? {
        var best: Int?
        for index in scores.indices where index != without {
            guard let other = best else {
                best = index
                continue
            }
            let (mine, its) = (value(scores[index]), value(scores[other]))
            if mine > its
                || mine == its && draws.tieKey(index, of: scores.count) > draws.tieKey(other, of: scores.count)
            {
                best = index
            }
        }
        return best
    }
}

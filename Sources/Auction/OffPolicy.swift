// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What another way of awarding would have been worth, estimated from the outcomes of the one that was used.
///
/// Off-policy evaluation of contextual bandits: inverse propensity scoring (Horvitz and Thompson 1952), its self-normalised form (Swaminathan and
/// Joachims 2015) and the doubly robust estimator (Dudík, Langford and Li 2011). It only says something where the auctions left something to
/// chance: without exploration every weight but those of equal choices is 0. These are statistics for a reader; no decision is made by them.
public struct OffPolicy: Sendable {
    /// One auction whose winner's answer somebody verified.
    public struct Sample: Sendable {
        /// What the answer was worth: 1 right, 0 wrong, less what it cost, in any one unit.
        public let reward: Double
        /// With which probability the model won that did win; above 0.
        public let logged: Double
        /// With which it would have, under the other way.
        public let other: Double
        /// What a model of the rewards expects of the winner, and on average of the other way.
        public let expectedOfWinner: Double
        public let expectedOfOther: Double

        public init(
            reward: Double, logged: Double, other: Double, expectedOfWinner: Double, expectedOfOther: Double
        ) {
            self.reward = reward
            self.logged = logged
            self.other = other
            self.expectedOfWinner = expectedOfWinner
            self.expectedOfOther = expectedOfOther
        }

        var weight: Double { other / logged }
    }

    /// An estimate with the half width of its 95 % interval (normal approximation).
    public struct Estimate: Codable, Equatable, Sendable {
        public let value: Double
        public let margin: Double
    }

    /// Fewer than so many effective samples are refused.
    public static let leastEffective = 30.0

    public let samples: Int
    /// (Σw)² / Σw² (Kish 1965): as many equally weighted samples would say as much.
    public let effective: Double
    /// The mean of the rewards as they were.
    public let logged: Estimate
    /// Nil when there are too few effective samples.
    public let inverse: Estimate?
    public let normalised: Estimate?
    public let doublyRobust: Estimate?

    public var isTooWeak: Bool { inverse == nil }

    /// - Parameter samples: those with a `logged` of 0 cannot have happened and are left out.
    public init(_ all: [Sample]) {
        let samples = all.filter { $0.logged > 0 }
        self.samples = samples.count
        let weights = samples.map(\.weight)
        let total = weights.reduce(0, +)
        let squares = weights.reduce(0) { $0 + $1 * $1 }
        let effective = squares > 0 ? total * total / squares : 0
        self.effective = effective
        logged = Self.mean(samples.map(\.reward))
        guard effective >= Self.leastEffective else {
            inverse = nil
            normalised = nil
            doublyRobust = nil
            return
        }
        inverse = Self.mean(samples.map { $0.weight * $0.reward })
        let value = zip(weights, samples).reduce(0) { $0 + $1.0 * $1.1.reward } / total
        // The delta method: the variance of a ratio of means.
        let spread = zip(weights, samples).reduce(0) { sum, pair in
            let part = pair.0 * (pair.1.reward - value)
            return sum + part * part
        }
        normalised = Estimate(value: value, margin: 1.96 * spread.squareRoot() / total)
        doublyRobust = Self.mean(
            samples.map { $0.expectedOfOther + $0.weight * ($0.reward - $0.expectedOfWinner) })
    }

    private static func mean(_ values: [Double]) -> Estimate {
        guard !values.isEmpty else { return Estimate(value: 0, margin: 0) }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = values.count > 1 ? (spread / (count - 1) / count).squareRoot() : 0
        return Estimate(value: mean, margin: 1.96 * error)
    }
}

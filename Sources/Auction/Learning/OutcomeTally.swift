// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Counts of what a bidder's work turned out to be; Beta counts are the sums of right and wrong, fractions included.
public struct OutcomeTally: Codable, Hashable, Sendable {
    /// Outcomes, faded ones counted less.
    public private(set) var count: Int64 = 0
    /// Sum of how right they were, in 1e-9. For a model over all types each is taken relative to its type, so the sum may be
    /// below 0 or above the count.
    public private(set) var quality: Int64 = 0
    /// Sum of metered cost, in money units.
    public private(set) var cost: Int64 = 0
    /// Sum of milliseconds.
    public private(set) var latency: Int64 = 0
    /// Outcomes that came with a claim, and the sum of those claims in 1e-9.
    public private(set) var claims: Int64 = 0
    public private(set) var claimed: Int64 = 0

    public init() {}

    /// - Parameters:
    ///   - quality: in 1e-9, relative to whatever the tally is relative to.
    ///   - claim: what the bidder had claimed, in 1e-9.
    mutating func add(_ outcome: VerifiedOutcome, quality: Int64, claim: Int64?) {
        count += 1
        self.quality += quality
        cost += outcome.cost
        latency += outcome.latency
        if let claim {
            claims += 1
            claimed += claim
        }
    }

    /// Forgets half of everything; what is left has the same means to a rounding.
    mutating func halve() {
        count = count / 2
        quality = Fixed.quotient(quality, 2)
        cost /= 2
        latency /= 2
        claims /= 2
        claimed /= 2
    }

    /// After a change: as many outcomes as the tally has, as right as the newest.
    mutating func replaceQuality(_ sum: Int64, of newest: Int64) {
        quality = Fixed.share(sum, count, over: newest)
    }

    /// floor((quality + worth · prior) / (count + worth)): the mean, shrunk to `prior` as by `worth`/1000 outcomes.
    func meanQuality(shrunkTo prior: Int64, worth: Int64) -> Int64 {
        Self.mean(quality, count, prior, worth)
    }

    func meanCost(shrunkTo prior: Int64, worth: Int64) -> Int64 { Self.mean(cost, count, prior, worth) }

    func meanLatency(shrunkTo prior: Int64, worth: Int64) -> Int64 { Self.mean(latency, count, prior, worth) }

    func meanClaim(shrunkTo prior: Int64, worth: Int64) -> Int64 { Self.mean(claimed, claims, prior, worth) }

    private static func mean(_ sum: Int64, _ count: Int64, _ prior: Int64, _ worth: Int64) -> Int64 {
        let weight = count * 1_000 + worth
        guard weight > 0 else { return prior }
        // By two quotients, because a sum of costs times 1,000 may leave 64 bits.
        return Fixed.share(sum, 1_000, over: weight) + Fixed.share(prior, worth, over: weight)
    }
}

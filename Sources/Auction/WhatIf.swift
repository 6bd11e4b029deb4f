// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A change to auctions that were held, to see what it would have made of them.
public struct WhatIf: Sendable {
    /// Models that would not have taken part.
    public var without: Set<String> = []
    /// Other weights; nil keeps the recorded ones. ``exploration`` keeps its floor and takes the margin that goes with them.
    public var weights: (@Sendable (AuctionWeights) -> AuctionWeights)?
    /// Models that would have been eligible although they were excluded, and those that would not, by digest; nil keeps the recorded ones.
    public var eligible: (@Sendable (AuctionInput) -> Eligibility)?

    /// Who a changed policy lets take part in one auction.
    public struct Eligibility: Sendable {
        /// Bidders that it denies, each with the rules that do.
        public let denied: [Exclusion]
        /// Bids of models that were excluded, as they bid elsewhere.
        public let admitted: [Bid]
        /// Models that it would admit, and of which no bid is known.
        public let unknown: [String]

        public init(denied: [Exclusion], admitted: [Bid], unknown: [String]) {
            self.denied = denied
            self.admitted = admitted
            self.unknown = unknown
        }
    }

    public init() {}

    /// One auction under the change.
    public struct Answer: Sendable {
        public let award: Award
        /// In 1e-9, as ``Auction/propensities(_:)``: of the changed auction.
        public let propensities: [String: Int64]
        /// Models that would have been asked, and of which no bid is known.
        public let unknown: [String]
    }

    /// Holds a recorded auction once more, with the change.
    ///
    /// Only first attempts make sense: what comes after a failure depends on who failed.
    /// - Throws: what ``Auction/hold(_:)`` throws.
    public func hold(_ input: AuctionInput) throws(AuctionError) -> Answer {
        let eligibility = eligible?(input)
        let denied = Set((eligibility?.denied ?? []).map(\.digest))
        let admitted = eligibility?.admitted ?? []
        let back = Set(admitted.map(\.digest))
        let bids = (input.bids + admitted).filter { !without.contains($0.model) && !denied.contains($0.digest) }
        let weights = weights?(input.weights) ?? input.weights
        let changed = AuctionInput(
            job: input.job, jobDigest: input.jobDigest, microtask: input.microtask, attempt: input.attempt,
            round: input.round, sequence: input.sequence, previous: input.previous, features: input.features,
            policy: input.policy, bids: bids,
            exclusions: input.exclusions.filter { !back.contains($0.digest) && !denied.contains($0.digest) }
                + (eligibility?.denied ?? []),
            late: input.late.filter { !without.contains($0.model) && !denied.contains($0.digest) },
            experience: input.experience ?? [], learning: learning(input, of: bids), prior: input.prior,
            weights: weights,
            exploration: self.weights == nil
                ? input.exploration : Exploration(floor: input.exploration.floor, weights: weights),
            minBids: input.minBids, budgetRemaining: input.budgetRemaining)
        return Answer(
            award: try Auction.hold(changed), propensities: try Auction.propensities(changed),
            unknown: (eligibility?.unknown ?? []).filter { !without.contains($0) })
    }

    /// What had been learned of those who would have bid.
    private func learning(_ input: AuctionInput, of bids: [Bid]) -> LearnedInput? {
        guard let learning = input.learning else { return nil }
        let known = Dictionary(
            zip(input.bids.map(\.digest), learning.forecasts), uniquingKeysWith: { first, _ in first })
        let forecasts = bids.sorted { $0.digest < $1.digest }.map { known[$0.digest] ?? .unknown($0) }
        return LearnedInput(
            engine: learning.engine, settings: learning.settings, state: learning.state, outcomes: learning.outcomes,
            pace: learning.pace, forecasts: forecasts)
    }
}

extension Forecast {
    /// Of a bidder that was kept out, so that nothing had been asked about it: its bid is taken at its word.
    fileprivate static func unknown(_ bid: Bid) -> Forecast {
        let (claim, price) = (Int64(bid.confidence) * 15_625_000, bid.price)
        return Forecast(
            quality: claim, deviation: 0, cost: price, costDeviation: 0,
            latency: LogSteps.upperBounds[bid.latencyStep], usualQuality: claim, usualCost: price)
    }
}

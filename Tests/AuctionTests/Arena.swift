// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

@testable import Auction

/// Makes inputs of auctions for the tests.
enum Arena {
    static let weights = AuctionWeights(quality: 600_000_000, price: 300_000_000, latency: 100_000_000)

    static func digest(_ model: String) -> Digest { Digest.sha256(Array(model.utf8)) }

    static func bid(_ model: String, _ confidence: Int, cost: Int = 3, latency: Int = 2) -> Bid {
        Bid(model: model, digest: digest(model), confidence: confidence, costStep: cost, latencyStep: latency)
    }

    static func excluded(_ model: String, rules: [String] = ["F1"], reason: String? = nil) -> Exclusion {
        Exclusion(model: model, digest: digest(model), kind: "forbidden", rules: rules, reason: reason)
    }

    static func late(_ model: String, _ reason: LateBidder.Reason) -> LateBidder {
        LateBidder(model: model, digest: digest(model), reason: reason)
    }

    static func knows(_ model: String, right: Int64, wrong: Int64) -> Experience {
        Experience(model: model, digest: digest(model), right: right, wrong: wrong)
    }

    static func prior(_ model: String, cost: Int64 = 5) -> PriorAttempt {
        PriorAttempt(model: model, digest: digest(model), code: "crashed", cost: cost)
    }

    static func input(
        _ bids: [Bid], job: String = "job-1", microtask: String = "0001/spam", exclusions: [Exclusion] = [],
        late: [LateBidder] = [], experience: [Experience] = [], prior: [PriorAttempt] = [],
        weights: AuctionWeights = Arena.weights, exploration: Exploration = .never, minBids: Int = 1,
        budget: Int64 = 1_000_000
    ) -> AuctionInput {
        AuctionInput(
            job: job, jobDigest: digest(job), microtask: microtask, attempt: prior.count + 1, sequence: 0,
            features: TaskFeatures(
                type: "spam", class: "pii", purpose: "customer-support", bytes: 3_000, schema: digest("schema")),
            policy: PolicyReference(sequence: 7, digest: digest("policy")), bids: bids, exclusions: exclusions,
            late: late, experience: experience, prior: prior, weights: weights, exploration: exploration,
            minBids: minBids, budgetRemaining: budget)
    }

    /// The same auction with something learned of its bidders.
    static func learned(
        _ input: AuctionInput, exploration: Exploration? = nil, pace: Pace = .none,
        engine: String = HierarchicalThompson.id, forecast: (Bid) -> Forecast
    ) -> AuctionInput {
        let learning = LearnedInput(
            engine: EngineChoice(
                name: engine, reason: engine == LinUCB.id ? .challengerIsCloser : .usual, compared: 40,
                usualError: 210_000_000,
                challengerError: 230_000_000),
            settings: LearningSettings().version, state: digest("state"), outcomes: 41, pace: pace,
            forecasts: input.bids.map(forecast))
        return AuctionInput(
            job: input.job, jobDigest: input.jobDigest, microtask: input.microtask, attempt: input.attempt,
            sequence: input.sequence, features: input.features, policy: input.policy, bids: input.bids,
            exclusions: input.exclusions, late: input.late, learning: learning, prior: input.prior,
            weights: input.weights, exploration: exploration ?? input.exploration, minBids: input.minBids,
            budgetRemaining: input.budgetRemaining)
    }

    /// A random learned auction: some without exploration, some with a pace, some whose bidders are all alike.
    static func randomLearned(_ dice: inout Dice) -> AuctionInput {
        let input = random(&dice)
        let isAlike = dice.below(4) == 0
        let pace =
            dice.below(2) == 0
            ? Pace.none : Pace(pressure: Int64(dice.below(400_000_000)), share: Int64(1 + dice.below(20_000)))
        return learned(
            input, exploration: dice.below(2) == 0 ? .never : nil, pace: pace,
            engine: dice.below(3) == 0 ? LinUCB.id : HierarchicalThompson.id
        ) { _ in
            let quality = isAlike ? 700_000_000 : Int64(dice.below(1_000_000_001))
            return Forecast(
                quality: quality, deviation: Int64(dice.below(400_000_000)),
                cost: isAlike ? 50 : Int64(dice.below(60_000)), costDeviation: Int64(dice.below(9_000)),
                latency: isAlike ? 20 : Int64(dice.below(20_000)),
                usualQuality: isAlike ? quality : Int64(dice.below(1_000_000_001)),
                usualCost: Int64(dice.below(60_000)))
        }
    }

    /// A random auction, the same for the same seed: some excluded (some of those bidding all the same), some late.
    static func random(_ dice: inout Dice, exploration: Exploration? = nil) -> AuctionInput {
        let names = (0..<dice.below(12) + 1).map { "model-\($0)" }
        var bids: [Bid] = []
        var exclusions: [Exclusion] = []
        var lates: [LateBidder] = []
        for name in names {
            let fate = dice.below(10)
            if fate == 0 { lates.append(late(name, [.late, .silent, .invalid, .failed][dice.below(4)])) }
            if fate == 1 || fate == 2 { exclusions.append(excluded(name)) }
            if fate != 0, fate != 1 {
                bids.append(bid(name, dice.below(65), cost: dice.below(16), latency: dice.below(16)))
            }
        }
        let tried = bids.filter { _ in dice.below(12) == 0 }.map { prior($0.model) }
        // A third of the auctions know something about some, and now and then about somebody who is not there.
        let known =
            dice.below(3) > 0
            ? []
            : names.filter { _ in dice.below(2) == 0 }.map {
                knows($0, right: Int64(dice.below(60)), wrong: Int64(dice.below(60)))
            }
        let weights = AuctionWeights(
            quality: Int64(dice.below(2_000_000_000)), price: Int64(dice.below(1_000_000)),
            latency: Int64(dice.below(1_000_000)), risk: Int64(dice.below(500_000_000)),
            reserve: Int64(dice.below(200_000_000)) - 100_000_000)
        return input(
            bids, job: "job-\(dice.next())", exclusions: exclusions, late: lates, experience: known, prior: tried,
            weights: weights,
            exploration: exploration ?? Exploration(floor: Int64(dice.below(1_000_000_001)), weights: weights),
            minBids: dice.below(3) + 1, budget: Int64(dice.below(100_000_000)))
    }
}

/// SplitMix64: the tests' own chance, reproducible.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

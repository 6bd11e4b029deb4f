// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Means over the lines of a table, as exact sums.
public struct EvaluationScore: Sendable {
    public private(set) var lines: Int64 = 0
    public private(set) var quality: Int128 = 0
    public private(set) var cost: Int128 = 0
    public private(set) var latency: Int128 = 0
    /// Sum of scores in 1e-9.
    public private(set) var utility: Int128 = 0

    public init() {}

    mutating func add(_ outcome: OutcomeTable.Outcome, _ weights: LearnedWeights) {
        lines += 1
        quality += Int128(outcome.quality)
        cost += Int128(outcome.cost)
        latency += Int128(outcome.latency)
        utility += Int128(weights.score(quality: outcome.quality, cost: outcome.cost))
    }
}

/// The engine replayed over recorded outcomes: what it would have reached, beside what others would have.
public struct Evaluation: Sendable {
    public let train: OutcomeTable
    public let test: OutcomeTable
    public let weights: LearnedWeights
    public var settings = LearningSettings()
    public var seed: UInt64 = 1
    public var rounds = 1
    /// Bidders that claim 63/64 whatever they believe.
    public var liars: Set<Int> = []
    let digests: [Digest]

    /// - Parameters:
    ///   - test: has the models and the money unit of `train`.
    public init(train: OutcomeTable, test: OutcomeTable, weights: LearnedWeights) {
        self.train = train
        self.test = test
        self.weights = weights
        digests = train.models.map(OutcomeTable.digest)
    }

    /// Draws who lies: `count` of the models.
    public mutating func chooseLiars(_ count: Int) {
        let draws = SeededDraws(seed: lineSeed("liars", round: 0))
        let keys = train.models.indices.map { (draws.tieKey($0), $0) }.sorted { $0 < $1 }
        liars = Set(keys.prefix(count).map(\.1))
    }

    /// A price list: each model's mean cost on `train` to two digits, in money units. A bidder knows what it usually costs.
    public var prices: [Int64] {
        train.models.indices.map { model in
            let sum = train.lines.reduce(Int128(0)) { $0 + Int128($1.outcomes[model].cost) }
            let mean = Int64(sum / Int128(max(1, train.lines.count)))
            var scale: Int64 = 1
            while mean / scale >= 100 { scale *= 10 }
            return (mean + scale / 2) / scale * scale
        }
    }

    func lineSeed(_ id: String, round: Int) -> Digest {
        AuctionSeed.derive(
            job: Digest.sha256(Array("atomic/auction/evaluate/v1".utf8) + [0] + AuctionSeed.bigEndian(seed)),
            round: round, microtask: id)
    }
}

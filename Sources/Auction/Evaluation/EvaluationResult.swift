// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// What an evaluation found.
public struct EvaluationResult: Sendable {
    /// What one bidder did in a run, by its internal credits: score of the outcome less the second score.
    public struct Account: Sendable {
        public var wins: Int64 = 0
        /// Sum of credits in 1e-9.
        public var credits: Int128 = 0
    }

    /// Forecasts of winners from one tenth of the probabilities, against what came of them; sums in 1e-9.
    public struct CalibrationBin: Sendable {
        public var count: Int64 = 0
        public var forecast: Int128 = 0
        public var outcome: Int128 = 0
    }

    /// One run of the engine over lines.
    public struct Run: Sendable {
        public var total = EvaluationScore()
        /// By declared type.
        public var types: [String: EvaluationScore] = [:]
        public var winners: [String: [Int: Int64]] = [:]
        /// Sum of what the best of each line scored beyond the winner, in 1e-9.
        public var regret: Int128 = 0
        /// Regret after about 200 evenly spaced lines, with the number of lines.
        public var curve: [(lines: Int64, regret: Int128)] = []
        public var accounts: [Account]
        public var reasons: [AwardReason: Int64] = [:]
        public var calibration = [CalibrationBin](repeating: CalibrationBin(), count: 10)

        init(models: Int) { accounts = .init(repeating: Account(), count: models) }

        mutating func add(
            _ award: LearnedAward, model: Int, _ line: OutcomeTable.Line, best: Int64, _ weights: LearnedWeights
        ) {
            let outcome = line.outcomes[model]
            let worth = weights.score(quality: outcome.quality, cost: outcome.cost)
            total.add(outcome, weights)
            types[line.task.type, default: EvaluationScore()].add(outcome, weights)
            winners[line.task.type, default: [:]][model, default: 0] += 1
            regret += Int128(best - worth)
            accounts[model].wins += 1
            accounts[model].credits += Int128(worth - award.secondScore)
            reasons[award.reason, default: 0] += 1
            guard let score = award.winnersScore else { return }
            let bin = Int(min(9, score.probability / 100_000_000))
            calibration[bin].count += 1
            calibration[bin].forecast += Int128(score.probability)
            calibration[bin].outcome += Int128(outcome.quality)
        }
    }

    public let heldOut: Run
    public let stream: Run
    public let fixedBest: (model: Int, score: EvaluationScore)
    public let cheapest: (model: Int, score: EvaluationScore)
    /// Of every model on the test lines.
    public let perModel: [EvaluationScore]
    public let oracle: EvaluationScore
    /// Best fixed model of the test lines by type and the oracle by type, for comparison.
    public let typeFixed: [String: EvaluationScore]
    public let typeOracle: [String: EvaluationScore]
    /// The engine after learning the training lines.
    public let engine: Learner
}

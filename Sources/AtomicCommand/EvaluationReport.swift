// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Auction

/// What `atomic auction evaluate` prints: means per task, money in cents and time in seconds.
struct EvaluationReport: Encodable {
    struct Means: Encodable {
        let utility: Double
        let quality: Double
        let cost: Double
        let latency: Double
        var model: String?
        var lines: Int64?
    }

    struct Stream: Encodable {
        let utility: Double
        /// Summed over the stream.
        let regret: Double
        let quality: Double
        let cost: Double
        let lines: Int64
    }

    struct PerType: Encodable {
        let lines: Int64
        let utility: Double
        let quality: Double
        let cost: Double
        let latency: Double
        /// Utility of the model that was best on the training table, and of the best one of each line.
        let fixedBest: Double
        let oracle: Double
        /// How often each model won.
        let winners: [String: Int64]
    }

    struct Account: Encodable {
        let wins: Int64
        /// Summed over the stream: score of the outcome less the second score.
        let credits: Double
        let liar: Bool
    }

    struct Bin: Encodable {
        let count: Int64
        let forecast: Double
        let outcome: Double
    }

    struct Engine: Encodable {
        let name: String
        let reason: String
        /// Outcomes that the usual engine and the challenger in its shadow both forecast, and their mean squared errors.
        let compared: Int64
        let usualError: Double
        let challengerError: Double
        let version: Int
        /// κ: a model's record over all types counts within a type as this many outcomes.
        let shrinkage: Double
        /// Variance of an outcome around its forecast.
        let noise: Double
        let liars: [String]
        /// Of the held-out awards.
        let reasons: [String: Int64]
        /// Of the stream.
        let bidders: [String: Account]
        /// Forecasts of held-out winners by tenths, against what came of them.
        let calibration: [Bin]
    }

    let heldOut: Means
    let fixedBest: Means
    let cheapest: Means
    let random: Means
    let oracle: Means
    let stream: Stream
    let perType: [String: PerType]
    let engine: Engine
    let lambda: Double

    init(_ evaluation: Evaluation, _ result: EvaluationResult, lambda: Double) {
        let units = Double(evaluation.test.unitsPerCent)
        let models = evaluation.test.models
        func means(_ score: EvaluationScore, model: Int? = nil) -> Means {
            let lines = Double(max(1, score.lines))
            return Means(
                utility: Double(score.utility) / 1e9 / lines, quality: Double(score.quality) / 1e9 / lines,
                cost: Double(score.cost) / units / lines, latency: Double(score.latency) / 1e3 / lines,
                model: model.map { models[$0] }, lines: score.lines)
        }
        self.lambda = lambda
        heldOut = means(result.heldOut.total)
        fixedBest = means(result.fixedBest.score, model: result.fixedBest.model)
        cheapest = means(result.cheapest.score, model: result.cheapest.model)
        random = Self.mean(result.perModel.map { means($0) })
        oracle = means(result.oracle)
        let streamed = means(result.stream.total)
        stream = Stream(
            utility: streamed.utility, regret: Double(result.stream.regret) / 1e9, quality: streamed.quality,
            cost: streamed.cost, lines: result.stream.total.lines)
        perType = result.heldOut.types.reduce(into: [:]) { types, entry in
            let (type, mean) = (entry.key, means(entry.value))
            let winners = result.heldOut.winners[type] ?? [:]
            types[type] = PerType(
                lines: entry.value.lines, utility: mean.utility, quality: mean.quality, cost: mean.cost,
                latency: mean.latency, fixedBest: means(result.typeFixed[type] ?? EvaluationScore()).utility,
                oracle: means(result.typeOracle[type] ?? EvaluationScore()).utility,
                winners: Dictionary(uniqueKeysWithValues: winners.map { (models[$0.key], $0.value) }))
        }
        engine = Self.engine(evaluation, result)
    }

    private static func mean(_ rows: [Means]) -> Means {
        func mean(_ value: (Means) -> Double) -> Double { rows.map(value).reduce(0, +) / Double(max(1, rows.count)) }
        return Means(
            utility: mean(\.utility), quality: mean(\.quality), cost: mean(\.cost), latency: mean(\.latency),
            lines: rows.first?.lines)
    }

    private static func engine(_ evaluation: Evaluation, _ result: EvaluationResult) -> Engine {
        let models = evaluation.test.models
        let accounts = models.indices.map { model in
            let account = result.stream.accounts[model]
            return Account(
                wins: account.wins, credits: Double(account.credits) / 1e9, liar: evaluation.liars.contains(model))
        }
        let calibration = result.heldOut.calibration.filter { $0.count > 0 }.map { bin in
            Bin(
                count: bin.count, forecast: Double(bin.forecast) / 1e9 / Double(bin.count),
                outcome: Double(bin.outcome) / 1e9 / Double(bin.count))
        }
        let (choice, usual) = (result.engine.choice, result.engine.usual)
        return Engine(
            name: choice.name, reason: choice.reason.rawValue, compared: choice.compared,
            usualError: Double(choice.usualError) / 1e9, challengerError: Double(choice.challengerError) / 1e9,
            version: usual.settings.version, shrinkage: Double(usual.spread.worth) / 1e3,
            noise: Double(usual.spread.noise) / 1e9,
            liars: evaluation.liars.sorted().map { models[$0] },
            reasons: Dictionary(
                uniqueKeysWithValues: result.heldOut.reasons.map { ($0.key.rawValue, $0.value) }),
            bidders: Dictionary(uniqueKeysWithValues: zip(models, accounts)), calibration: calibration)
    }
}

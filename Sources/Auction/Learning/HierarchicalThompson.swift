// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// What is known of one model.
struct ModelPosterior: Codable, Hashable, Sendable {
    /// Over all types; quality is taken less what the type of the task adds.
    var usual = OutcomeTally()
    var cells: [String: LearnedCell] = [:]
    var slope = ClaimSlope()
}

/// Hierarchical Beta-Thompson: a model's record on a type of task, shrunk to its record over all types plus what the type is
/// worth to everybody, shrunk to what models usually do; and on top of it the claim, counted as what its bidder's claims were
/// worth before (`docs/auction.md`, "Learning").
public struct HierarchicalThompson: LearningEngine {
    public let name = "hierarchical-thompson"
    public let settings: LearningSettings
    var models: [Digest: ModelPosterior] = [:]
    var types: [String: TypeOffset] = [:]
    /// All outcomes of all models.
    var room = OutcomeTally()
    var roomSlope = ClaimSlope()
    public private(set) var spread: TypeSpread

    static let roomMemory: Int64 = 262_144

    public init(_ settings: LearningSettings = LearningSettings()) {
        self.settings = settings
        spread = TypeSpread(settings)
    }

    public func forecast(_ bidder: Bidder, on task: LearnedTask) -> Forecast {
        let model = models[bidder.digest]
        let cell = model?.cells[task.type]?.tally ?? OutcomeTally()
        let usual = model?.usual ?? OutcomeTally()
        let offset = types[task.type] ?? TypeOffset()

        let newcomer = room.meanQuality(shrunkTo: Fixed.one / 2, worth: 2_000)
        let usualQuality = usual.meanQuality(shrunkTo: newcomer, worth: settings.modelWorth)
        let expected = Fixed.fraction(usualQuality + offset.quality(worth: settings.typeWorth))
        var quality = cell.meanQuality(shrunkTo: expected, worth: spread.worth)
        if let confidence = bidder.confidence {
            let claimed = cell.meanClaim(
                shrunkTo: usual.meanClaim(
                    shrunkTo: room.meanClaim(shrunkTo: confidence, worth: 0), worth: settings.modelWorth),
                worth: spread.worth)
            quality += Fixed.times(slope(model), confidence - claimed)
        }

        let usualCost = usual.meanCost(shrunkTo: bidder.unitPrice, worth: settings.priceWorth)
        let cost = cell.meanCost(
            shrunkTo: offset.cost(of: usualCost, worth: settings.costWorth), worth: settings.costWorth)
        let usualLatency = usual.meanLatency(
            shrunkTo: room.meanLatency(shrunkTo: 0, worth: 1), worth: settings.priceWorth)
        return Forecast(
            quality: Fixed.fraction(quality), deviation: deviation(expected, cell, usual), cost: max(0, cost),
            latency: cell.meanLatency(shrunkTo: usualLatency, worth: settings.costWorth),
            usualQuality: Fixed.fraction(usualQuality), usualCost: max(0, usualCost))
    }

    private func slope(_ model: ModelPosterior?) -> Int64 {
        let most = settings.mostSlope
        let shared = roomSlope.slope(shrunkTo: 0, worth: settings.roomSlopeWorth, most: most)
        return (model?.slope ?? ClaimSlope()).slope(shrunkTo: shared, worth: settings.slopeWorth, most: most)
    }

    /// Of the Beta whose counts are the cell's and κ of the model's mean, and of that mean itself.
    private func deviation(_ mean: Int64, _ cell: OutcomeTally, _ usual: OutcomeTally) -> Int64 {
        let variance = Fixed.times(mean, Fixed.one - mean)
        let strength = cell.count * 1_000 + spread.worth
        let own = Fixed.share(variance, 1_000, over: strength + 1_000)
        let share = Fixed.share(spread.worth, Fixed.one, over: strength)
        let inherited = Fixed.share(variance, 1_000, over: usual.count * 1_000 + settings.modelWorth + 1_000)
        return Fixed.rootOfFraction(own + Fixed.times(Fixed.times(share, share), inherited))
    }

    public func exploration(_ forecast: Forecast, bits: UInt64) -> Int64 {
        Fixed.times(Fixed.times(Normal.draw(bits), forecast.deviation), settings.exploration)
    }

    public mutating func learn(_ outcomes: [VerifiedOutcome], on task: LearnedTask) {
        let forecasts = outcomes.map { forecast($0.bidder, on: task) }
        learnNoise(outcomes, forecasts)
        for (outcome, forecast) in zip(outcomes, forecasts) { learn(outcome, forecast, task) }
        if spread.surprises >= spread.due { spread.update(deviations(), settings) }
    }

    /// What all models of one task share (it was hard) says nothing about how they differ.
    private mutating func learnNoise(_ outcomes: [VerifiedOutcome], _ forecasts: [Forecast]) {
        let surprises = zip(outcomes, forecasts).map { $0.quality - $1.quality }
        let count = Int64(surprises.count)
        let common = count > 1 ? Fixed.quotient(surprises.reduce(0, +), count) : 0
        for surprise in surprises { spread.add(surprise: surprise - common, of: count) }
    }

    private mutating func learn(_ outcome: VerifiedOutcome, _ forecast: Forecast, _ task: LearnedTask) {
        var offset = types[task.type] ?? TypeOffset()
        let ofType = offset.quality(worth: settings.typeWorth)
        offset.add(
            surplus: outcome.quality - forecast.usualQuality, metered: outcome.cost, usual: forecast.usualCost)
        types[task.type] = offset
        learnSlope(outcome, task)
        room.add(outcome, quality: outcome.quality)
        if room.count >= Self.roomMemory { room.halve() }

        var model = models.removeValue(forKey: outcome.bidder.digest) ?? ModelPosterior()
        model.usual.add(outcome, quality: outcome.quality - ofType)
        if model.usual.count >= Self.roomMemory { model.usual.halve() }
        if model.cells[task.type, default: LearnedCell()].add(outcome, settings) {
            model.usual.halve()
            model.slope.halve()
        }
        models[outcome.bidder.digest] = model
    }

    private mutating func learnSlope(_ outcome: VerifiedOutcome, _ task: LearnedTask) {
        guard let confidence = outcome.bidder.confidence,
            let cell = models[outcome.bidder.digest]?.cells[task.type]?.tally, cell.claims > 0
        else { return }
        let claim = confidence - cell.meanClaim(shrunkTo: 0, worth: 0)
        let quality = outcome.quality - cell.meanQuality(shrunkTo: 0, worth: 0)
        models[outcome.bidder.digest]?.slope.add(claim: claim, outcome: quality, earlier: cell.claims)
        roomSlope.add(claim: claim, outcome: quality, earlier: cell.claims)
    }

    /// How far each cell lies from what its model and its type alone predict.
    private func deviations() -> [TypeSpread.Deviation] {
        var cells: [TypeSpread.Deviation] = []
        var byType: [String: [(count: Int64, distance: Int64, ofModel: Int64)]] = [:]
        for model in models.values {
            let usual = model.usual.meanQuality(shrunkTo: 0, worth: 0)
            for (type, cell) in model.cells where cell.tally.count > 0 {
                let distance = cell.tally.meanQuality(shrunkTo: 0, worth: 0) - usual
                byType[type, default: []].append((cell.tally.count, distance, model.usual.count))
            }
        }
        for inType in byType.values {
            let count = inType.reduce(0) { $0 + $1.count }
            // Sums of products of counts and distances in 1e-9 stay below 2^53.
            let offset = Fixed.quotient(inType.reduce(0) { $0 + $1.count * $1.distance }, count)
            cells += inType.map {
                .init(
                    count: $0.count, distance: $0.distance - offset, ofModel: $0.ofModel, models: Int64(inType.count))
            }
        }
        return cells
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// What is known of one model.
struct ModelPosterior: Codable, Hashable, Sendable {
    /// Over all types; quality is taken less what the type of the task adds.
    var usual = OutcomeTally()
    var cells: [String: LearnedCell] = [:]
    var slope = ClaimSlope()
    var curve = ClaimCurve()
    /// How its outcomes follow what the others' claims say about a task.
    var fieldSlope = ClaimSlope()
}

/// Hierarchical Beta-Thompson: a model's record on a type of task, shrunk to its record over all types plus what the type is
/// worth to everybody, shrunk to what models usually do; and on top of it the claim, counted as what its bidder's claims were
/// worth before (`docs/auction.md`, "Learning").
public struct HierarchicalThompson: LearningEngine {
    public var name: String { Self.id }
    public static let id = "hierarchical-thompson"
    public let settings: LearningSettings
    var models: [Digest: ModelPosterior] = [:]
    var types: [String: TypeOffset] = [:]
    /// All outcomes of all models.
    var room = OutcomeTally()
    var roomSlope = ClaimSlope()
    var roomFieldSlope = ClaimSlope()
    public private(set) var spread: TypeSpread
    /// What was computed of this state already.
    private var known = Prospects()

    static let roomMemory: Int64 = 262_144

    public init(_ settings: LearningSettings = LearningSettings()) {
        self.settings = settings
        spread = TypeSpread(settings)
    }

    public func forecast(_ bidders: [Bidder], on task: LearnedTask) -> [Forecast] {
        let prospects = prospects(bidders, task)
        let field = Self.field(prospects, bidders)
        var forecasts: [Forecast] = []
        forecasts.reserveCapacity(bidders.count)
        for index in bidders.indices {
            forecasts.append(prospects[index].forecast(bidders[index].confidence, field: field))
        }
        return forecasts
    }

    private func prospects(_ bidders: [Bidder], _ task: LearnedTask) -> [Prospect] {
        known.of(bidders, type: task.type) { prospect($0, task) }
    }

    /// What the hierarchy says of a bidder on a type.
    private func prospect(_ bidder: Bidder, _ task: LearnedTask) -> Prospect {
        let model = models[bidder.digest]
        let (cell, usual) = tallies(model, bidder, task)
        let offset = types[task.type] ?? TypeOffset()
        let newcomer = room.meanQuality(shrunkTo: Fixed.one / 2, worth: 2_000)
        let usualQuality = usual.meanQuality(shrunkTo: newcomer, worth: settings.modelWorth)
        let expected = Fixed.fraction(usualQuality + offset.quality(worth: settings.typeWorth))
        let usualCost = max(0, usual.meanCost(shrunkTo: bidder.unitPrice, worth: settings.priceWorth))
        let cost = max(
            0,
            cell.meanCost(
                shrunkTo: offset.cost(of: usualCost, worth: settings.costWorth), worth: settings.costWorth))
        let share = Fixed.share(spread.costNoise, 1_000, over: cell.count * 1_000 + settings.costWorth)
        let usualLatency = usual.meanLatency(
            shrunkTo: room.meanLatency(shrunkTo: 0, worth: 1), worth: settings.priceWorth)
        // Where nobody has ever claimed, a claim is as usual as any.
        let claimed =
            room.claims == 0
            ? nil
            : cell.meanClaim(
                shrunkTo: usual.meanClaim(
                    shrunkTo: room.meanClaim(shrunkTo: 0, worth: 0), worth: settings.modelWorth), worth: spread.worth)
        let hasSpread = (model?.slope.spread ?? 0) >= settings.slopeWorth
        return Prospect(
            digest: bidder.digest, unitPrice: bidder.unitPrice, examples: bidder.examples, usualQuality: usualQuality,
            expected: expected,
            quality: cell.meanQuality(shrunkTo: expected, worth: spread.worth),
            deviation: deviation(expected, cell, usual), claimed: claimed, slope: slope(model), hasSpread: hasSpread,
            fieldSlope: fieldSlope(model), curve: hasSpread ? model?.curve.means(worth: settings.curveWorth) : nil,
            usualCost: usualCost, cost: cost, costDeviation: Fixed.times(cost, Fixed.rootOfFraction(share)),
            latency: cell.meanLatency(shrunkTo: usualLatency, worth: settings.costWorth))
    }

    /// What is known of a bidder on a type of task, and over all types.
    private func tallies(
        _ model: ModelPosterior?, _ bidder: Bidder, _ task: LearnedTask
    ) -> (cell: OutcomeTally, usual: OutcomeTally) {
        guard let model else { return (OutcomeTally(), OutcomeTally()) }
        guard let cell = model.cells[task.type] else { return (OutcomeTally(), model.usual) }
        return (cell.faded(cell.tally, now: bidder.examples), cell.faded(model.usual, now: bidder.examples))
    }

    /// What the claims of those whose claims say something say about the task, in 1e-9: the mean of it.
    private static func field(_ prospects: [Prospect], _ bidders: [Bidder]) -> Int64 {
        var (sum, count): (Int64, Int64) = (0, 0)
        for index in bidders.indices where prospects[index].speaks(bidders[index].claim) {
            sum += prospects[index].said(bidders[index].confidence)
            count += 1
        }
        return count == 0 ? 0 : Fixed.quotient(sum, count)
    }

    private func slope(_ model: ModelPosterior?) -> Int64 {
        let most = settings.mostSlope
        let shared = roomSlope.slope(shrunkTo: 0, worth: settings.roomSlopeWorth, most: most)
        return (model?.slope ?? ClaimSlope()).slope(shrunkTo: shared, worth: settings.slopeWorth, most: most)
    }

    private func fieldSlope(_ model: ModelPosterior?) -> Int64 {
        let most = 2 * settings.mostSlope
        let shared = roomFieldSlope.slope(shrunkTo: 0, worth: settings.roomSlopeWorth, most: most)
        return (model?.fieldSlope ?? ClaimSlope()).slope(shrunkTo: shared, worth: settings.slopeWorth, most: most)
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
        Self.exploration(forecast, bits: bits, share: settings.exploration)
    }

    static func exploration(_ forecast: Forecast, bits: UInt64, share: Int64) -> Int64 {
        Fixed.times(Fixed.times(Normal.draw(bits), forecast.deviation), share)
    }

    public mutating func learn(_ outcomes: [VerifiedOutcome], among bidders: [Bidder], on task: LearnedTask) {
        let outcomes = outcomes.filter { bidders.indices.contains($0.bidder) }
        let estimates = prospects(bidders, task)
        let field = Self.field(estimates, bidders)
        let forecasts = bidders.indices.map { estimates[$0].forecast(bidders[$0].confidence, field: field) }
        learnNoise(outcomes, forecasts)
        for outcome in outcomes {
            let (bidder, estimate) = (bidders[outcome.bidder], estimates[outcome.bidder])
            spread.add(cost: outcome.cost, forecast: estimate.cost)
            learnSlopes(outcome, bidder, task, estimate, field)
            learn(outcome, bidder, task, estimate)
        }
        if spread.surprises >= spread.due { spread.update(deviations(), settings) }
        // Copies of what was known before keep theirs.
        known = Prospects()
    }

    /// What all models of one task share (it was hard) says nothing about how they differ.
    private mutating func learnNoise(_ outcomes: [VerifiedOutcome], _ forecasts: [Forecast]) {
        let surprises = outcomes.map { $0.quality - forecasts[$0.bidder].quality }
        let count = Int64(surprises.count)
        let common = count > 1 ? Fixed.quotient(surprises.reduce(0, +), count) : 0
        for surprise in surprises { spread.add(surprise: surprise - common, of: count) }
    }

    private mutating func learn(
        _ outcome: VerifiedOutcome, _ bidder: Bidder, _ task: LearnedTask, _ estimate: Prospect
    ) {
        var offset = types[task.type] ?? TypeOffset()
        let ofType = offset.quality(worth: settings.typeWorth)
        offset.add(
            surplus: outcome.quality - Fixed.fraction(estimate.usualQuality), metered: outcome.cost,
            usual: estimate.usualCost)
        types[task.type] = offset
        room.add(outcome, quality: outcome.quality, claim: bidder.confidence)
        if room.count >= Self.roomMemory { room.halve() }

        var model = models.removeValue(forKey: bidder.digest) ?? ModelPosterior()
        model.usual.add(outcome, quality: outcome.quality - ofType, claim: bidder.confidence)
        if model.usual.count >= Self.roomMemory { model.usual.halve() }
        if model.cells[task.type, default: LearnedCell()].add(
            outcome, claim: bidder.confidence, examples: bidder.examples, settings)
        {
            model.usual.halve()
            model.slope.halve()
            model.curve.halve()
            model.fieldSlope.halve()
        }
        models[bidder.digest] = model
    }

    private mutating func learnSlopes(
        _ outcome: VerifiedOutcome, _ bidder: Bidder, _ task: LearnedTask, _ estimate: Prospect, _ field: Int64
    ) {
        let speaks = estimate.speaks(bidder.claim)
        if field != 0, !speaks {
            let surprise = outcome.quality - estimate.quality
            models[bidder.digest, default: ModelPosterior()].fieldSlope.add(signal: field, surprise: surprise)
            roomFieldSlope.add(signal: field, surprise: surprise)
        }
        if speaks {
            models[bidder.digest]?.curve.add(
                forecast: Fixed.moved(estimate.quality, by: estimate.said(bidder.confidence)), outcome: outcome.quality)
        }
        guard let confidence = bidder.confidence,
            let cell = models[bidder.digest]?.cells[task.type]?.tally, cell.claims > 0
        else { return }
        let claim = confidence - cell.meanClaim(shrunkTo: 0, worth: 0)
        let quality = outcome.quality - cell.meanQuality(shrunkTo: 0, worth: 0)
        models[bidder.digest]?.slope.add(claim: claim, outcome: quality, earlier: cell.claims)
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

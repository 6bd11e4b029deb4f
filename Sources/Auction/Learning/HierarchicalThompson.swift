// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// What is known of one model.
struct ModelPosterior: Sendable {
    /// Over all types; quality is taken less what the type of the task adds.
    var usual = OutcomeTally()
    /// Of the types that it did, in the order in which it first did them: a few, and found faster by a look at each.
    var cells: [(type: Int, cell: LearnedCell)] = []
    var slope = ClaimSlope()
    var curve = ClaimCurve()
    /// How its outcomes follow what the others' claims say about a task.
    var fieldSlope = ClaimSlope()

    func cell(_ type: Int?) -> LearnedCell? {
        for index in cells.indices where cells[index].type == type { return cells[index].cell }
        return nil
    }
}

/// Hierarchical Beta-Thompson: a model's record on a type of task, shrunk to its record over all types plus what the type is
/// worth to everybody, shrunk to what models usually do; and on top of it the claim, counted as what its bidder's claims were
/// worth before (`docs/auction.md`, "Learning").
public struct HierarchicalThompson: LearningEngine {
    public var name: String { Self.id }
    public static let id = "hierarchical-thompson"
    public let settings: LearningSettings
    var models: [Digest: ModelPosterior] = [:]
    /// Numbers of the types, and what each adds.
    private var types: [String: Int] = [:]
    private var offsets: [TypeOffset] = []
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
            forecasts.append(prospects[index].forecast(bidders[index].confidence, field: field, settings))
        }
        return forecasts
    }

    private func prospects(_ bidders: [Bidder], _ task: LearnedTask) -> [Prospect] {
        known.of(bidders, type: task.type) {
            let common = Common(self, types[task.type])
            return { prospect($0, common) }
        }
    }

    /// What all bidders on a type have in common.
    private struct Common {
        let type: Int?
        let offset: TypeOffset
        let ofType: Int64
        let newcomer: Int64
        let latency: Int64
        /// Nil where nobody has ever claimed: a claim is as usual as any then.
        let claimed: Int64?
        let slope: Int64
        let fieldSlope: Int64

        init(_ engine: HierarchicalThompson, _ type: Int?) {
            let (room, settings) = (engine.room, engine.settings)
            self.type = type
            offset = type.map { engine.offsets[$0] } ?? TypeOffset()
            ofType = offset.quality(worth: settings.typeWorth)
            newcomer = room.meanQuality(shrunkTo: Fixed.one / 2, worth: 2_000)
            latency = room.meanLatency(shrunkTo: 0, worth: 1)
            claimed = room.claims == 0 ? nil : room.meanClaim(shrunkTo: 0, worth: 0)
            let most = settings.mostSlope
            slope = engine.roomSlope.slope(shrunkTo: 0, worth: settings.roomSlopeWorth, most: most)
            fieldSlope = engine.roomFieldSlope.slope(shrunkTo: 0, worth: settings.roomSlopeWorth, most: 2 * most)
        }
    }

    /// What the hierarchy says of a bidder on a type.
    private func prospect(_ bidder: Bidder, _ common: Common) -> Prospect {
        let model = models[bidder.digest]
        let (cell, usual) = tallies(model, bidder, common.type)
        let usualQuality = usual.meanQuality(shrunkTo: common.newcomer, worth: settings.modelWorth)
        let expected = Fixed.fraction(usualQuality + common.ofType)
        let usualCost = max(0, usual.meanCost(shrunkTo: bidder.unitPrice, worth: settings.priceWorth))
        let cost = max(
            0,
            cell.meanCost(
                shrunkTo: common.offset.cost(of: usualCost, worth: settings.costWorth), worth: settings.costWorth))
        let share = Fixed.share(spread.costNoise, 1_000, over: cell.count * 1_000 + settings.costWorth)
        let usualLatency = usual.meanLatency(shrunkTo: common.latency, worth: settings.priceWorth)
        let claimed = common.claimed.map {
            cell.meanClaim(shrunkTo: usual.meanClaim(shrunkTo: $0, worth: settings.modelWorth), worth: spread.worth)
        }
        let hasSpread = (model?.slope.spread ?? 0) >= settings.slopeWorth
        return Prospect(
            digest: bidder.digest, unitPrice: bidder.unitPrice, examples: bidder.examples, usualQuality: usualQuality,
            quality: cell.meanQuality(shrunkTo: expected, worth: spread.worth),
            deviation: deviation(expected, cell, usual), claimed: claimed,
            slope: (model?.slope ?? ClaimSlope()).slope(
                shrunkTo: common.slope, worth: settings.slopeWorth, most: settings.mostSlope),
            hasSpread: hasSpread,
            fieldSlope: (model?.fieldSlope ?? ClaimSlope()).slope(
                shrunkTo: common.fieldSlope, worth: settings.slopeWorth, most: 2 * settings.mostSlope),
            curve: hasSpread ? model?.curve : nil, usualCost: usualCost, cost: cost,
            costDeviation: Fixed.times(cost, Fixed.rootOfFraction(share)),
            latency: cell.meanLatency(shrunkTo: usualLatency, worth: settings.costWorth))
    }

    /// What is known of a bidder on a type of task, and over all types.
    private func tallies(
        _ model: ModelPosterior?, _ bidder: Bidder, _ type: Int?
    ) -> (cell: OutcomeTally, usual: OutcomeTally) {
        guard let model else { return (OutcomeTally(), OutcomeTally()) }
        guard let cell = model.cell(type) else { return (OutcomeTally(), model.usual) }
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
        let type = number(of: task.type)
        learnNoise(
            outcomes.map {
                $0.quality
                    - estimates[$0.bidder].forecast(bidders[$0.bidder].confidence, field: field, settings).quality
            })
        for outcome in outcomes {
            let (bidder, estimate) = (bidders[outcome.bidder], estimates[outcome.bidder])
            spread.add(cost: outcome.cost, forecast: estimate.cost)
            learnSlopes(outcome, bidder, type, estimate, field)
            learn(outcome, bidder, type, estimate)
        }
        if spread.surprises >= spread.due { spread.update(deviations(), settings) }
        // Copies of what was known before keep theirs.
        known = Prospects()
    }

    private mutating func number(of type: String) -> Int {
        if let known = types[type] { return known }
        types[type] = offsets.count
        offsets.append(TypeOffset())
        return offsets.count - 1
    }

    /// What all models of one task share (it was hard) says nothing about how they differ.
    private mutating func learnNoise(_ surprises: [Int64]) {
        let count = Int64(surprises.count)
        let common = count > 1 ? Fixed.quotient(surprises.reduce(0, +), count) : 0
        for surprise in surprises { spread.add(surprise: surprise - common, of: count) }
    }

    private mutating func learn(
        _ outcome: VerifiedOutcome, _ bidder: Bidder, _ type: Int, _ estimate: Prospect
    ) {
        let ofType = offsets[type].quality(worth: settings.typeWorth)
        offsets[type].add(
            surplus: outcome.quality - Fixed.fraction(estimate.usualQuality), metered: outcome.cost,
            usual: estimate.usualCost)
        room.add(outcome, quality: outcome.quality, claim: bidder.confidence)
        if room.count >= Self.roomMemory { room.halve() }

        var model = models.removeValue(forKey: bidder.digest) ?? ModelPosterior()
        model.usual.add(outcome, quality: outcome.quality - ofType, claim: bidder.confidence)
        if model.usual.count >= Self.roomMemory { model.usual.halve() }
        let place = model.cells.firstIndex { $0.type == type } ?? model.cells.count
        if place == model.cells.count { model.cells.append((type, LearnedCell())) }
        if model.cells[place].cell.add(
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
        _ outcome: VerifiedOutcome, _ bidder: Bidder, _ type: Int, _ estimate: Prospect, _ field: Int64
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
            let cell = models[bidder.digest]?.cell(type)?.tally, cell.claims > 0
        else { return }
        let claim = confidence - cell.meanClaim(shrunkTo: 0, worth: 0)
        let quality = outcome.quality - cell.meanQuality(shrunkTo: 0, worth: 0)
        models[bidder.digest]?.slope.add(claim: claim, outcome: quality, earlier: cell.claims)
        roomSlope.add(claim: claim, outcome: quality, earlier: cell.claims)
    }

    /// How far each cell lies from what its model and its type alone predict.
    private func deviations() -> [TypeSpread.Deviation] {
        var cells: [TypeSpread.Deviation] = []
        var byType = [[(count: Int64, distance: Int64, ofModel: Int64)]](repeating: [], count: offsets.count)
        for model in models.values {
            let usual = model.usual.meanQuality(shrunkTo: 0, worth: 0)
            for (type, cell) in model.cells where cell.tally.count > 0 {
                let distance = cell.tally.meanQuality(shrunkTo: 0, worth: 0) - usual
                byType[type].append((cell.tally.count, distance, model.usual.count))
            }
        }
        for inType in byType where !inType.isEmpty {
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

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// One verified outcome with all that is learned from it.
public struct Lesson: Codable, Hashable, Sendable {
    public let task: LearnedTask
    /// Everybody who bid, in digest order; the outcome names one of them by its place.
    public let bidders: [Bidder]
    public let outcome: VerifiedOutcome

    public init(task: LearnedTask, bidders: [Bidder], outcome: VerifiedOutcome) {
        self.task = task
        self.bidders = bidders
        self.outcome = outcome
    }

    /// What an auction's winner was verified as; nil when `model` did not bid in it.
    ///
    /// - Parameters:
    ///   - cost: metered, in micro-units.
    ///   - latencyMs: metered.
    ///   - examples: labelled examples that there were to show.
    public init?(
        _ input: AuctionInput, model: String, isRight: Bool, cost: Int64, latencyMs: Int64, examples: Int64
    ) {
        guard let place = input.bids.firstIndex(where: { $0.model == model }) else { return nil }
        var bidders = input.bids.map { Bidder($0) }
        bidders[place].examples = examples
        self.init(
            task: LearnedTask(input.features), bidders: bidders,
            outcome: VerifiedOutcome(
                bidder: place, quality: isRight ? Fixed.one : 0, cost: cost, latency: latencyMs))
    }
}

extension LearnedTask {
    public init(_ features: TaskFeatures) { self.init(type: features.type, lengthStep: features.lengthStep) }
}

extension Bidder {
    /// Its price list is the upper bound of what it bid, in micro-units.
    public init(_ bid: Bid, examples: Int64? = nil) {
        self.init(
            digest: bid.digest, claim: bid.confidence, unitPrice: bid.price,
            examples: examples)
    }
}

/// Compares two engines by how close their forecasts of verified outcomes were, each made before the outcome was learned.
public struct EngineTrial: Sendable {
    public private(set) var count: Int64 = 0
    /// Sums of squared errors in 1e-9.
    private var usual: Int64 = 0
    private var challenger: Int64 = 0
    /// Sums of how much closer the challenger was, in 1e-9, and of the squares of that.
    private var gain: Int64 = 0
    private var squares: Int64 = 0

    /// Fewer outcomes than this decide nothing.
    public static let least: Int64 = 256
    private static let memory: Int64 = 16_384

    public init() {}

    mutating func add(usual: Int64, challenger: Int64, outcome: Int64) {
        let errors = (
            Fixed.times(usual - outcome, usual - outcome), Fixed.times(challenger - outcome, challenger - outcome)
        )
        count += 1
        self.usual += errors.0
        self.challenger += errors.1
        gain += errors.0 - errors.1
        squares += Fixed.times(errors.0 - errors.1, errors.0 - errors.1)
        guard count >= Self.memory else { return }
        count /= 2
        self.usual /= 2
        self.challenger /= 2
        gain = Fixed.quotient(gain, 2)
        squares /= 2
    }

    /// Whether the challenger was closer by more than three standard errors of the difference.
    public var isChallengerCloser: Bool {
        guard count >= Self.least, gain > 0 else { return false }
        return Int128(gain) * Int128(gain) > 9 * Int128(squares) * Int128(Fixed.one)
    }

    public var usualError: Int64 { count == 0 ? 0 : usual / count }
    public var challengerError: Int64 { count == 0 ? 0 : challenger / count }
}

/// What a room learns in one scope: the usual engine, the challenger in its shadow, and which of them scores.
public struct Learner: LearningEngine {
    public private(set) var usual: HierarchicalThompson
    public private(set) var challenger: LinUCB
    public private(set) var trial = EngineTrial()

    /// Fewer verified outcomes than this, and claims corrected by counts decide (``Experience``).
    public static let least: Int64 = 32

    public init(_ settings: LearningSettings = LearningSettings()) {
        usual = HierarchicalThompson(settings)
        challenger = LinUCB(settings)
    }

    public var name: String { trial.isChallengerCloser ? LinUCB.id : HierarchicalThompson.id }

    /// Which engine scores, and why.
    public var choice: EngineChoice {
        EngineChoice(
            name: name, reason: trial.isChallengerCloser ? .challengerIsCloser : .usual,
            compared: trial.count, usualError: trial.usualError, challengerError: trial.challengerError)
    }

    public func forecast(_ bidders: [Bidder], on task: LearnedTask) -> [Forecast] {
        trial.isChallengerCloser ? challenger.forecast(bidders, on: task) : usual.forecast(bidders, on: task)
    }

    public func exploration(_ forecast: Forecast, bits: UInt64) -> Int64 {
        trial.isChallengerCloser
            ? challenger.exploration(forecast, bits: bits) : usual.exploration(forecast, bits: bits)
    }

    public mutating func learn(_ outcomes: [VerifiedOutcome], among bidders: [Bidder], on task: LearnedTask) {
        let known = outcomes.filter { bidders.indices.contains($0.bidder) }
        let expected = usual.forecast(bidders, on: task)
        // The challenger looks at each bidder by itself.
        let other = challenger.forecast(known.map { bidders[$0.bidder] }, on: task)
        for (outcome, forecast) in zip(known, other) {
            trial.add(
                usual: expected[outcome.bidder].quality, challenger: forecast.quality, outcome: outcome.quality)
        }
        usual.learn(known, among: bidders, on: task)
        challenger.learn(known, among: bidders, on: task)
    }

    public mutating func learn(_ lesson: Lesson) {
        learn([lesson.outcome], among: lesson.bidders, on: lesson.task)
    }

    /// What an auction among these bids is told; nil while too little is known.
    ///
    /// - Parameters:
    ///   - bids: in any order.
    ///   - chain: names the outcomes that were learned.
    ///   - examples: labelled examples that a bidder is shown; nil for one that is shown none.
    public func input(
        _ bids: [Bid], on features: TaskFeatures, chain: LearningChain, pace: Pace,
        examples: (Digest) -> Int64? = { _ in nil }
    ) -> LearnedInput? {
        guard chain.count >= Self.least, !bids.isEmpty else { return nil }
        let sorted = AuctionInput.inOrder(bids, \.digest)
        return LearnedInput(
            engine: choice, settings: usual.settings.version, state: chain.digest, outcomes: chain.count, pace: pace,
            forecasts: forecast(sorted.map { Bidder($0, examples: examples($0.digest)) }, on: LearnedTask(features)))
    }
}

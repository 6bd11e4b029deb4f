// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What the learner is told of a task before anybody bids: the same metadata that bidders see.
public struct LearnedTask: Codable, Hashable, Sendable {
    /// Declared type.
    public let type: String
    /// Length of the input as a step 0…15 (``LogSteps``).
    public let lengthStep: Int

    public init(type: String, lengthStep: Int) {
        self.type = type
        self.lengthStep = lengthStep
    }
}

/// A bidder as the learner sees it: who it is and what it says, never what it will do.
public struct Bidder: Codable, Hashable, Sendable {
    public let digest: Digest
    /// Claimed probability of a right answer in 1/64, 0…64, as a bid carries it; nil when it claims none.
    public let claim: Int?
    /// What it says a usual task costs, in money units; a price list, not the cost of this task.
    public let unitPrice: Int64
    /// Labelled examples that it is shown, or could be, with the task; nil when it is shown none. What it did with fewer
    /// fades: it counts half for each doubling since, and at least an eighth.
    public var examples: Int64?

    public init(digest: Digest, claim: Int?, unitPrice: Int64, examples: Int64? = nil) {
        self.digest = digest
        self.claim = claim
        self.unitPrice = unitPrice
        self.examples = examples
    }

    /// The claim in 1e-9.
    var confidence: Int64? { claim.map { Int64($0) * 15_625_000 } }
}

/// What came of one bidder's work on a task, verified and metered.
public struct VerifiedOutcome: Codable, Hashable, Sendable {
    /// Which of the task's bidders did it: an index.
    public let bidder: Int
    /// How right the answer was, 0…1 in 1e-9.
    public let quality: Int64
    /// Metered, in money units, 0…10^13.
    public let cost: Int64
    /// Milliseconds, 0…10^10.
    public let latency: Int64

    public init(bidder: Int, quality: Int64, cost: Int64, latency: Int64) {
        self.bidder = bidder
        self.quality = Fixed.fraction(quality)
        self.cost = min(max(0, cost), Self.mostCost)
        self.latency = min(max(0, latency), Self.mostLatency)
    }

    /// Sums of this many stay within 64 bits for 900,000 outcomes.
    public static let mostCost: Int64 = 10_000_000_000_000
    static let mostLatency: Int64 = 10_000_000_000
}

/// What an engine expects of a bidder on a task. A record has it as a list of these seven numbers, in this order.
public struct Forecast: Hashable, Sendable {
    /// Probability of a right answer in 1e-9, the bidder's claim counted as what it is worth.
    public let quality: Int64
    /// How uncertain the engine is of `quality`: a standard deviation in 1e-9.
    public let deviation: Int64
    /// Expected cost in money units, and its standard deviation.
    public let cost: Int64
    public let costDeviation: Int64
    /// Expected milliseconds.
    public let latency: Int64
    /// `quality` and `cost` over all types, without the claim: what an incumbent is chosen by.
    public let usualQuality: Int64
    public let usualCost: Int64

    public init(
        quality: Int64, deviation: Int64, cost: Int64, costDeviation: Int64, latency: Int64, usualQuality: Int64,
        usualCost: Int64
    ) {
        self.quality = quality
        self.deviation = deviation
        self.cost = cost
        self.costDeviation = costDeviation
        self.latency = latency
        self.usualQuality = usualQuality
        self.usualCost = usualCost
    }
}

extension Forecast: Codable {
    public init(from decoder: any Decoder) throws {
        var numbers = try decoder.unkeyedContainer()
        quality = try numbers.decode(Int64.self)
        deviation = try numbers.decode(Int64.self)
        cost = try numbers.decode(Int64.self)
        costDeviation = try numbers.decode(Int64.self)
        latency = try numbers.decode(Int64.self)
        usualQuality = try numbers.decode(Int64.self)
        usualCost = try numbers.decode(Int64.self)
        guard numbers.isAtEnd else {
            throw DecodingError.dataCorruptedError(in: numbers, debugDescription: "a forecast has seven numbers")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var numbers = encoder.unkeyedContainer()
        for number in [quality, deviation, cost, costDeviation, latency, usualQuality, usualCost] {
            try numbers.encode(number)
        }
    }
}

/// Something that learns from outcomes what bidders are worth. Engines are values: the same outcomes in the same order give
/// the same state and the same forecasts on any machine.
public protocol LearningEngine: Sendable {
    /// Name in the record, such as `hierarchical-thompson`.
    var name: String { get }

    /// What to expect of each bidder on a task. What the others claim may say something about the task.
    func forecast(_ bidders: [Bidder], on task: LearnedTask) -> [Forecast]

    /// What is added to a forecast's quality for the sake of learning, in 1e-9.
    ///
    /// - Parameter bits: 64 drawn bits of this bidder in this auction.
    func exploration(_ forecast: Forecast, bits: UInt64) -> Int64

    /// Learns outcomes of one task: of the winner alone, or of several bidders that did the same task.
    mutating func learn(_ outcomes: [VerifiedOutcome], among bidders: [Bidder], on task: LearnedTask)
}

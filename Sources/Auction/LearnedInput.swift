// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Which engine scores an auction, and why that one: the challenger forecasts in its shadow, and takes over when it
/// forecasts verified outcomes better (``EngineTrial``).
public struct EngineChoice: Codable, Hashable, Sendable {
    /// Why this engine.
    public enum Reason: String, Codable, Sendable {
        /// Nobody has shown to be better.
        case usual
        /// The challenger's forecasts of verified outcomes were closer, by more than chance makes likely.
        case challengerIsCloser = "challenger-is-closer"
    }

    /// Name of the engine that scores, such as `hierarchical-thompson`.
    public let name: String
    public let reason: Reason
    /// Verified outcomes that both engines forecast.
    public let compared: Int64
    /// Mean squared error of the usual engine's and of the challenger's forecasts, in 1e-9.
    public let usualError: Int64
    public let challengerError: Int64

    public init(name: String, reason: Reason, compared: Int64, usualError: Int64, challengerError: Int64) {
        self.name = name
        self.reason = reason
        self.compared = compared
        self.usualError = usualError
        self.challengerError = challengerError
    }
}

/// What the pace of the job's budget adds to the price of money (``DualPrice``).
public struct Pace: Codable, Hashable, Sendable {
    /// Score in 1e-9 that `share` micro-units lose on top of the policy's price; 0 where the budget is not short.
    public let pressure: Int64
    /// A task's share of what is left, in micro-units; at least 1.
    public let share: Int64

    public init(pressure: Int64, share: Int64) {
        self.pressure = pressure
        self.share = share
    }

    /// Nothing is short.
    public static let none = Pace(pressure: 0, share: 1)
}

/// What was learned before an auction, as far as its award depends on it.
public struct LearnedInput: Codable, Hashable, Sendable {
    public let engine: EngineChoice
    /// Version of the engine's formulas and numbers (``LearningSettings``).
    public let settings: Int
    /// Names the outcomes that were learned, in their order (``LearningChain``), and how many they are.
    public let state: Digest
    public let outcomes: Int64
    public let pace: Pace
    /// Of every bid of the input, in the order of the bids.
    public let forecasts: [Forecast]

    public init(
        engine: EngineChoice, settings: Int, state: Digest, outcomes: Int64, pace: Pace, forecasts: [Forecast]
    ) {
        self.engine = engine
        self.settings = settings
        self.state = state
        self.outcomes = outcomes
        self.pace = pace
        self.forecasts = forecasts
    }
}

/// Names a sequence of verified outcomes by one digest, so that a record says in 32 bytes what had been learned.
///
/// It begins with the scope, and each outcome is hashed behind what was before: SHA-256 of the digest so far, the digest of the
/// auction record, the index of the entry as eight bytes, and one byte, 1 for right and 0 for wrong.
public struct LearningChain: Hashable, Sendable {
    public private(set) var digest: Digest
    public private(set) var count: Int64 = 0

    /// - Parameters: what learning is kept apart by; owners are ids.
    public init(owners: [String], dataClass: String, purpose: String) {
        let scope = (Set(owners).sorted() + [dataClass, purpose]).joined(separator: "\n")
        digest = Digest.sha256(Array("atomic/auction/learning/v1".utf8) + [0] + Array(scope.utf8))
    }

    public mutating func add(record: Digest, entry: UInt64, isRight: Bool) {
        digest = Digest.sha256(
            digest.bytes + record.bytes + AuctionSeed.bigEndian(entry) + [isRight ? 1 : 0])
        count += 1
    }
}

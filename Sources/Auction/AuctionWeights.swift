// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What the policy says a right answer, money and time are worth; all in 1e-9.
public struct AuctionWeights: Codable, Hashable, Sendable {
    /// Score of a right answer.
    public let quality: Int64
    /// Score taken away per cent (1/100 of the currency's unit) of cost.
    public let price: Int64
    /// Score taken away per second of latency.
    public let latency: Int64
    /// Score taken away for a wrong answer, on top of not getting `quality`.
    public let risk: Int64
    /// Score of not doing the task at all; bids below it are not awarded.
    public let reserve: Int64

    public init(quality: Int64, price: Int64, latency: Int64, risk: Int64 = 0, reserve: Int64 = 0) {
        self.quality = quality
        self.price = price
        self.latency = latency
        self.risk = risk
        self.reserve = reserve
    }
}

/// How often, and among whom, the auction tries somebody but the best.
public struct Exploration: Codable, Hashable, Sendable {
    /// Probability of exploring, in 1e-9; 0 means never.
    public let floor: Int64
    /// A bidder is plausible when its score is at most this far below the best, in 1e-9.
    public let margin: Int64

    public init(floor: Int64, margin: Int64) {
        self.floor = floor
        self.margin = margin
    }

    /// The usual margin: a quarter of what a right answer is worth.
    public init(floor: Int64, weights: AuctionWeights) {
        self.init(floor: floor, margin: weights.quality / 4)
    }

    /// Nobody is tried for the sake of learning (`explore: never`).
    public static let never = Exploration(floor: 0, margin: 0)
}

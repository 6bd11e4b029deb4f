// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// One bid with the terms of its score; scores in 1e-9, price in micro-units.
public struct ScoredBid: Codable, Hashable, Sendable {
    public let model: String
    public let digest: Digest
    /// What the bid claimed, in 1e-9, and how often the model's answers were verified as right and as wrong here; absent
    /// when there is no experience with it, because then the claim is all there is.
    public let claimed: Int64?
    public let right: Int64?
    public let wrong: Int64?
    /// p, in 1e-9: what the bid counts as.
    public let probability: Int64
    /// Upper bound of the cost step, in micro-units.
    public let price: Int64
    public let gain: Int64
    public let cost: Int64
    public let latency: Int64
    public let risk: Int64
    public let score: Int64
    /// Where scores were learned: the forecast that `gain`, `cost` and `latency` are of (1e-9, micro-units, milliseconds), what
    /// was added to its probability for the sake of learning, and the score over all types and without a claim, which the
    /// incumbent is chosen by.
    public var forecast: Forecast?
    public var drawn: Int64?
    public var usual: Int64?
}

/// Why somebody did not win; the codes are OpenRTB's (2.6, list 5.25), from 500 on our own.
public struct Loss: Codable, Hashable, Sendable {
    /// Our word for the code.
    public enum Reason: String, Codable, Sendable {
        case failed, late, silent, invalid, excluded
        case belowReserve = "below-reserve"
        case lowerScore = "lower-score"
        case overBudget = "over-budget"
        case tooFewBids = "too-few-bids"

        /// OpenRTB loss reason code.
        public var code: Int {
            switch self {
            case .failed: 1
            case .late, .silent: 2
            case .invalid: 3
            case .belowReserve: 100
            case .lowerScore: 102
            case .excluded: 104
            case .overBudget: 500
            case .tooFewBids: 501
            }
        }
    }

    public let model: String
    public let digest: Digest
    public let reason: Reason
    public let code: Int

    init(model: String, digest: Digest, reason: Reason) {
        self.model = model
        self.digest = digest
        self.reason = reason
        self.code = reason.code
    }
}

/// The coin of an auction in which exploration was in play.
public struct ExplorationDraw: Codable, Hashable, Sendable {
    /// 0..<1 000 000 000; below the floor means explore.
    public let coin: Int64
    /// Index into `plausible` of the explored winner; absent when the coin said no.
    public let pick: Int?
    /// Models within the margin, in ranking order.
    public let plausible: [String]
}

/// The drawn key of a bidder whose score tied.
public struct TieDraw: Codable, Hashable, Sendable {
    public let model: String
    /// 53 bits; the higher goes first.
    public let draw: Int64
}

/// Why nobody won.
public enum VoidReason: String, Codable, Sendable {
    case noEligibleBid = "no-eligible-bid"
    case tooFewBids = "too-few-bids"
    case exhausted
    case overBudget = "over-budget"
    case belowReserve = "below-reserve"
}

/// What follows from an `AuctionInput`, and from nothing else.
public struct Award: Codable, Hashable, Sendable {
    public internal(set) var winner: String?
    /// First of the ranking that is not the winner: who takes over when the winner fails.
    public internal(set) var runnerUp: String?
    /// Awardable models, best first.
    public internal(set) var ranking: [String]
    /// Every scored bid, in digest order.
    public internal(set) var scores: [ScoredBid]
    public internal(set) var explored: Bool
    public internal(set) var draw: ExplorationDraw?
    public internal(set) var ties: [TieDraw]
    /// Score the winner pays, in 1e-9.
    public internal(set) var secondScore: Int64?
    /// Everybody but the winner, in digest order.
    public internal(set) var losses: [Loss]
    /// Why there is no winner; absent when there is one.
    public internal(set) var void: VoidReason?
    /// Where scores were learned: who is best by what usually comes of it, and why it won or did not.
    public internal(set) var incumbent: String?
    public internal(set) var reason: AwardReason?
}

/// What a record of version 3 stores of an award: what the rest follows from the input for anybody who asks.
struct AwardSummary: Codable {
    var draw: ExplorationDraw?
    var explored: Bool
    var incumbent: String?
    var reason: AwardReason?
    var runnerUp: String?
    var secondScore: Int64?
    var void: VoidReason?
    var winner: String?

    init(_ award: Award) {
        draw = award.draw
        explored = award.explored
        incumbent = award.incumbent
        reason = award.reason
        runnerUp = award.runnerUp
        secondScore = award.secondScore
        void = award.void
        winner = award.winner
    }

    /// The stored members, and beside them what a computed award has: where the two differ, `Auction.replay` says so.
    func completed(_ computed: Award) -> Award {
        var award = computed
        award.draw = draw
        award.explored = explored
        award.incumbent = incumbent
        award.reason = reason
        award.runnerUp = runnerUp
        award.secondScore = secondScore
        award.void = void
        award.winner = winner
        return award
    }
}

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
    public let forecast: Forecast?
    public let drawn: Int64?
    public let usual: Int64?
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
public struct Award: Hashable, Sendable {
    public internal(set) var winner: String?
    /// First of the ranking that is not the winner: who takes over when the winner fails.
    public internal(set) var runnerUp: String?
    public internal(set) var explored: Bool
    public internal(set) var draw: ExplorationDraw?
    /// Score the winner pays, in 1e-9.
    public internal(set) var secondScore: Int64?
    /// Why there is no winner; absent when there is one.
    public internal(set) var void: VoidReason?
    /// Where scores were learned: who is best by what usually comes of it, and why it won or did not.
    public internal(set) var incumbent: String?
    public internal(set) var reason: AwardReason?
    let lists: AwardLists

    /// Awardable models, best first.
    public var ranking: [String] { lists.ranking }
    /// Every scored bid, in digest order.
    public var scores: [ScoredBid] { lists.scores }
    public var ties: [TieDraw] { lists.ties }
    /// Everybody but the winner, in digest order.
    public var losses: [Loss] { lists.losses }
    /// What the winner's bid costs, in money units; absent when nobody won.
    public var price: Int64? { winner.flatMap { lists.price(of: $0) } }
    /// What the bids cost that lost as ``Loss/Reason/overBudget``, in money units and digest order.
    public var unaffordable: [Int64] { lists.unaffordable }
}

/// Everybody's part in an award. Who holds an auction wants to know who won, so of an award that was not read these are made
/// whenever they are asked for.
indirect enum AwardLists: Hashable, Sendable {
    case read(ranking: [String], scores: [ScoredBid], ties: [TieDraw], losses: [Loss])
    /// - Parameter winner: index in the bids of the input.
    case held(Field, winner: Int?, void: VoidReason?)

    var ranking: [String] {
        switch self {
        case .read(let ranking, _, _, _): ranking
        case .held(let field, _, _): field.ranking
        }
    }

    var scores: [ScoredBid] {
        switch self {
        case .read(_, let scores, _, _): scores
        case .held(let field, _, _): field.scores
        }
    }

    var ties: [TieDraw] {
        switch self {
        case .read(_, _, let ties, _): ties
        case .held(let field, _, _): field.tieDraws
        }
    }

    var losses: [Loss] {
        switch self {
        case .read(_, _, _, let losses): losses
        case .held(let field, let winner, let void): field.losses(winner: winner, tooFew: void == .tooFewBids)
        }
    }

    func price(of winner: String) -> Int64? {
        switch self {
        case .read(_, let scores, _, _): scores.first { $0.model == winner }?.price
        case .held(let field, let place, _): place.map { Field.price($0, in: field.input) }
        }
    }

    var unaffordable: [Int64] {
        switch self {
        case .read(_, let scores, _, let losses):
            let short = Set(losses.filter { $0.reason == .overBudget }.map(\.digest))
            return scores.filter { short.contains($0.digest) }.map(\.price)
        case .held(let field, _, let void): return void == .tooFewBids ? [] : field.unaffordable
        }
    }

    static func == (left: AwardLists, right: AwardLists) -> Bool {
        left.ranking == right.ranking && left.scores == right.scores && left.ties == right.ties
            && left.losses == right.losses
    }

    /// The ranking is enough to tell lists apart in a table.
    func hash(into hasher: inout Hasher) { hasher.combine(ranking) }
}

extension Award: Codable {
    private enum CodingKeys: CodingKey {
        case draw, explored, incumbent, losses, ranking, reason, runnerUp, scores, secondScore, ties, void, winner
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        winner = try members.decodeIfPresent(String.self, forKey: .winner)
        runnerUp = try members.decodeIfPresent(String.self, forKey: .runnerUp)
        explored = try members.decode(Bool.self, forKey: .explored)
        draw = try members.decodeIfPresent(ExplorationDraw.self, forKey: .draw)
        secondScore = try members.decodeIfPresent(Int64.self, forKey: .secondScore)
        void = try members.decodeIfPresent(VoidReason.self, forKey: .void)
        incumbent = try members.decodeIfPresent(String.self, forKey: .incumbent)
        reason = try members.decodeIfPresent(AwardReason.self, forKey: .reason)
        lists = .read(
            ranking: try members.decode([String].self, forKey: .ranking),
            scores: try members.decode([ScoredBid].self, forKey: .scores),
            ties: try members.decode([TieDraw].self, forKey: .ties),
            losses: try members.decode([Loss].self, forKey: .losses))
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encodeIfPresent(winner, forKey: .winner)
        try members.encodeIfPresent(runnerUp, forKey: .runnerUp)
        try members.encode(explored, forKey: .explored)
        try members.encodeIfPresent(draw, forKey: .draw)
        try members.encodeIfPresent(secondScore, forKey: .secondScore)
        try members.encodeIfPresent(void, forKey: .void)
        try members.encodeIfPresent(incumbent, forKey: .incumbent)
        try members.encodeIfPresent(reason, forKey: .reason)
        try members.encode(ranking, forKey: .ranking)
        try members.encode(scores, forKey: .scores)
        try members.encode(ties, forKey: .ties)
        try members.encode(losses, forKey: .losses)
    }
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

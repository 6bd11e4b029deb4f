// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The auction: a pure function from `AuctionInput` to `Award`, exactly as `docs/auction.md` describes it.
public enum Auction {
    /// Versions of the arithmetic: 1 knows claims only, 2 corrects them by experience. An input without experience has
    /// version 1 for ever, so that what was recorded before keeps its digest and its award.
    public static let versions = 1...2

    /// The version of the arithmetic that an input asks for.
    static func version(of input: AuctionInput) -> Int { input.experience == nil ? 1 : 2 }

    /// Holds the auction.
    ///
    /// - Throws: `range`, `order`, `duplicate`, `prior` or `seed` when the input is not what it must be, `overflow` when
    ///   weights and steps leave the integers. Too few or too dear bids are no error: the award is void and says why.
    public static func hold(_ input: AuctionInput) throws(AuctionError) -> Award {
        try input.check()
        let field = try Field(input)
        var award = field.ranked()
        guard !award.ranking.isEmpty else { return field.voided(award) }
        field.explore(&award)
        let winner = award.draw?.pick ?? 0
        // Plausible models are a prefix of the ranking, so the pick is a position in it.
        award.winner = award.ranking[winner]
        award.runnerUp = award.ranking.indices.first { $0 != winner }.map { award.ranking[$0] }
        award.secondScore =
            winner + 1 < field.order.count ? field.scores[field.order[winner + 1]].score : input.weights.reserve
        award.losses = field.losses(winner: award.winner, tooFew: false)
        return award
    }
}

/// The scored bids of one auction, and what the steps of the award need of them.
struct Field {
    let input: AuctionInput
    /// Scored bids in digest order.
    let scores: [ScoredBid]
    /// Index in `input.bids` of each scored bid: its draw counter must not depend on who else is excluded.
    let positions: [Int]
    /// Indices into `scores` of the ranked bids, best first.
    private(set) var order: [Int] = []
    private var ties: [TieDraw] = []
    private let tried: Set<Digest>

    init(_ input: AuctionInput) throws(AuctionError) {
        let excluded = Set(input.exclusions.map(\.digest))
        let experience = Dictionary(
            (input.experience ?? []).map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
        var scores: [ScoredBid] = []
        var positions: [Int] = []
        scores.reserveCapacity(input.bids.count)
        for (position, bid) in input.bids.enumerated() where !excluded.contains(bid.digest) {
            scores.append(try input.weights.score(bid, experience[bid.digest]))
            positions.append(position)
        }
        self.input = input
        self.scores = scores
        self.positions = positions
        self.tried = Set(input.prior.map(\.digest))
        if scores.count >= input.minBids { rank() }
    }

    /// Orders the awardable bids: score, then drawn key, then digest (their order already).
    private mutating func rank() {
        order = scores.indices.filter { standing(scores[$0]) == nil }
            .sorted { scores[$0].score != scores[$1].score ? scores[$0].score > scores[$1].score : $0 < $1 }
        // Equal scores stand together now; only their order is drawn.
        var keys: [Int: Int64] = [:]
        let draws = SeededDraws(seed: Digest(hex: input.seed) ?? AuctionInput.noPrevious)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, scores[order[end]].score == scores[order[start]].score { end += 1 }
            if end - start > 1 {
                for index in order[start..<end] { keys[index] = draws.tieKey(positions[index]) }
                order[start..<end].sort { a, b in
                    let (keyA, keyB) = (keys[a] ?? 0, keys[b] ?? 0)
                    return keyA != keyB ? keyA > keyB : a < b
                }
            }
            start = end
        }
        ties = keys.keys.sorted().map { TieDraw(model: scores[$0].model, draw: keys[$0] ?? 0) }
    }

    /// Why a scored bid cannot be awarded; nil when it can.
    private func standing(_ bid: ScoredBid) -> Loss.Reason? {
        if tried.contains(bid.digest) { return .failed }
        if bid.price > input.budgetRemaining { return .overBudget }
        if bid.score < input.weights.reserve { return .belowReserve }
        return nil
    }

    func ranked() -> Award {
        Award(
            winner: nil, runnerUp: nil, ranking: order.map { scores[$0].model }, scores: scores, explored: false,
            draw: nil, ties: ties, secondScore: nil, losses: [], void: nil)
    }

    /// Models within the margin of the best when exploration is in play, else nobody.
    func plausible() -> [String] {
        guard input.prior.isEmpty, input.exploration.floor > 0, let best = order.first.map({ scores[$0].score }) else {
            return []
        }
        // Scores stay within 2^53, so their difference cannot overflow.
        let near = order.prefix { best - scores[$0].score <= input.exploration.margin }
        return near.count > 1 ? near.map { scores[$0].model } : []
    }

    func explore(_ award: inout Award) {
        let plausible = plausible()
        guard !plausible.isEmpty else { return }
        let draws = SeededDraws(seed: Digest(hex: input.seed) ?? AuctionInput.noPrevious)
        let coin = draws.below(Checked.billion, 0)
        let pick = coin < input.exploration.floor ? Int(draws.below(Int64(plausible.count), 1)) : nil
        award.explored = pick != nil
        award.draw = ExplorationDraw(coin: coin, pick: pick, plausible: plausible)
    }

    func voided(_ award: Award) -> Award {
        var award = award
        let open = scores.filter { !tried.contains($0.digest) }
        let reason: VoidReason =
            if scores.isEmpty {
                .noEligibleBid
            } else if scores.count < input.minBids {
                .tooFewBids
            } else if open.isEmpty {
                .exhausted
            } else if open.contains(where: { $0.price > input.budgetRemaining }) {
                .overBudget
            } else {
                .belowReserve
            }
        award.void = reason
        award.losses = losses(winner: nil, tooFew: reason == .tooFewBids)
        return award
    }

    /// Everybody but the winner, in digest order, each with the first reason that applies.
    func losses(winner: String?, tooFew: Bool) -> [Loss] {
        let excluded = Set(input.exclusions.map(\.digest))
        var losses = input.exclusions.map { Loss(model: $0.model, digest: $0.digest, reason: .excluded) }
        for bidder in input.late where !excluded.contains(bidder.digest) {
            let reason: Loss.Reason =
                switch bidder.reason {
                case .late: .late
                case .silent: .silent
                case .invalid: .invalid
                case .failed: .failed
                }
            losses.append(Loss(model: bidder.model, digest: bidder.digest, reason: reason))
        }
        for bid in scores where bid.model != winner {
            var reason = standing(bid) ?? .lowerScore
            if tooFew, reason != .failed { reason = .tooFewBids }
            losses.append(Loss(model: bid.model, digest: bid.digest, reason: reason))
        }
        return losses.sorted { $0.digest < $1.digest }
    }
}

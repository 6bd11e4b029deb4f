// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The auction: a pure function from `AuctionInput` to `Award`, exactly as `docs/auction.md` describes it.
public enum Auction {
    /// Versions of the arithmetic: 1 knows claims only, 2 corrects them by experience, 3 scores by what was learned. What an
    /// input has decides its version for ever, so that what was recorded before keeps its digest and its award.
    public static let versions = 1...3

    /// The version of the arithmetic that an input asks for.
    static func version(of input: AuctionInput) -> Int {
        if input.learning != nil { return 3 }
        return input.experience == nil ? 1 : 2
    }

    /// Holds the auction.
    ///
    /// - Throws: `range`, `order`, `duplicate`, `prior`, `learning` or `seed` when the input is not what it must be, `overflow`
    ///   when weights and steps leave the integers. Too few or too dear bids are no error: the award is void and says why.
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
        award.secondScore = field.secondScore(winner: winner)
        award.losses = field.losses(winner: field.order[winner], tooFew: false)
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
    /// Who is best by what usually comes of it, an index into `scores`, and why it is or is not the first: learned auctions only.
    private var incumbent: (index: Int, reason: AwardReason)?
    private var ties: [TieDraw] = []
    /// Of a learned auction.
    private let generator: CounterDraws?

    /// - Parameter imagined: of a learned auction, draws of another one: what else chance could have made of it.
    init(_ input: AuctionInput, imagined: UInt64? = nil) throws(AuctionError) {
        let draws = LearnedDraws(input, imagined: imagined)
        var scores: [ScoredBid] = []
        var positions: [Int] = []
        scores.reserveCapacity(input.bids.count)
        positions.reserveCapacity(input.bids.count)
        var exclusions = input.exclusions[...]
        var experience = (input.experience ?? [])[...]
        for (position, bid) in input.bids.enumerated() {
            // All lists are in digest order: one step along each finds what belongs to the bid.
            exclusions.drop { $0.digest < bid.digest }
            experience.drop { $0.digest < bid.digest }
            guard exclusions.first?.digest != bid.digest else { continue }
            let known = experience.first?.digest == bid.digest ? experience.first : nil
            if let draws {
                scores.append(try draws.score(bid, position))
            } else {
                scores.append(try input.weights.score(bid, known))
            }
            positions.append(position)
        }
        self.input = input
        self.scores = scores
        self.positions = positions
        generator = draws?.generator
        guard scores.count >= input.minBids else { return }
        rank()
        if let draws { preferIncumbent(draws) }
    }

    /// Orders the awardable bids: score, then drawn key, then digest (their order already).
    private mutating func rank() {
        let values = scores.map(\.score)
        order = scores.indices.filter { standing(scores[$0]) == nil }
        order.sort { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
        // Equal scores stand together now; only their order is drawn.
        var tied: [(index: Int, key: Int64)] = []
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            if end - start > 1 { tied += draw(start..<end) }
            start = end
        }
        ties = tied.sorted { $0.index < $1.index }.map { TieDraw(model: scores[$0.index].model, draw: $0.key) }
    }

    /// Where ties and explorations are drawn from; made when it is wanted, which is seldom.
    private var chance: any AuctionDraws {
        if let generator { return generator }
        return SeededDraws(seed: input.seedDigest)
    }

    /// Orders bids of one score by drawn keys, which it returns.
    private mutating func draw(_ tied: Range<Int>) -> [(index: Int, key: Int64)] {
        let chance = chance
        let keys = order[tied].map { (index: $0, key: chance.tieKey(positions[$0], of: input.bids.count)) }
            .sorted { $0.key != $1.key ? $0.key > $1.key : $0.index < $1.index }
        order.replaceSubrange(tied, with: keys.map(\.index))
        return keys
    }

    /// Of a learned auction that tries nobody: the incumbent is left only for a gain above the guard.
    private mutating func preferIncumbent(_ draws: LearnedDraws) {
        guard let best = order.first else { return }
        // The first of equals: they stand in the order that was drawn for them.
        var usual = best
        for index in order where scores[index].usual ?? 0 > scores[usual].usual ?? 0 { usual = index }
        let reason = draws.reason(toPrefer: scores[best], to: scores[usual], isSame: usual == best)
        incumbent = (usual, reason)
        guard reason == .guarded, let place = order.firstIndex(of: usual) else { return }
        order.remove(at: place)
        order.insert(usual, at: 0)
    }

    /// Why a scored bid cannot be awarded; nil when it can.
    private func standing(_ bid: ScoredBid) -> Loss.Reason? {
        if !input.prior.isEmpty, input.prior.contains(where: { $0.digest == bid.digest }) { return .failed }
        if bid.price > input.budgetRemaining { return .overBudget }
        if bid.score < input.weights.reserve { return .belowReserve }
        return nil
    }

    func ranked() -> Award {
        Award(
            winner: nil, runnerUp: nil, ranking: order.map { scores[$0].model }, scores: scores, explored: false,
            draw: nil, ties: ties, secondScore: nil, losses: [], void: nil,
            incumbent: incumbent.map { scores[$0.index].model }, reason: incumbent?.reason)
    }

    /// How many of the ranking are within the margin of the best when exploration is in play, else 0.
    func plausible() -> Int {
        guard input.prior.isEmpty, input.exploration.floor > 0, let best = order.first.map({ scores[$0].score }) else {
            return 0
        }
        // Scores stay within 2^53, so their difference cannot overflow.
        let near = order.prefix { best - scores[$0].score <= input.exploration.margin }.count
        return near > 1 ? near : 0
    }

    func explore(_ award: inout Award) {
        let plausible = plausible()
        guard plausible > 0 else { return }
        let chance = chance
        let coin = chance.below(Checked.billion, 0)
        let pick = coin < input.exploration.floor ? Int(chance.below(Int64(plausible), 1)) : nil
        award.explored = pick != nil
        award.draw = ExplorationDraw(coin: coin, pick: pick, plausible: Array(award.ranking.prefix(plausible)))
    }

    /// Score of the next in the ranking, or the reserve. Where the incumbent stands before a better score, it pays no more
    /// than its own.
    func secondScore(winner: Int) -> Int64 {
        let next = winner + 1 < order.count ? scores[order[winner + 1]].score : input.weights.reserve
        return input.learning == nil ? next : min(next, scores[order[winner]].score)
    }

    func voided(_ award: Award) -> Award {
        var award = award
        let open = scores.filter { standing($0) != .failed }
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
    ///
    /// - Parameter winner: index into `scores`.
    func losses(winner: Int?, tooFew: Bool) -> [Loss] {
        var losses: [Loss] = []
        losses.reserveCapacity(scores.count + input.exclusions.count + input.late.count)
        for (index, bid) in scores.enumerated() where index != winner {
            var reason = standing(bid) ?? .lowerScore
            if tooFew, reason != .failed { reason = .tooFewBids }
            losses.append(Loss(model: bid.model, digest: bid.digest, reason: reason))
        }
        guard !input.exclusions.isEmpty || !input.late.isEmpty else { return losses }
        losses += input.exclusions.map { Loss(model: $0.model, digest: $0.digest, reason: .excluded) }
        let excluded = Set(input.exclusions.map(\.digest))
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
        return losses.sorted { $0.digest < $1.digest }
    }
}

extension ArraySlice {
    /// Leaves out what comes first and `isBefore`.
    fileprivate mutating func drop(while isBefore: (Element) -> Bool) {
        while let first, isBefore(first) { self = self.dropFirst() }
    }
}

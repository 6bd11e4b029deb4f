// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The terms of one bid's score. They have no names, so that a list of them is numbers only.
struct ScoreTerms {
    var probability: Int64
    var gain: Int64
    var cost: Int64
    var latency: Int64
    var risk: Int64
    var score: Int64
    /// Of a learned auction: see ``ScoredBid``.
    var drawn: Int64 = 0
    var usual: Int64 = 0
}

/// The scored bids of one auction, and what the steps of the award need of them.
///
/// It keeps of a bid what ranks it. Who bid what, and why it lost, follows from that and is made for who asks (``AwardLists``).
struct Field: Sendable {
    let input: AuctionInput
    /// The derived seed.
    let seed: Digest
    /// Indices in `input.bids` of the bids that are scored, in digest order.
    private(set) var scored: [Int] = []
    /// Ranked bids, best first.
    private(set) var order: [Ranked] = []
    /// Who is best by what usually comes of it, and why it is or is not the first: learned auctions only.
    private var incumbent: (ranked: Ranked, reason: AwardReason)?
    /// Bids whose scores tied, with their drawn keys.
    private var ties: [(bid: Int, key: Int64)] = []
    /// Of a learned auction.
    private let draws: LearnedDraws?

    /// What ranks a bid.
    struct Ranked {
        /// Index in `input.bids`: a bid's draw counter must not depend on who else is excluded.
        let bid: Int
        let score: Int64
        /// Of a learned auction, the score by what usually comes of it.
        let usual: Int64
    }

    /// - Parameters:
    ///   - seed: what `AuctionInput.check` found to be right.
    ///   - imagined: of a learned auction, draws of another one: what else chance could have made of it.
    init(_ input: AuctionInput, seed: Digest, imagined: UInt64? = nil) throws(AuctionError) {
        self.input = input
        self.seed = seed
        let draws = LearnedDraws(input, seed: seed, imagined: imagined)
        self.draws = draws
        let (bids, exclusions, experience) = (input.bids, input.exclusions, input.experience ?? [])
        var (scored, ranked): ([Int], [Ranked]) = ([], [])
        scored.reserveCapacity(bids.count)
        ranked.reserveCapacity(bids.count)
        // All lists are in digest order: one step along each finds what belongs to the bid.
        var exclusion = 0
        var known = 0
        for bid in bids.indices {
            guard exclusions.isEmpty || !exclusions.step(&exclusion, to: bids[bid].digest) else { continue }
            let isKnown = !experience.isEmpty && experience.step(&known, to: bids[bid].digest)
            let terms = try Self.terms(bid, isKnown ? known : nil, in: input, draws)
            scored.append(bid)
            if Self.reason(bid, against: terms.score, in: input) == nil {
                ranked.append(Ranked(bid: bid, score: terms.score, usual: terms.usual))
            }
        }
        self.scored = scored
        guard scored.count >= input.minBids else { return }
        order = ranked
        rank()
        if let draws { preferIncumbent(draws) }
    }

    /// What a bid's score is made of.
    ///
    /// - Parameter known: index of its experience in `input.experience`.
    @inline(__always)
    private static func terms(
        _ bid: Int, _ known: Int?, in input: AuctionInput, _ draws: LearnedDraws?
    ) throws(AuctionError) -> ScoreTerms {
        if let draws { return try draws.terms(bid) }
        return try input.weights.terms(input.bids[bid], known.flatMap { input.experience?[$0] })
    }

    /// Orders the ranked bids: score, then drawn key, then digest (their order already).
    private mutating func rank() {
        order.sort { $0.score != $1.score ? $0.score > $1.score : $0.bid < $1.bid }
        // Equal scores stand together now; only their order is drawn.
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, order[end].score == order[start].score { end += 1 }
            if end - start > 1 { draw(start..<end) }
            start = end
        }
    }

    /// Where ties and explorations are drawn from.
    private var chance: any AuctionDraws {
        if let draws { return draws.generator }
        return SeededDraws(seed: seed)
    }

    /// Orders bids of one score by drawn keys, and notes these.
    private mutating func draw(_ tied: Range<Int>) {
        let chance = chance
        let keys = order[tied].map { (ranked: $0, key: chance.tieKey($0.bid, of: input.bids.count)) }
            .sorted { $0.key != $1.key ? $0.key > $1.key : $0.ranked.bid < $1.ranked.bid }
        order.replaceSubrange(tied, with: keys.map(\.ranked))
        ties += keys.map { ($0.ranked.bid, $0.key) }
    }

    /// Of a learned auction that tries nobody: the incumbent is left only for a gain above the guard.
    private mutating func preferIncumbent(_ draws: LearnedDraws) {
        guard let best = order.first else { return }
        // The first of equals: they stand in the order that was drawn for them.
        var (usual, place) = (best, 0)
        for index in order.indices where order[index].usual > usual.usual { (usual, place) = (order[index], index) }
        let reason = draws.reason(toPrefer: best, to: usual)
        incumbent = (usual, reason)
        guard reason == .guarded else { return }
        order.remove(at: place)
        order.insert(usual, at: 0)
    }

    /// Why a scored bid cannot be awarded; nil when it can.
    private static func reason(_ bid: Int, against score: Int64, in input: AuctionInput) -> Loss.Reason? {
        if hasFailed(bid, in: input) { return .failed }
        if price(bid, in: input) > input.budgetRemaining { return .overBudget }
        return score < input.weights.reserve ? .belowReserve : nil
    }

    private static func hasFailed(_ bid: Int, in input: AuctionInput) -> Bool {
        !input.prior.isEmpty && input.prior.contains { $0.digest == input.bids[bid].digest }
    }

    static func price(_ bid: Int, in input: AuctionInput) -> Int64 {
        LogSteps.upperBounds[input.bids[bid].costStep]
    }

    private func model(_ ranked: Ranked) -> String { input.bids[ranked.bid].model }

    /// How many of the ranking are within the margin of the best when exploration is in play, else 0.
    func plausible() -> Int {
        guard input.prior.isEmpty, input.exploration.floor > 0, let best = order.first?.score else { return 0 }
        // Scores stay within 2^53, so their difference cannot overflow.
        let near = order.prefix { best - $0.score <= input.exploration.margin }.count
        return near > 1 ? near : 0
    }
}

// MARK: Award

extension Field {
    func explore() -> ExplorationDraw? {
        let plausible = plausible()
        guard plausible > 0 else { return nil }
        let chance = chance
        let coin = chance.below(Checked.billion, 0)
        return ExplorationDraw(
            coin: coin, pick: coin < input.exploration.floor ? Int(chance.below(Int64(plausible), 1)) : nil,
            plausible: order.prefix(plausible).map { model($0) })
    }

    /// - Parameter winner: place in the ranking.
    consuming func award(_ draw: ExplorationDraw?, winner: Int) -> Award {
        let (runnerUp, won) = (winner == 0 ? 1 : 0, order[winner].bid)
        return Award(
            winner: model(order[winner]), runnerUp: runnerUp < order.count ? model(order[runnerUp]) : nil,
            explored: draw?.pick != nil, draw: draw, secondScore: secondScore(winner: winner), void: nil,
            incumbent: incumbent.map { model($0.ranked) }, reason: incumbent?.reason,
            lists: .held(self, winner: won, void: nil))
    }

    /// Score of the next in the ranking, or the reserve. Where the incumbent stands before a better score, it pays no more
    /// than its own.
    private func secondScore(winner: Int) -> Int64 {
        let next = winner + 1 < order.count ? order[winner + 1].score : input.weights.reserve
        return input.learning == nil ? next : min(next, order[winner].score)
    }

    func voided() -> Award {
        let open = scored.filter { !Self.hasFailed($0, in: input) }
        let reason: VoidReason =
            if scored.isEmpty {
                .noEligibleBid
            } else if scored.count < input.minBids {
                .tooFewBids
            } else if open.isEmpty {
                .exhausted
            } else if open.contains(where: { Self.price($0, in: input) > input.budgetRemaining }) {
                .overBudget
            } else {
                .belowReserve
            }
        return Award(
            winner: nil, runnerUp: nil, explored: false, draw: nil, secondScore: nil, void: reason, incumbent: nil,
            reason: nil, lists: .held(self, winner: nil, void: reason))
    }

    // MARK: Lists

    var ranking: [String] { order.map { model($0) } }

    /// The terms of every score once more: they could be computed before, so they can be now.
    var scores: [ScoredBid] {
        var known = 0
        let experience = input.experience ?? []
        return scored.compactMap { bid in
            let isKnown = experience.step(&known, to: input.bids[bid].digest)
            return (try? Self.terms(bid, isKnown ? known : nil, in: input, draws)).map {
                scoredBid(bid, isKnown ? experience[known] : nil, $0)
            }
        }
    }

    private func scoredBid(_ place: Int, _ experience: Experience?, _ terms: ScoreTerms) -> ScoredBid {
        let bid = input.bids[place]
        return ScoredBid(
            model: bid.model, digest: bid.digest, claimed: experience.map { _ in Int64(bid.confidence) * 15_625_000 },
            right: experience?.right, wrong: experience?.wrong, probability: terms.probability,
            price: Self.price(place, in: input),
            gain: terms.gain, cost: terms.cost, latency: terms.latency, risk: terms.risk, score: terms.score,
            forecast: input.learning?.forecasts[place], drawn: draws == nil ? nil : terms.drawn,
            usual: draws == nil ? nil : terms.usual)
    }

    var tieDraws: [TieDraw] {
        ties.sorted { $0.bid < $1.bid }.map { TieDraw(model: input.bids[$0.bid].model, draw: $0.key) }
    }

    /// Prices of the bids that could be awarded if there were money enough.
    var unaffordable: [Int64] {
        scored.filter { !Self.hasFailed($0, in: input) }.map { Self.price($0, in: input) }
            .filter { $0 > input.budgetRemaining }
    }

    /// Everybody but the winner, in digest order, each with the first reason that applies.
    ///
    /// - Parameter winner: index in `input.bids`.
    func losses(winner: Int?, tooFew: Bool) -> [Loss] {
        var losses: [Loss] = []
        losses.reserveCapacity(scored.count + input.exclusions.count + input.late.count)
        // Who is ranked was only not the best; of the others no score is needed to say why.
        var isRanked = [Bool](repeating: false, count: input.bids.count)
        for ranked in order { isRanked[ranked.bid] = true }
        for place in scored where place != winner {
            let reason: Loss.Reason =
                if Self.hasFailed(place, in: input) {
                    .failed
                } else if tooFew {
                    .tooFewBids
                } else if isRanked[place] {
                    .lowerScore
                } else {
                    Self.price(place, in: input) > input.budgetRemaining ? .overBudget : .belowReserve
                }
            losses.append(Loss(model: input.bids[place].model, digest: input.bids[place].digest, reason: reason))
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

/// What a list in digest order is of.
protocol Identified {
    var digest: Digest { get }
}

extension Bid: Identified {}
extension Exclusion: Identified {}
extension Experience: Identified {}
extension LateBidder: Identified {}

extension Array where Element: Identified {
    /// Moves `place` to the first element that is not before `digest`; whether that is the one.
    func step(_ place: inout Int, to digest: Digest) -> Bool {
        while place < count, self[place].digest < digest { place += 1 }
        return place < count && self[place].digest == digest
    }

    /// Of the element with this digest, by halving: the list is in digest order.
    func place(of digest: Digest) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].digest < digest { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].digest == digest ? low : nil
    }
}

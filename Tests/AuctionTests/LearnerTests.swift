// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

@Suite("A room's learner: the usual engine, and the challenger in its shadow") struct LearnerTests {
    private static let chain: LearningChain = {
        var chain = LearningChain(owners: ["a"], dataClass: "pii", purpose: "care")
        for entry in 0..<40 { chain.add(record: Arena.digest("r"), entry: UInt64(entry), isRight: true) }
        return chain
    }()

    /// Learns `count` tasks of a market, each from its winner alone.
    private static func learner(_ market: inout Market, _ count: Int) throws -> Learner {
        var learner = Learner()
        let auction = LearnedAuction(weights: LearnedWeights(price: 0), guardDeviations: 0, explores: true)
        for _ in 0..<count {
            let lot = market.next()
            let award = try #require(auction.hold(lot.bidders, on: lot.task, by: learner, seed: lot.seed))
            let winner = try #require(lot.bidders.firstIndex { $0.digest == award.winner })
            learner.learn(Lesson(task: lot.task, bidders: lot.bidders, outcome: lot.outcomes[winner]))
        }
        return learner
    }

    @Test("the same lessons in the same order lead to the same forecasts, and another order is another name")
    func deterministic() throws {
        var (one, other) = (Market(sellers: 6, types: 3, seed: 8), Market(sellers: 6, types: 3, seed: 8))
        let (first, second) = (try Self.learner(&one, 400), try Self.learner(&other, 400))
        let lot = one.next()
        #expect(first.forecast(lot.bidders, on: lot.task) == second.forecast(lot.bidders, on: lot.task))
        #expect(first.choice == second.choice)
        var (left, right) = (Self.chain, Self.chain)
        left.add(record: Arena.digest("x"), entry: 50, isRight: true)
        right.add(record: Arena.digest("x"), entry: 50, isRight: false)
        #expect(left.digest != right.digest && left.count == 41)
        #expect(
            LearningChain(owners: ["a"], dataClass: "pii", purpose: "care").digest
                != LearningChain(owners: ["b"], dataClass: "pii", purpose: "care").digest)
    }

    @Test("too few outcomes say nothing")
    func cold() throws {
        var market = Market(sellers: 3, types: 1, seed: 2)
        let learner = try Self.learner(&market, 40)
        let input = Arena.input([Arena.bid("a", 20), Arena.bid("b", 30)])
        var chain = LearningChain(owners: [], dataClass: "pii", purpose: "care")
        for entry in 0..<31 { chain.add(record: Arena.digest("r"), entry: UInt64(entry), isRight: true) }
        #expect(learner.input(input.bids, on: input.features, chain: chain, pace: .none) == nil)
        chain.add(record: Arena.digest("r"), entry: 99, isRight: true)
        let learned = try #require(learner.input(input.bids, on: input.features, chain: chain, pace: .none))
        #expect(learned.forecasts.count == 2 && learned.outcomes == 32 && learned.state == chain.digest)
        #expect(learner.input([], on: input.features, chain: chain, pace: .none) == nil)
    }

    @Test("where types matter the usual engine stays; where only a task's length does, the challenger earns its place")
    func challenger() throws {
        var market = Market(sellers: 6, types: 4, seed: 31)
        let usual = try Self.learner(&market, 3_000)
        #expect(usual.choice.reason == .usual && usual.name == HierarchicalThompson.id)
        #expect(usual.choice.compared == 3_000)

        // One type; "long" answers long tasks, "short" the others. The usual engine does not look at the length.
        var dice = Dice(4)
        var learner = Learner()
        let bidders = ["long", "short"].map { Bidder(digest: Arena.digest($0), claim: nil, unitPrice: 10) }
        for number in 0..<2_000 {
            let step = dice.below(16)
            let bidder = dice.below(2)
            let isRight = dice.below(100) < ((step > 7) == (bidder == 0) ? 95 : 20)
            learner.learn(
                Lesson(
                    task: LearnedTask(type: "t", lengthStep: step), bidders: bidders,
                    outcome: VerifiedOutcome(
                        bidder: bidder, quality: isRight ? 1_000_000_000 : 0, cost: 10, latency: 5)))
            if number < 200 { #expect(learner.choice.reason == .usual) }
        }
        #expect(learner.choice.reason == .challengerIsCloser && learner.name == LinUCB.id)
        #expect(learner.choice.challengerError < learner.choice.usualError)
        let long = learner.forecast(bidders, on: LearnedTask(type: "t", lengthStep: 15))
        let short = learner.forecast(bidders, on: LearnedTask(type: "t", lengthStep: 0))
        #expect(long[0].quality > long[1].quality && short[0].quality < short[1].quality)
    }

    @Test("a regression in integers finds the line it was made of, and knows where it has not looked")
    func ridge() {
        var ridge = RidgeRegression(dimensions: 3)
        #expect(ridge.uncertainty(of: [1_000_000_000, 0, 0]) == 1_000_000_000)
        var dice = Dice(9)
        for _ in 0..<4_000 {
            let x = Int64(dice.below(2_000_000_000)) - 1_000_000_000
            ridge.add([1_000_000_000, x, 0], outcome: 200_000_000 + x / 4)
        }
        for x in [-1_000_000_000, -300_000_000, 0, 700_000_000] as [Int64] {
            #expect(abs(ridge.value(of: [1_000_000_000, x, 0]) - 200_000_000 - x / 4) < 2_000_000)
        }
        #expect(ridge.uncertainty(of: [1_000_000_000, 0, 0]) < 1_000_000)
        #expect(ridge.uncertainty(of: [0, 0, 1_000_000_000]) == 1_000_000_000)
    }
}

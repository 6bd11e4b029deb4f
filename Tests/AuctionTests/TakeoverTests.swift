// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct TakeoverTests {
    @Test func theNextInTheRankingTakesOverWithinTheBudget() throws {
        let bids = [Arena.bid("a", 62, cost: 4), Arena.bid("b", 60, cost: 5), Arena.bid("c", 50, cost: 2)]
        let first = try AuctionRecord.hold(Arena.input(bids, budget: 350))
        #expect(first.award.ranking == ["a", "b", "c"])

        // 350 - 80 leaves too little for b at 300, so c takes over.
        let next = try #require(try AuctionInput.takeover(after: first, code: "crashed", cost: 80))
        #expect(next.attempt == 2 && next.sequence == 1 && next.budgetRemaining == 270)
        #expect(next.previous == (try first.digest()))
        #expect(next.seed == first.input.seed && next.bids == first.input.bids)
        #expect(next.prior.map(\.model) == ["a"] && next.prior.map(\.code) == ["crashed"])
        let second = try AuctionRecord.hold(next)
        #expect(second.award.winner == "c")
        #expect(
            second.award.losses.map { "\($0.model) \($0.reason.rawValue)" }.sorted() == ["a failed", "b over-budget"])
        #expect(Auction.replay(second) == .agrees)

        let last = try #require(try AuctionInput.takeover(after: second, code: "timeout", cost: 1_000))
        #expect(last.budgetRemaining == 0)
        let third = try AuctionRecord.hold(last)
        #expect(third.award.winner == nil && third.award.void == .overBudget)
        #expect(try AuctionInput.takeover(after: third, code: "none", cost: 0) == nil)
    }

    @Test func whatAFailedAttemptUsedBeyondItsPaceRefusesNobody() throws {
        let counted = Arena.input([Arena.bid("a", 62, cost: 4), Arena.bid("b", 60, cost: 2)], budget: 350)
        let learned = Arena.learned(counted) { bid in
            Forecast(
                quality: Int64(bid.confidence) * 15_000_000, deviation: 0, cost: 100, costDeviation: 0, latency: 10,
                usualQuality: Int64(bid.confidence) * 15_000_000, usualCost: 100)
        }
        func second(_ input: AuctionInput, free: Int64) throws -> Award {
            let first = try AuctionRecord.hold(input)
            #expect(first.award.winner == "a")
            return try Auction.hold(
                AuctionInput.takeover(
                    after: first, code: "over-budget", cost: 570, sequence: 1, previous: first.digest(),
                    budgetRemaining: free))
        }
        let cheapest = LogSteps.upperBounds[2]
        #expect(try second(learned, free: 790).winner == "b")
        #expect(try second(learned, free: cheapest).winner == "b")
        // The controls: there must be money, and without a pace the attempt had all there was.
        #expect(try second(learned, free: cheapest - 1).void == .overBudget)
        #expect(try second(counted, free: 790).void == .overBudget)
    }

    @Test func everybodyFailingExhaustsTheAuction() throws {
        var record = try AuctionRecord.hold(Arena.input([Arena.bid("a", 62), Arena.bid("b", 60)]))
        var winners: [String] = []
        while let winner = record.award.winner {
            winners.append(winner)
            let next = try #require(try AuctionInput.takeover(after: record, code: "out-of-schema", cost: 0))
            record = try AuctionRecord.hold(next)
        }
        #expect(winners == ["a", "b"])
        #expect(record.award.void == .exhausted)
    }

    @Test func tiesKeepTheirOrderWhenSomebodyFails() throws {
        for number in 0..<50 {
            let bids = ["a", "b", "c", "d"].map { Arena.bid($0, 60) }
            let first = try AuctionRecord.hold(Arena.input(bids, microtask: "\(number)/spam"))
            let next = try #require(try AuctionInput.takeover(after: first, code: "crashed", cost: 0))
            #expect(try Auction.hold(next).ranking == Array(first.award.ranking.dropFirst()))
        }
    }

    @Test func aNegativeCostIsRefused() throws {
        let record = try AuctionRecord.hold(Arena.input([Arena.bid("a", 62)]))
        #expect(throws: AuctionError(.range, "", remedy: "")) {
            try AuctionInput.takeover(after: record, code: "crashed", cost: -1)
        }
    }
}

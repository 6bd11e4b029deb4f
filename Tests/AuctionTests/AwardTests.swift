// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct AwardTests {
    @Test func theScoreIsTheOneOnPaper() throws {
        // 0.6 · 60/64 = 0.5625; 30 micro = 0.003 cent · 0.3 = 0.0009; 10 ms · 0.1/s = 0.001; risk 0.2 · 4/64 = 0.0125.
        let weights = AuctionWeights(quality: 600_000_000, price: 300_000_000, latency: 100_000_000, risk: 200_000_000)
        let award = try Auction.hold(Arena.input([Arena.bid("a", 60, cost: 3, latency: 2)], weights: weights))
        let scored = try #require(award.scores.first)
        #expect(scored.probability == 937_500_000)
        #expect(scored.price == 30)
        #expect(scored.gain == 562_500_000)
        #expect(scored.cost == 900_000)
        #expect(scored.latency == 1_000_000)
        #expect(scored.risk == 12_500_000)
        #expect(scored.score == 548_100_000)
    }

    @Test func roundingNeverFavoursTheBidder() throws {
        let weights = AuctionWeights(quality: 1, price: 1, latency: 1, risk: 1)
        let scored = try weights.terms(Arena.bid("a", 63, cost: 0, latency: 0), nil)
        #expect((scored.gain, scored.cost, scored.latency, scored.risk) == (0, 1, 1, 1))
    }

    @Test func theBestScoreWinsAndPaysTheSecond() throws {
        let award = try Auction.hold(
            Arena.input([Arena.bid("good", 60), Arena.bid("better", 62), Arena.bid("poor", 20)]))
        #expect(award.winner == "better")
        #expect(award.runnerUp == "good")
        #expect(award.ranking == ["better", "good", "poor"])
        #expect(award.secondScore == award.scores.first { $0.model == "good" }?.score)
        #expect(!award.explored && award.draw == nil && award.void == nil && award.ties.isEmpty)
        #expect(award.losses.map(\.code) == [102, 102])
    }

    @Test func aSingleBidderPaysTheReserve() throws {
        let weights = AuctionWeights(quality: 600_000_000, price: 0, latency: 0, reserve: 12_345)
        let award = try Auction.hold(Arena.input([Arena.bid("only", 60)], weights: weights))
        #expect(award.winner == "only")
        #expect(award.runnerUp == nil)
        #expect(award.secondScore == 12_345)
    }

    @Test func anExcludedModelIsNeverScoredEvenWhenItBids() throws {
        let input = Arena.input(
            [Arena.bid("cloud", 64, cost: 0, latency: 0), Arena.bid("local", 10)],
            exclusions: [Arena.excluded("cloud")],
            exploration: Exploration(floor: 1_000_000_000, margin: 1_000_000_000))
        let award = try Auction.hold(input)
        #expect(award.winner == "local")
        #expect(award.scores.map(\.model) == ["local"])
        #expect(award.losses == [Loss(model: "cloud", digest: Arena.digest("cloud"), reason: .excluded)])
        #expect(award.losses[0].code == 104)
        #expect(try Auction.propensities(input) == ["cloud": 0, "local": 1_000_000_000])
    }

    @Test func everyLoserLearnsWhy() throws {
        let award = try Auction.hold(
            Arena.input(
                [
                    Arena.bid("winner", 60), Arena.bid("lower", 50), Arena.bid("dear", 64, cost: 15),
                    Arena.bid("worthless", 0), Arena.bid("tried", 61), Arena.bid("banned", 64),
                ],
                exclusions: [Arena.excluded("banned")],
                late: [
                    Arena.late("slow", .late), Arena.late("mute", .silent), Arena.late("odd", .invalid),
                    Arena.late("dead", .failed),
                ],
                prior: [Arena.prior("tried")]))
        #expect(award.winner == "winner")
        let codes = Dictionary(
            uniqueKeysWithValues: award.losses.map { ($0.model, "\($0.code) \($0.reason.rawValue)") })
        #expect(
            codes == [
                "lower": "102 lower-score", "dear": "500 over-budget", "worthless": "100 below-reserve",
                "tried": "1 failed", "banned": "104 excluded", "slow": "2 late", "mute": "2 silent",
                "odd": "3 invalid", "dead": "1 failed",
            ])
        #expect(award.losses.map(\.digest) == award.losses.map(\.digest).sorted())
    }

    @Test func anAuctionWithoutAnAwardSaysWhy() throws {
        let weak = Arena.bid("weak", 0)
        let good = Arena.bid("good", 60)
        let dear = Arena.bid("dear", 64, cost: 15)
        let cases: [(AuctionInput, VoidReason)] = [
            (Arena.input([]), .noEligibleBid),
            (Arena.input([good], exclusions: [Arena.excluded("good")]), .noEligibleBid),
            (Arena.input([], late: [Arena.late("good", .late)]), .noEligibleBid),
            (Arena.input([good], minBids: 2), .tooFewBids),
            (Arena.input([good], prior: [Arena.prior("good")]), .exhausted),
            (Arena.input([dear, weak]), .overBudget),
            (Arena.input([good], budget: 0), .overBudget),
            (Arena.input([weak]), .belowReserve),
        ]
        for (input, reason) in cases {
            let award = try Auction.hold(input)
            #expect(award.void == reason)
            #expect(award.winner == nil && award.runnerUp == nil && award.secondScore == nil && award.draw == nil)
            #expect(award.ranking.isEmpty && !award.explored)
            #expect(try Auction.propensities(input).values.allSatisfy { $0 == 0 })
        }
        #expect(try Auction.hold(cases[3].0).losses.map(\.code) == [501])
    }

    @Test func aTieIsBrokenByTheRecordedDraw() throws {
        var winners: Set<String> = []
        for number in 0..<40 {
            let input = Arena.input(
                [Arena.bid("x", 60), Arena.bid("y", 60), Arena.bid("z", 30)], microtask: "\(number)/spam")
            let award = try Auction.hold(input)
            #expect(Set(award.ties.map(\.model)) == ["x", "y"])
            let best = try #require(award.ties.max { $0.draw < $1.draw })
            #expect(award.winner == best.model)
            #expect(award.secondScore == award.scores.first { $0.model == "x" }?.score)
            winners.insert(best.model)
        }
        #expect(winners == ["x", "y"])
    }
}

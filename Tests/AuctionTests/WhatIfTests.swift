// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

@Suite("What if") struct WhatIfTests {
    private let bids = [Arena.bid("best", 60), Arena.bid("cheap", 50, cost: 1), Arena.bid("last", 20)]

    @Test("without a change nothing changes; without a loser the award stays; without the winner the runner-up wins")
    func without() throws {
        let input = Arena.input(bids, exclusions: [Arena.excluded("kept-out")], late: [Arena.late("slow", .late)])
        let award = try Auction.hold(input)
        #expect(try WhatIf().hold(input).award == award)
        var change = WhatIf()
        change.without = ["last", "slow"]
        let less = try change.hold(input)
        #expect(less.award.winner == award.winner && less.award.ranking == Array(award.ranking.dropLast()))
        change.without = [try #require(award.winner)]
        #expect(try change.hold(input).award.winner == award.runnerUp)
        change.without = Set(bids.map(\.model))
        #expect(try change.hold(input).award.void == .noEligibleBid)
    }

    @Test("where money counts more, the cheaper one wins; the margin of exploration goes with the weights")
    func weights() throws {
        let dear = [Arena.bid("best", 64, cost: 8), Arena.bid("cheap", 40, cost: 0)]
        let input = Arena.input(dear, weights: AuctionWeights(quality: 600_000_000, price: 1_000, latency: 0))
        #expect(try Auction.hold(input).winner == "best")
        var change = WhatIf()
        change.weights = { AuctionWeights(quality: $0.quality, price: 900_000_000, latency: $0.latency) }
        #expect(try change.hold(input).award.winner == "cheap")
    }

    @Test("who is admitted bids as elsewhere, who is denied is excluded, and of whom no bid is known is named")
    func eligibility() throws {
        let input = Arena.input(
            Array(bids.dropFirst()), exclusions: [Arena.excluded("best"), Arena.excluded("silent")])
        #expect(try Auction.hold(input).winner == "cheap")
        var change = WhatIf()
        change.eligible = { [bids] _ in
            .init(denied: [Arena.excluded("cheap")], admitted: [bids[0]], unknown: ["silent"])
        }
        let answer = try change.hold(input)
        #expect(answer.award.winner == "best" && answer.unknown == ["silent"])
        #expect(answer.award.losses.filter { $0.reason == .excluded }.map(\.model).sorted() == ["cheap", "silent"])
        #expect(answer.propensities["cheap"] == 0)
    }
}

@Suite("Off-policy estimates") struct OffPolicyTests {
    /// Two models, right with 0.3 and with 0.7; the first wins unless chance says otherwise.
    private func samples(_ count: Int, explore: Double, target: String, _ seed: UInt64) -> [OffPolicy.Sample] {
        var dice = Dice(seed)
        return (0..<count).map { _ in
            let tried = Double(dice.below(1_000_000)) / 1e6 < explore
            let winner = tried ? "b" : "a"
            let reward = dice.below(1_000) < (winner == "a" ? 300 : 700) ? 1.0 : 0.0
            return OffPolicy.Sample(
                reward: reward, logged: winner == "a" ? 1 - explore : explore, other: winner == target ? 1 : 0,
                expectedOfWinner: 0.5, expectedOfOther: 0.5)
        }
    }

    @Test("what was left to chance tells what the other model would have been worth")
    func estimates() throws {
        let estimate = OffPolicy(samples(20_000, explore: 0.1, target: "b", 7))
        #expect(abs(estimate.logged.value - 0.34) < 0.02)
        for each in try [#require(estimate.inverse), #require(estimate.normalised), #require(estimate.doublyRobust)] {
            #expect(abs(each.value - 0.7) < 3 * each.margin && each.margin < 0.05, "\(each)")
        }
        #expect(estimate.effective > 1_500 && estimate.effective < 2_500)
    }

    @Test("intervals hold the truth about as often as they say")
    func coverage() throws {
        var held = 0
        for seed in 0..<200 {
            let estimate = try #require(OffPolicy(samples(2_000, explore: 0.2, target: "b", UInt64(seed))).normalised)
            if abs(estimate.value - 0.7) <= estimate.margin { held += 1 }
        }
        #expect((180...200).contains(held), "\(held) of 200")
    }

    @Test("without chance, or with few samples, there is no estimate")
    func refused() {
        #expect(OffPolicy(samples(5_000, explore: 0, target: "b", 1)).isTooWeak)
        #expect(OffPolicy(samples(100, explore: 0.1, target: "b", 1)).isTooWeak)
        #expect(OffPolicy([]).isTooWeak)
        // The same way of awarding is estimated as what it was.
        let same = OffPolicy(samples(5_000, explore: 0, target: "a", 1))
        #expect(same.inverse == same.logged && same.effective == 5_000)
    }
}

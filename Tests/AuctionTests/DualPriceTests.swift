// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Testing

@testable import Auction

/// A budget is kept over ten thousand tasks by an online price, and never exceeded.
struct DualPriceTests {
    /// Bidders by what they promise to cost at most (micro-units) and how often they are right (1e-9).
    private static let bidders: [(cost: Int64, quality: Int64)] = [
        (100, 700_000_000), (1_000, 820_000_000), (5_000, 900_000_000), (20_000, 930_000_000),
    ]

    private struct Run {
        var spent: Int64 = 0
        var quality: Int64 = 0
        var refused = 0
    }

    /// A stream of tasks of which each bidder is sure to a different degree.
    private func run(budget: Int64, tasks: Int64 = 10_000, paced: Bool) -> Run {
        var dice = Dice(77)
        var price = DualPrice(budget: budget, tasks: tasks)
        var run = Run()
        for _ in 0..<tasks {
            let hardness = Int64(dice.below(400)) * 1_000_000
            let offers = Self.bidders.map { bidder in
                (
                    cost: bidder.cost,
                    quality: max(0, bidder.quality - (1_000_000_000 - bidder.quality) * hardness / 200_000_000)
                )
            }
            let most = paced ? price.affordable(cheapest: Self.bidders[0].cost) : price.remaining
            let open = offers.filter { $0.cost <= most }
            func score(_ offer: (cost: Int64, quality: Int64)) -> Int64 {
                offer.quality - (paced ? price.score(ofCost: offer.cost) : 0)
            }
            guard let chosen = open.max(by: { score($0) < score($1) }) else {
                run.refused += 1
                price.settle(cost: 0)
                continue
            }
            // Metered use is below what was promised.
            let metered = chosen.cost - Int64(dice.below(Int(chosen.cost / 4)))
            run.spent += metered
            run.quality += chosen.quality
            price.settle(cost: metered)
        }
        return run
    }

    @Test(arguments: [Int64(10_000_000), 20_000_000, 50_000_000, 100_000_000])
    func aBudgetIsKeptWithinOnePercentAndBeatsSpendingGreedily(budget: Int64) {
        let paced = run(budget: budget, paced: true)
        let greedy = run(budget: budget, paced: false)
        #expect(paced.spent <= budget)
        #expect(paced.spent >= budget - budget / 100, "spent \(paced.spent) of \(budget)")
        #expect(paced.refused == 0)
        #expect(paced.quality > greedy.quality)
        // The control: without the pace the money is gone early.
        #expect(greedy.refused > 1_000)
    }

    @Test func aBudgetThatIsEnoughChangesNothing() {
        let paced = run(budget: 10_000_000_000, paced: true)
        let greedy = run(budget: 10_000_000_000, paced: false)
        #expect(paced.quality == greedy.quality)
    }

    @Test func theHardLimitHoldsWhateverIsSettled() {
        var price = DualPrice(budget: 1_000, tasks: 3)
        price.settle(cost: 5_000)
        #expect(price.remaining == 0)
        #expect(price.affordable(cheapest: 10) == 0)
        price.settle(cost: -7)
        #expect(price.remaining == 0)
    }

    @Test func aDearTaskIsDegradedBeforeALaterOneIsRefused() {
        let price = DualPrice(budget: 1_000, tasks: 10)
        #expect(price.affordable(cheapest: 100) == 100)
        #expect(price.affordable(cheapest: 50) == 550)
        // The control: when even the cheapest does not fit all, the next one still gets it.
        #expect(price.affordable(cheapest: 400) == 400)
        #expect(price.affordable(cheapest: 4_000) == 1_000)
    }

    @Test func thePriceRisesWithDearTasksAndFallsWithCheapOnes() {
        var price = DualPrice(budget: 1_000_000, tasks: 1_000)
        #expect(price.score(ofCost: 1_000) == 0)
        for _ in 0..<50 { price.settle(cost: 5_000) }
        let high = price.pressure
        #expect(high > 0)
        // Whoever goes on later with what is left goes on as if nothing had happened.
        var resumed = DualPrice(budget: price.remaining, tasks: price.tasks, pressure: high)
        #expect(resumed.score(ofCost: 1_000) == price.score(ofCost: 1_000) && resumed.share == price.share)
        price.settle(cost: 9_000)
        resumed.settle(cost: 9_000)
        #expect(resumed.pressure == price.pressure && resumed.pressure > high)
        for _ in 0..<200 { price.settle(cost: 0) }
        #expect(price.pressure < high)
    }
}

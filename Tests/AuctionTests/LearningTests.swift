// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

/// What the engine makes of outcomes, claims and changes.
struct LearningTests {
    private static let weights = LearnedWeights(price: 0)

    private func auction(explores: Bool) -> LearnedAuction {
        LearnedAuction(weights: Self.weights, guardDeviations: 250_000_000, explores: explores)
    }

    private func seller(
        _ name: String, _ quality: Int64, cost: Int64 = 100, _ claims: Market.Seller.Claims = .none
    ) -> Market.Seller {
        Market.Seller(name: name, quality: ["a": quality * 1_000_000], cost: cost, claims: claims)
    }

    /// Learns `count` tasks, all outcomes or the winner's alone; returns who won how often.
    private func learn(
        _ market: inout Market, _ engine: inout HierarchicalThompson, _ count: Int, everything: Bool = false
    ) -> [String: Int] {
        var wins: [String: Int] = [:]
        for _ in 0..<count {
            let lot = market.next()
            guard let award = auction(explores: true).hold(lot.bidders, on: lot.task, by: engine, seed: lot.seed),
                let winner = lot.bidders.firstIndex(where: { $0.digest == award.winner })
            else { continue }
            wins[market.sellers[winner].name, default: 0] += 1
            engine.learn(everything ? lot.outcomes : [lot.outcomes[winner]], among: lot.bidders, on: lot.task)
        }
        return wins
    }

    @Test func theOrderOfBidsCannotMatter() throws {
        var market = Market(sellers: 9, types: 3, seed: 5) { $0.isMultiple(of: 2) ? .honest : .none }
        var engine = HierarchicalThompson()
        _ = learn(&market, &engine, 200)
        for number in 0..<200 {
            let lot = market.next()
            let auction = auction(explores: number.isMultiple(of: 2))
            let straight = auction.hold(lot.bidders, on: lot.task, by: engine, seed: lot.seed)
            let shuffled = auction.hold(
                lot.bidders.shuffled(using: &market.dice), on: lot.task, by: engine, seed: lot.seed)
            #expect(straight == shuffled)
            #expect(straight != nil)
        }
    }

    @Test func nobodyPaysMoreThanItsOwnScore() throws {
        var market = Market(sellers: 6, types: 2, seed: 6)
        var engine = HierarchicalThompson()
        _ = learn(&market, &engine, 300)
        for _ in 0..<200 {
            let lot = market.next()
            let award = try #require(
                auction(explores: false).hold(lot.bidders, on: lot.task, by: engine, seed: lot.seed))
            let own = try #require(award.winnersScore)
            #expect(award.secondScore <= own.score)
        }
        #expect(
            auction(explores: false).hold([], on: LearnedTask(type: "a", lengthStep: 0), by: engine, seed: .zero) == nil
        )
    }

    @Test func aBetterModelOnATypeWinsThereAndNotElsewhere() {
        var market = Market(
            [
                Market.Seller(name: "one", quality: ["a": 950_000_000, "b": 400_000_000], cost: 100),
                Market.Seller(name: "other", quality: ["a": 500_000_000, "b": 850_000_000], cost: 100),
            ], seed: 3)
        var engine = HierarchicalThompson()
        _ = learn(&market, &engine, 600, everything: true)
        func winner(_ type: String) -> Digest? {
            auction(explores: false).hold(
                market.next().bidders, on: LearnedTask(type: type, lengthStep: 0), by: engine, seed: .zero)?.winner
        }
        #expect(winner("a") == Arena.digest("one"))
        #expect(winner("b") == Arena.digest("other"))
    }

    @Test func aLiarIsReducedToItsRecordAndAnHonestClaimIsWorthSomething() throws {
        var market = Market(
            [seller("liar", 500, .always(63)), seller("honest", 700, .honest), seller("silent", 700)], seed: 4)
        var engine = HierarchicalThompson()
        _ = learn(&market, &engine, 800, everything: true)
        let task = LearnedTask(type: "a", lengthStep: 0)
        func forecast(_ name: String, _ claim: Int?) -> Int64 {
            engine.forecast([Bidder(digest: Arena.digest(name), claim: claim, unitPrice: 100)], on: task)[0].quality
        }
        // Half right and some of the rest a quarter right.
        #expect(abs(forecast("liar", 63) - 560_000_000) < 60_000_000)
        // The control: who claimed honestly is believed when it claims much, and when it claims little.
        #expect(forecast("honest", 60) > 850_000_000)
        #expect(forecast("honest", 30) < 680_000_000)
    }

    @Test func aLoneLiarLosesCreditsByLying() {
        func credits(_ claims: Market.Seller.Claims) -> Int64 {
            var market = Market(
                [seller("liar", 400, claims)] + (0..<6).map { seller("m\($0)", 600 + Int64($0) * 40, .honest) }, seed: 8
            )
            var engine = HierarchicalThompson()
            var sum: Int64 = 0
            for _ in 0..<1_500 {
                let lot = market.next()
                guard let award = auction(explores: true).hold(lot.bidders, on: lot.task, by: engine, seed: lot.seed),
                    let winner = lot.bidders.firstIndex(where: { $0.digest == award.winner })
                else { continue }
                if winner == 0 {
                    sum += Self.weights.score(quality: lot.outcomes[0].quality, cost: 0) - award.secondScore
                }
                engine.learn([lot.outcomes[winner]], among: lot.bidders, on: lot.task)
            }
            return sum
        }
        #expect(credits(.always(63)) < 0)
    }

    @Test func anEngineThatKnowsNothingTriesEverybody() {
        var market = Market(sellers: 8, types: 1, seed: 11)
        var engine = HierarchicalThompson()
        #expect(learn(&market, &engine, 400).count == 8)
    }

    @Test func aNewModelIsFoundAfterManyTasks() {
        var market = Market([seller("old", 600), seller("other", 500)], seed: 12)
        var engine = HierarchicalThompson()
        _ = learn(&market, &engine, 500)
        market.sellers.append(seller("new", 950))
        #expect(learn(&market, &engine, 400)["new", default: 0] > 200)
    }

    @Test func aModelThatGetsWorseLosesItsWins() {
        var market = Market([seller("falls", 950), seller("stays", 700)], seed: 13)
        var engine = HierarchicalThompson()
        #expect(learn(&market, &engine, 2_000)["falls", default: 0] > 1_800)
        market.sellers[0] = seller("falls", 300)
        _ = learn(&market, &engine, 200)
        #expect(learn(&market, &engine, 300)["stays", default: 0] > 270)
    }

    @Test func withoutDriftNothingIsForgotten() {
        var steady = Market([seller("one", 800)], seed: 14)
        var engine = HierarchicalThompson()
        _ = learn(&steady, &engine, 3_000)
        #expect(engine.models[Arena.digest("one")]?.usual.count == 3_000)
        // The control: a change is noticed and half forgotten.
        steady.sellers[0] = seller("one", 200)
        _ = learn(&steady, &engine, 64)
        #expect(engine.models[Arena.digest("one")]?.usual.count ?? 0 < 2_000)
    }

    @Test func theIncumbentIsLeftOnlyForAGainAboveTheGuard() throws {
        var market = Market([seller("one", 700), seller("other", 690)], seed: 15)
        var engine = HierarchicalThompson()
        _ = learn(&market, &engine, 200, everything: true)
        let task = LearnedTask(type: "unknown", lengthStep: 0)
        let bidders = market.next().bidders
        let guarded = LearnedAuction(weights: Self.weights, guardDeviations: 100_000_000_000, explores: false)
        let award = try #require(guarded.hold(bidders, on: task, by: engine, seed: .zero))
        #expect(award.winner == award.incumbent)
    }

    @Test func integersAreExactAtTheirBounds() {
        #expect(Fixed.share(-7, 1, over: 2) == -4)
        #expect(Fixed.share(7, -1, over: 2) == -4)
        #expect(Fixed.share(.max, .max, over: .max) == Fixed.limit)
        #expect(Fixed.share(.min, .max, over: 1) == -Fixed.limit)
        #expect(Fixed.quotient(-7, 2) == -4)
        for value: Int64 in [0, 1, 2, 3, 4, 15, 16, 17, 1_000_000, .max] {
            let root = Fixed.root(value)
            #expect(root * root <= value)
            #expect((root + 1).multipliedReportingOverflow(by: root + 1).overflow || (root + 1) * (root + 1) > value)
        }
    }
}

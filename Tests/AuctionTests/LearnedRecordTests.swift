// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

@Suite("Records of version 3: awards by what was learned") struct LearnedRecordTests {
    private static func forecast(
        _ quality: Int64, deviation: Int64 = 0, cost: Int64 = 0, usual: Int64? = nil, costDeviation: Int64 = 0
    ) -> Forecast {
        Forecast(
            quality: quality, deviation: deviation, cost: cost, costDeviation: costDeviation, latency: 10,
            usualQuality: usual ?? quality, usualCost: cost)
    }

    private static func input(
        _ forecasts: [String: Forecast],
        weights: AuctionWeights = AuctionWeights(quality: 1_000_000_000, price: 0, latency: 0),
        exploration: Exploration = .never, pace: Pace = .none, prior: [PriorAttempt] = []
    ) -> AuctionInput {
        Arena.learned(
            Arena.input(
                forecasts.keys.map { Arena.bid($0, 64) }, prior: prior, weights: weights, exploration: exploration),
            pace: pace
        ) { forecasts[$0.model] ?? forecast(0) }
    }

    @Test("the award is the one that evaluation makes of the same forecasts")
    func sameAsEvaluation() throws {
        var market = Market(sellers: 9, types: 3, seed: 5) { $0 % 2 == 0 ? .honest : .none }
        var engine = HierarchicalThompson()
        let weights = AuctionWeights(quality: 1_000_000_000, price: 250_000_000, latency: 3_000_000)
        var reasons: Set<AwardReason> = []
        for number in 0..<600 {
            let lot = market.next()
            let bids = lot.bidders.map {
                Bid(model: $0.digest.hex, digest: $0.digest, confidence: $0.claim ?? 0, costStep: 5, latencyStep: 3)
            }
            let input = Arena.learned(
                Arena.input(
                    bids, job: "job-\(number)", weights: weights,
                    exploration: Exploration(floor: number % 2 == 0 ? 1 : 0, margin: 0))
            ) { bid in
                let sorted = lot.bidders.sorted { $0.digest < $1.digest }
                let place = sorted.firstIndex { $0.digest == bid.digest } ?? 0
                return engine.forecast(sorted, on: lot.task)[place]
            }
            let auction = LearnedAuction(
                weights: LearnedWeights(weights), guardDeviations: LearningSettings().incumbentGuard,
                explores: number % 2 == 0)
            let seed = try #require(Digest(hex: input.seed))
            let expected = try #require(auction.hold(lot.bidders, on: lot.task, by: engine, seed: seed))
            let award = try Auction.hold(input)
            #expect(award.scores.map(\.score) == expected.scores.map(\.score))
            if !award.explored {
                #expect(award.winner == expected.winner.hex)
                #expect(award.runnerUp == expected.runnerUp?.hex)
                #expect(award.secondScore == expected.secondScore)
            }
            #expect(award.reason == expected.reason)
            #expect(award.incumbent == expected.incumbent.hex)
            reasons.insert(expected.reason)
            let winner = try #require(lot.bidders.firstIndex { $0.digest == expected.winner })
            engine.learn(number < 200 ? lot.outcomes : [lot.outcomes[winner]], among: lot.bidders, on: lot.task)
        }
        #expect(reasons == [.incumbentIsBest, .gain, .guarded, .drawn])
    }

    @Test("a record stores who won and why, and reads back whole")
    func roundTrip() throws {
        var dice = Dice(77)
        var seen = (reasons: Set<AwardReason>(), void: 0, explored: 0, ties: 0, paced: 0)
        for _ in 0..<2_000 {
            let record = try AuctionRecord.hold(Arena.randomLearned(&dice))
            #expect(record.v == 3)
            let bytes = try record.canonical()
            #expect(try bytes == CanonicalJSON.encode(record))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("\"scores\""))
            let again = try AuctionRecord(canonical: bytes)
            #expect(again == record)
            #expect(Auction.replay(again) == .agrees)
            if let reason = record.award.reason { seen.reasons.insert(reason) }
            if record.award.void != nil { seen.void += 1 }
            if record.award.explored { seen.explored += 1 }
            if !record.award.ties.isEmpty { seen.ties += 1 }
            if record.input.learning?.pace.pressure ?? 0 > 0 { seen.paced += 1 }
        }
        #expect(
            seen.reasons.count == 4 && seen.void > 100 && seen.explored > 100 && seen.ties > 20 && seen.paced > 300,
            "\(seen)")
    }

    @Test("whoever changes a stored outcome, or a forecast, is found")
    func tampered() throws {
        let record = try AuctionRecord.hold(
            Self.input(["a": Self.forecast(900_000_000), "b": Self.forecast(500_000_000)]))
        #expect(record.award.winner == "a")
        let text = String(decoding: try record.canonical(), as: UTF8.self)
        for (old, new, path) in [
            ("\"winner\":\"a\"", "\"winner\":\"b\"", "award.winner"),
            ("\"secondScore\":500000000", "\"secondScore\":400000000", "award.secondScore"),
            ("\"runnerUp\":\"b\"", "\"runnerUp\":\"a\"", "award.runnerUp"),
            ("\"reason\":\"incumbent-is-best\"", "\"reason\":\"drawn\"", "award.reason"),
            ("[900000000,", "[400000000,", "award.reason"),
        ] {
            let forged = text.replacing(old, with: new)
            #expect(forged != text, "\(old)")
            guard case .differs(let found, _, _) = Auction.replay(try AuctionRecord(canonical: Array(forged.utf8)))
            else {
                Issue.record("\(new) was not found")
                continue
            }
            #expect(found == path)
        }
        #expect(Auction.replay(try AuctionRecord(canonical: Array(text.utf8))) == .agrees)
    }

    @Test("the incumbent is left only for a gain above the guard, and pays no more than its own score")
    func incumbentGuard() throws {
        let usual = Self.forecast(700_000_000, deviation: 100_000_000, usual: 900_000_000)
        let small = try Auction.hold(
            Self.input(["usual": usual, "new": Self.forecast(800_000_000, deviation: 10_000_000, usual: 100_000_000)]))
        #expect(small.winner == "usual" && small.reason == .guarded && small.incumbent == "usual")
        #expect(small.secondScore == 700_000_000 && small.runnerUp == "new")
        let large = try Auction.hold(
            Self.input(["usual": usual, "new": Self.forecast(900_000_000, deviation: 10_000_000, usual: 100_000_000)]))
        #expect(large.winner == "new" && large.reason == .gain && large.secondScore == 700_000_000)
    }

    @Test("the pace takes what a dear bidder would cost the tasks to come")
    func pace() throws {
        let weights = AuctionWeights(quality: 1_000_000_000, price: 10_000_000, latency: 0)
        let forecasts = [
            "dear": Self.forecast(900_000_000, cost: 10_000), "cheap": Self.forecast(800_000_000, cost: 1_000),
        ]
        #expect(try Auction.hold(Self.input(forecasts, weights: weights)).winner == "dear")
        let paced = try Auction.hold(
            Self.input(forecasts, weights: weights, pace: Pace(pressure: 50_000_000, share: 2_000)))
        #expect(paced.winner == "cheap")
        #expect(paced.scores.first { $0.model == "dear" }?.cost == 260_000_000)
    }

    @Test("what chance could have made of it adds up to one, and nobody is tried where nobody may be")
    func propensities() throws {
        var dice = Dice(3)
        var (mixed, whole) = (0, 0)
        for _ in 0..<60 {
            let input = Arena.randomLearned(&dice)
            let award = try Auction.hold(input)
            let shares = try Auction.propensities(input)
            for exclusion in input.exclusions { #expect(shares[exclusion.model] == 0) }
            guard let winner = award.winner else { continue }
            let sum = shares.values.reduce(0, +)
            // What is missing is of imagined auctions that nobody wins: every score fell below the reserve.
            #expect(sum <= 1_000_000_000 && sum > 0)
            if input.weights.reserve < -10_000_000 { whole += sum > 999_000_000 ? 1 : 0 }
            if input.exploration.floor == 0 { #expect(shares[winner] == 1_000_000_000) }
            if shares.values.count(where: { $0 > 0 }) > 1 { mixed += 1 }
        }
        #expect(mixed > 10 && whole > 10)
    }

    @Test("a forecast that nobody could have made is refused by name")
    func refused() throws {
        let good = Self.input(["a": Self.forecast(900_000_000), "b": Self.forecast(500_000_000)])
        #expect(throws: Never.self) { try Auction.hold(good) }
        let bad: [Forecast] = [
            Self.forecast(-1), Self.forecast(1_000_000_001), Self.forecast(1, deviation: -1),
            Self.forecast(1, cost: -1),
            Self.forecast(1, cost: .max), Self.forecast(1, costDeviation: .max), Self.forecast(1, usual: -5),
            Forecast(quality: 1, deviation: 0, cost: 0, costDeviation: 0, latency: -1, usualQuality: 1, usualCost: 0),
        ]
        for forecast in bad {
            #expect(throws: AuctionError(.range, "", remedy: "")) {
                try Auction.hold(Self.input(["a": forecast, "b": Self.forecast(5)]))
            }
        }
        let learning = try #require(good.learning)
        let short = LearnedInput(
            engine: learning.engine, settings: 1, state: learning.state, outcomes: 1, pace: .none,
            forecasts: [learning.forecasts[0]])
        let foreign = LearnedInput(
            engine: learning.engine, settings: 9, state: learning.state, outcomes: 1, pace: .none,
            forecasts: learning.forecasts)
        for wrong in [short, foreign] {
            let input = AuctionInput(
                job: good.job, jobDigest: good.jobDigest, microtask: good.microtask, sequence: 0,
                features: good.features,
                policy: good.policy, bids: good.bids, learning: wrong, weights: good.weights, exploration: .never,
                budgetRemaining: 1)
            #expect(throws: AuctionError(.learning, "", remedy: "")) { try Auction.hold(input) }
        }
        // Weights at their bounds and the dearest forecast: an error, and no trap.
        let most = AuctionWeights(
            quality: 1_000_000_000_000_000, price: 1_000_000_000_000_000, latency: 1_000_000_000_000_000)
        #expect(throws: AuctionError(.overflow, "", remedy: "")) {
            try Auction.hold(
                Self.input(
                    ["a": Self.forecast(1_000_000_000, cost: VerifiedOutcome.mostCost)], weights: most,
                    pace: Pace(pressure: 1_000_000_000_000_000, share: 1)))
        }
    }

    @Test("a takeover keeps what had been learned")
    func takeover() throws {
        let record = try AuctionRecord.hold(
            Self.input(["a": Self.forecast(900_000_000), "b": Self.forecast(500_000_000)]))
        let next = try #require(try AuctionInput.takeover(after: record, code: "crashed", cost: 3))
        let again = try AuctionRecord.hold(next)
        #expect(again.award.winner == "b" && again.v == 3)
        #expect(try Auction.verifyChain([record, again]) == nil)
    }
}

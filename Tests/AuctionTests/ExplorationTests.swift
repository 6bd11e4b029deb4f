// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct ExplorationTests {
    private let bids = [Arena.bid("best", 62), Arena.bid("near", 58), Arena.bid("far", 10)]
    private let margin: Int64 = 100_000_000

    @Test func theFrequencyOfExplorationIsTheFloor() throws {
        let rounds = 20_000
        var explored = 0
        var winners: [String: Int] = [:]
        for number in 0..<rounds {
            let award = try Auction.hold(
                Arena.input(
                    bids, microtask: "\(number)/spam", exclusions: [Arena.excluded("cloud")],
                    exploration: Exploration(floor: 200_000_000, margin: margin)))
            if award.explored { explored += 1 }
            winners[award.winner ?? "nobody", default: 0] += 1
        }
        // Binomial: mean 4,000, standard deviation 57; and near wins half of the explorations: 2,000 ± 42.
        #expect(abs(explored - 4_000) < 5 * 57)
        #expect(abs((winners["near"] ?? 0) - 2_000) < 5 * 43)
        #expect(Set(winners.keys) == ["best", "near"])
    }

    @Test func propensitiesAreWhatHappens() throws {
        let input = Arena.input(bids, exploration: Exploration(floor: 200_000_000, margin: margin))
        #expect(try Auction.propensities(input) == ["best": 900_000_000, "near": 100_000_000, "far": 0])
    }

    @Test func aFloorOfZeroNeverExplores() throws {
        for number in 0..<200 {
            let award = try Auction.hold(
                Arena.input(
                    bids, microtask: "\(number)/spam", exploration: Exploration(floor: 0, margin: 1_000_000_000)))
            #expect(!award.explored && award.draw == nil && award.winner == "best")
        }
    }

    @Test func aSureExplorationRecordsItsPickAndPaysBelowItself() throws {
        var picks: Set<Int> = []
        for number in 0..<40 {
            let award = try Auction.hold(
                Arena.input(
                    bids, microtask: "\(number)/spam", exploration: Exploration(floor: 1_000_000_000, margin: margin)))
            let draw = try #require(award.draw)
            let pick = try #require(draw.pick)
            #expect(award.explored && draw.plausible == ["best", "near"])
            #expect(award.winner == draw.plausible[pick])
            #expect(award.runnerUp == (pick == 0 ? "near" : "best"))
            let payer = pick == 0 ? "near" : "far"
            #expect(award.secondScore == award.scores.first { $0.model == payer }?.score)
            picks.insert(pick)
        }
        #expect(picks == [0, 1])
    }

    @Test func nobodyIsTriedAfterAFailure() throws {
        for number in 0..<50 {
            let award = try Auction.hold(
                Arena.input(
                    bids, microtask: "\(number)/spam", prior: [Arena.prior("best")],
                    exploration: Exploration(floor: 1_000_000_000, margin: 1_000_000_000)))
            #expect(award.winner == "near" && !award.explored && award.draw == nil)
        }
    }

    @Test func theSeedDependsOnJobRoundAndMicrotask() {
        let job = Arena.digest("job")
        let seeds = [
            AuctionSeed.derive(job: job, round: 1, microtask: "a"),
            AuctionSeed.derive(job: job, round: 2, microtask: "a"),
            AuctionSeed.derive(job: job, round: 1, microtask: "b"),
            AuctionSeed.derive(job: Arena.digest("other"), round: 1, microtask: "a"),
        ]
        #expect(Set(seeds).count == 4)
        #expect(AuctionSeed.derive(job: job, round: 1, microtask: "a") == seeds[0])
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

/// What must hold for every auction, tried on many random ones.
struct PropertyTests {
    @Test func anExcludedBidderNeverWinsAndHasPropensityZero() throws {
        var dice = Dice(1)
        var awarded = 0
        var contested = 0
        for _ in 0..<3_000 {
            let input = Arena.random(&dice)
            let award = try Auction.hold(input)
            let propensities = try Auction.propensities(input)
            for model in input.exclusions.map(\.model) {
                #expect(award.winner != model && award.runnerUp != model && !award.ranking.contains(model))
                #expect(award.draw?.plausible.contains(model) != true)
                #expect(propensities[model] == 0)
                contested += input.bids.contains { $0.model == model } ? 1 : 0
            }
            if let winner = award.winner {
                awarded += 1
                #expect(propensities[winner] ?? 0 > 0 || input.exploration.floor < 12)
                #expect(propensities.values.reduce(0, +) == 1_000_000_000)
            }
        }
        // The positive control: auctions were awarded, and excluded models did bid.
        #expect(awarded > 1_000 && contested > 500)
    }

    @Test func whatAnAwardCostsIsWhatItsListsSay() throws {
        var dice = Dice(8)
        var (awarded, short) = (0, 0)
        for turn in 0..<3_000 {
            let record = try AuctionRecord.hold(
                turn.isMultiple(of: 2) ? Arena.random(&dice) : Arena.randomLearned(&dice))
            for award in [record.award, try AuctionRecord(canonical: record.canonical()).award] {
                #expect(award.price == award.scores.first { $0.model == award.winner }?.price)
                let tooDear = Set(award.losses.filter { $0.reason == .overBudget }.map(\.digest))
                #expect(award.unaffordable == award.scores.filter { tooDear.contains($0.digest) }.map(\.price))
                awarded += award.price == nil ? 0 : 1
                short += award.unaffordable.isEmpty ? 0 : 1
            }
        }
        #expect(awarded > 1_000 && short > 100, "awarded \(awarded), short \(short)")
    }

    @Test func theOrderOfBidsDoesNotMatter() throws {
        var dice = Dice(2)
        for _ in 0..<500 {
            let input = Arena.random(&dice)
            let shuffled = AuctionInput(
                job: input.job, jobDigest: input.jobDigest, microtask: input.microtask, attempt: input.attempt,
                sequence: input.sequence, features: input.features, policy: input.policy,
                bids: input.bids.shuffled(using: &dice), exclusions: input.exclusions.shuffled(using: &dice),
                late: input.late.shuffled(using: &dice),
                experience: (input.experience ?? []).shuffled(using: &dice), prior: input.prior, weights: input.weights,
                exploration: input.exploration, minBids: input.minBids, budgetRemaining: input.budgetRemaining)
            #expect(try AuctionRecord.hold(shuffled).canonical() == AuctionRecord.hold(input).canonical())
        }
    }

    @Test func aDominatedBidNeverWinsWithoutExploration() throws {
        var dice = Dice(3)
        var compared = 0
        for _ in 0..<3_000 {
            let input = Arena.random(&dice, exploration: .never)
            let award = try Auction.hold(input)
            guard let winner = input.bids.first(where: { $0.model == award.winner }) else { continue }
            func probability(of bid: Bid) -> Int64 {
                award.scores.first { $0.model == bid.model }?.probability ?? 0
            }
            for rival in input.bids where award.ranking.contains(rival.model) {
                let dominates =
                    probability(of: rival) > probability(of: winner) && rival.costStep <= winner.costStep
                    && rival.latencyStep <= winner.latencyStep
                compared += 1
                // Equal rounding can make scores equal, and then the draw decides.
                let scores = Dictionary(uniqueKeysWithValues: award.scores.map { ($0.model, $0.score) })
                #expect(!dominates || scores[rival.model] == scores[winner.model])
            }
        }
        #expect(compared > 3_000)
    }

    @Test func aBetterBidNeverHurtsItsBidder() throws {
        var dice = Dice(4)
        for _ in 0..<1_000 {
            let input = Arena.random(&dice, exploration: .never)
            let award = try Auction.hold(input)
            guard let winner = input.bids.first(where: { $0.model == award.winner }), winner.confidence < 64 else {
                continue
            }
            let surer = Bid(
                model: winner.model, digest: winner.digest, confidence: winner.confidence + 1,
                costStep: winner.costStep, latencyStep: max(0, winner.latencyStep - 1))
            let again = Arena.input(
                input.bids.map { $0 == winner ? surer : $0 }, job: input.job, exclusions: input.exclusions,
                late: input.late, experience: input.experience ?? [], prior: input.prior, weights: input.weights,
                exploration: .never,
                minBids: input.minBids, budget: input.budgetRemaining)
            #expect(try Auction.hold(again).winner == winner.model)
        }
    }

    @Test func theWinnerNeverPaysMoreThanItsScore() throws {
        var dice = Dice(5)
        for _ in 0..<2_000 {
            let award = try Auction.hold(Arena.random(&dice))
            guard let winner = award.scores.first(where: { $0.model == award.winner }) else { continue }
            #expect(try #require(award.secondScore) <= winner.score)
        }
    }

    @Test func everyAwardReplays() throws {
        var dice = Dice(6)
        for _ in 0..<1_000 {
            let record = try AuctionRecord.hold(Arena.random(&dice))
            let stored = try AuctionRecord(canonical: record.canonical())
            #expect(stored == record)
            #expect(Auction.replay(stored) == .agrees)
        }
    }

    @Test func everybodyIsAccountedForExactlyOnce() throws {
        var dice = Dice(7)
        for _ in 0..<1_000 {
            let input = Arena.random(&dice)
            let award = try Auction.hold(input)
            let everybody = Set(input.bids.map(\.model) + input.late.map(\.model) + input.exclusions.map(\.model))
            let named = award.losses.map(\.model) + [award.winner].compactMap { $0 }
            #expect(named.count == everybody.count && Set(named) == everybody)
        }
    }

    @Test func nothingTrapsAtTheExtremes() throws {
        let limit: Int64 = 1_000_000_000_000_000
        var codes: Set<String> = []
        for quality in [0, 1, limit] {
            for price in [0, 1, limit] {
                for latency in [0, 1, limit] {
                    for risk in [0, 1, limit] {
                        for (cost, time) in [(0, 0), (15, 15), (0, 15), (15, 0)] {
                            let weights = AuctionWeights(
                                quality: quality, price: price, latency: latency, risk: risk, reserve: -limit)
                            let bids = [0, 1, 63, 64].map { Arena.bid("m\($0)", $0, cost: cost, latency: time) }
                            do throws(AuctionError) {
                                let award = try Auction.hold(
                                    Arena.input(
                                        bids, weights: weights,
                                        exploration: Exploration(floor: 1_000_000_000, margin: limit),
                                        budget: 9_007_199_254_740_991))
                                codes.insert("held")
                                #expect(award.scores.allSatisfy { abs($0.score) <= 9_007_199_254_740_991 })
                            } catch {
                                codes.insert(error.codeName)
                            }
                        }
                    }
                }
            }
        }
        #expect(codes == ["held", "overflow"])
    }
}

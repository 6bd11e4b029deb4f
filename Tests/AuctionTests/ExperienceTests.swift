// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

/// What verified outcomes do to claims.
struct ExperienceTests {
    private let liar = Arena.bid("liar", 63)
    private let honest = Arena.bid("honest", 58)

    private func scores(_ input: AuctionInput) throws -> [String: ScoredBid] {
        Dictionary(uniqueKeysWithValues: try Auction.hold(input).scores.map { ($0.model, $0) })
    }

    @Test func theProbabilityIsTheOneOnPaper() throws {
        // (16 · 63/64 + 8) / (16 + 8 + 8) = 23.75 / 32.
        let scored = try #require(
            try scores(Arena.input([liar], experience: [Arena.knows("liar", right: 8, wrong: 8)]))["liar"])
        #expect(scored.probability == 742_187_500)
        #expect((scored.claimed, scored.right, scored.wrong) == (984_375_000, 8, 8))
        #expect(scored.gain == 445_312_500)
    }

    @Test func aLiarLosesItsWinsOnceSomebodyChecks() throws {
        #expect(try Auction.hold(Arena.input([liar, honest])).winner == "liar")
        // Every answer of the liar is wrong; how many must somebody correct until the honest one wins?
        var corrections: Int64 = 0
        while try Auction.hold(
            Arena.input([liar, honest], experience: [Arena.knows("liar", right: 0, wrong: corrections)])
        ).winner == "liar" { corrections += 1 }
        #expect(corrections == 2)
        // And one that is right half of the time, as often as the honest one is right at nine of ten.
        let input = Arena.input(
            [liar, honest],
            experience: [Arena.knows("liar", right: 50, wrong: 50), Arena.knows("honest", right: 90, wrong: 10)])
        #expect(try Auction.hold(input).ranking == ["honest", "liar"])
    }

    @Test func noClaimOutweighsManyVerifiedAnswers() throws {
        for claim in [0, 32, 64] {
            let input = Arena.input(
                [Arena.bid("a", claim)], experience: [Arena.knows("a", right: 300, wrong: 700)])
            let scored = try #require(try scores(input)["a"])
            #expect(abs(scored.probability - 300_000_000) < 16_000_000)
        }
    }

    @Test func anUnknownNewcomerStillHasAChance() throws {
        let incumbent = Arena.knows("honest", right: 90, wrong: 10)
        // By its claim, when it claims more than the known one has shown.
        #expect(try Auction.hold(Arena.input([honest, Arena.bid("new", 62)], experience: [incumbent])).winner == "new")
        // By exploration, when it claims less.
        let input = Arena.input(
            [honest, Arena.bid("new", 50)], experience: [incumbent],
            exploration: Exploration(floor: 20_000_000, weights: Arena.weights))
        #expect(try Auction.hold(input).winner == "honest" || Auction.hold(input).explored)
        #expect(try Auction.propensities(input) == ["honest": 990_000_000, "new": 10_000_000])
        // And one unlucky answer does not end it.
        let scored = try scores(
            Arena.input([Arena.bid("new", 62)], experience: [Arena.knows("new", right: 0, wrong: 1)]))
        #expect(try #require(scored["new"]).probability > 900_000_000)
    }

    @Test func moreRightNeverHurtsAndMoreWrongNeverHelps() throws {
        var dice = Dice(21)
        for _ in 0..<2_000 {
            let claim = dice.below(65)
            let (right, wrong) = (Int64(dice.below(200)), Int64(dice.below(200)))
            func probability(_ right: Int64, _ wrong: Int64) throws -> Int64 {
                let input = Arena.input(
                    [Arena.bid("a", claim)], experience: [Arena.knows("a", right: right, wrong: wrong)])
                return try #require(try scores(input)["a"]).probability
            }
            let now = try probability(right, wrong)
            #expect(try probability(right + 1, wrong) >= now && probability(right, wrong + 1) <= now)
            #expect((0...1_000_000_000).contains(now))
        }
    }

    @Test func withoutExperienceNothingChanges() throws {
        let input = Arena.input([liar, honest], experience: [Arena.knows("liar", right: 0, wrong: 0)])
        let record = try AuctionRecord.hold(input)
        #expect(record.v == 1 && input.experience == nil)
        #expect(try record.canonical() == AuctionRecord.hold(Arena.input([liar, honest])).canonical())
        #expect(!String(decoding: try record.canonical(), as: UTF8.self).contains("claimed"))
    }

    @Test func aRecordOfOneVersionIsNotReadAsTheOther() throws {
        let record = try AuctionRecord.hold(
            Arena.input([liar, honest], experience: [Arena.knows("liar", right: 1, wrong: 1)]))
        #expect(record.v == 2 && Auction.replay(record) == .agrees)
        #expect(try AuctionRecord(canonical: record.canonical()) == record)
        let text = String(decoding: try record.canonical(), as: UTF8.self)
        #expect(throws: AuctionError(.record, "", remedy: "")) {
            try AuctionRecord(canonical: Array(text.replacing("\"v\":2", with: "\"v\":1").utf8))
        }
    }

    @Test func forgedExperienceChangesTheAwardAndIsNamed() throws {
        let record = try AuctionRecord.hold(
            Arena.input([liar, honest], experience: [Arena.knows("liar", right: 8, wrong: 8)]))
        let forged = String(decoding: try record.canonical(), as: UTF8.self)
            .replacing("\"right\":8,\"wrong\":8}]", with: "\"right\":8,\"wrong\":0}]")
        guard
            case .differs(let path, _, _) = Auction.replay(try AuctionRecord(canonical: Array(forged.utf8)))
        else {
            Issue.record("forged experience went unnoticed")
            return
        }
        #expect(path.hasPrefix("award."))
    }

    @Test func aTakeoverKeepsTheExperience() throws {
        let first = try AuctionRecord.hold(
            Arena.input([liar, honest], experience: [Arena.knows("honest", right: 9, wrong: 1)]))
        let next = try #require(try AuctionInput.takeover(after: first, code: "crashed", cost: 3))
        #expect(next.experience == first.input.experience)
        #expect(try Auction.verifyChain([first, AuctionRecord.hold(next)]) == nil)
    }

    @Test func theLargestCountsAndWeightsNeitherTrapNorOverflow() throws {
        let most: Int64 = 1_000_000_000
        let weights = AuctionWeights(
            quality: 1_000_000_000_000_000, price: 0, latency: 0, risk: 1_000_000_000_000_000,
            reserve: -1_000_000_000_000_000)
        for (right, wrong) in [(most, most), (most, 0), (0, most), (1, most), (most, 1)] {
            let award = try Auction.hold(
                Arena.input(
                    [Arena.bid("a", 64)], experience: [Arena.knows("a", right: right, wrong: wrong)], weights: weights))
            #expect(try #require(award.scores.first).probability <= 1_000_000_000)
        }
        for (right, wrong) in [(most + 1, 0), (-1, 1), (.max, .max), (.min, 0)] as [(Int64, Int64)] {
            #expect(throws: AuctionError(.range, "", remedy: "")) {
                try Auction.hold(
                    Arena.input([Arena.bid("a", 64)], experience: [Arena.knows("a", right: right, wrong: wrong)]))
            }
        }
    }

    @Test func explainSaysInWordsWhatAClaimCountsAs() throws {
        let record = try AuctionRecord.hold(
            Arena.input([Arena.bid("liar", 61), honest], experience: [Arena.knows("liar", right: 8, wrong: 8)]))
        let text = Auction.explain(record)
        #expect(text.contains("    liar: claims 95 %, was right 8 of 16 times here: counts as 73 %\n"), "\(text)")
        #expect(!text.contains("honest: claims"))
        let long = String(repeating: "n", count: 100)
        let wide = Auction.explain(
            try .hold(Arena.input([Arena.bid(long, 61)], experience: [Arena.knows(long, right: 123_456, wrong: 7)])))
        #expect(wide.contains("was right 123456 of 123463 times here: counts as 100 %\n"), "\(wide)")
    }
}

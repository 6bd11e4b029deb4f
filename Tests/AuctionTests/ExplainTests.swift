// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct ExplainTests {
    private func lines(_ record: AuctionRecord, _ settled: Settlement? = nil) -> [String] {
        Auction.explain(record, settled: settled).split(separator: "\n").map(String.init)
    }

    @Test func aScreenTellsTheWholeStory() throws {
        let record = try AuctionRecord.hold(
            Arena.input(
                [Arena.bid("bogofilter", 60, cost: 2), Arena.bid("naive-bayes", 62, cost: 4)],
                exclusions: [Arena.excluded("cloud-oracle", rules: ["F1"], reason: "personal data stays in the house")],
                late: [Arena.late("tortoise", .late)]))
        let use = try MeteredUse(cpuNs: 6_200_000, latencyNs: 9_000_001, channelBytes: 1)
        let bill = try Auction.settle(
            record, use: use, prices: ModelPrices(call: 2_000, cpuSecond: 0, kibibyte: 0), outcome: .valid)
        let text = Auction.explain(record, settled: bill)
        for part in [
            "0001/spam", "class pii", "purpose customer-support", "policy 7",
            "    cloud-oracle: forbidden by rule F1: personal data stays in the house\n", "> naive-bayes",
            "bogofilter", "tortoise (late)", "Winner: naive-bayes, the best score.",
            "score 0.5773 = right 0.5813 - cost 0.0030 - time 0.0010 - risk 0.0000",
            "pays the second score 0.5612; if it fails, bogofilter takes over", "Exploration: not in play",
            "Settlement: valid; credits wait until the answer is verified",
            "  metered: cost 0.000002, latency 10 ms, CPU 7 ms\n",
        ] { #expect(text.contains(part), "“\(part)” is missing in\n\(text)") }
    }

    @Test func aBillAboveTheBidSaysSo() throws {
        let record = try AuctionRecord.hold(Arena.input([Arena.bid("a", 60, cost: 2, latency: 2)]))
        let bill = try Auction.settle(
            record, use: MeteredUse(cpuNs: 739_000_000, latencyNs: 1_800_000_000, channelBytes: 0),
            prices: ModelPrices(call: 1_512_000, cpuSecond: 0, kibibyte: 0), outcome: .valid)
        #expect(
            Auction.explain(record, settled: bill).contains(
                "  metered: cost 0.001512 (over bid), latency 1.8 s (over bid), CPU 739 ms\n"))
    }

    @Test func anExploredAwardSaysSo() throws {
        let record = try AuctionRecord.hold(
            Arena.input(
                [Arena.bid("a", 60), Arena.bid("b", 59)],
                exploration: Exploration(floor: 1_000_000_000, margin: 600_000_000)))
        let text = Auction.explain(record)
        #expect(text.contains("tried to learn about it, by seeded draw"))
        #expect(text.contains("Exploration: yes, coin 0."))
        #expect(text.contains("below 1.000000; one of 2 plausible bidders"))
    }

    @Test func aVoidAwardSaysWhyNobodyWon() throws {
        #expect(Auction.explain(try .hold(Arena.input([]))).contains("Nobody won: no eligible model bid."))
        let poor = Auction.explain(try .hold(Arena.input([Arena.bid("a", 60)], budget: 7)))
        #expect(poor.contains("what is left of the budget (0.000007) pays for no bid"))
    }

    @Test func itFitsOneScreenWhateverHappens() throws {
        var dice = Dice(8)
        let long = String(repeating: "very-long-name-", count: 8)
        for round in 0..<200 {
            var input = Arena.random(&dice)
            if round % 2 == 0 {
                let many = (0..<60).map { Arena.bid("\(long)\($0)", dice.below(65)) }
                input = Arena.input(
                    many, job: String(repeating: "j", count: 256), microtask: String(repeating: "m", count: 256),
                    exclusions: (0..<50).map {
                        Arena.excluded("x\(long)\($0)", rules: [long, long], reason: long + long)
                    },
                    late: (0..<50).map { Arena.late("l\(long)\($0)", .silent) },
                    prior: many.prefix(20).map { Arena.prior($0.model) },
                    weights: AuctionWeights(
                        quality: 1_000_000_000_000_000, price: 0, latency: 1_000_000_000, risk: 1_000_000_000_000_000,
                        reserve: -1_000_000_000_000_000))
            }
            let record = try AuctionRecord.hold(input)
            var bill: Settlement?
            if record.award.winner != nil {
                bill = Settlement(
                    model: long, outcome: .failed, code: long, cost: .max, latencyNs: "9000000000000000000",
                    cpuNs: "nonsense", credits: .min)
            }
            let lines = lines(record, bill)
            #expect(lines.count <= 24 && lines.count >= 5)
            #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 })
        }
    }

    @Test func aNameCannotTakeOverTheTerminal() throws {
        let hostile = "evil\u{1b}[2J\nWinner: me\u{202e}"
        let record = try AuctionRecord.hold(
            Arena.input(
                [Arena.bid(hostile, 60)], exclusions: [Arena.excluded("x\r\n\u{9b}", reason: "\u{07}bell\nline")]))
        let text = Auction.explain(record)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || (0x20...0x7e).contains($0.value) || $0 == "…" })
        #expect(!text.contains("\nWinner: me"))
        #expect(text.contains("evil?[2J?Winner: me?"))
    }

    @Test func everyWinnerIsShownEvenWhenItsScoreIsLow() throws {
        let bids = (0..<30).map { Arena.bid("m\($0)", 64 - $0) }
        var low = 0
        for number in 0..<30 {
            let record = try AuctionRecord.hold(
                Arena.input(
                    bids, microtask: "\(number)/spam",
                    exploration: Exploration(floor: 1_000_000_000, margin: 1_000_000_000)))
            let winner = try #require(record.award.winner)
            #expect(Auction.explain(record).contains("  > \(winner) "))
            if record.award.ranking.firstIndex(of: winner) ?? 0 > 6 { low += 1 }
        }
        #expect(low > 0)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct OverviewTests {
    @Test func aJobOnOneScreen() throws {
        var auctions: [ExplainedAuction] = []
        for number in 0..<30 {
            let record = try AuctionRecord.hold(
                Arena.input(
                    [Arena.bid("bogofilter", 60), Arena.bid("naive-bayes", number % 3 == 0 ? 50 : 62)],
                    microtask: "\(number)/spam", exclusions: [Arena.excluded("cloud-oracle")]))
            let bill = try Auction.settle(
                record, use: MeteredUse(cpuNs: 1, latencyNs: 1, channelBytes: 1),
                prices: ModelPrices(call: 12_000, cpuSecond: 0, kibibyte: 0), outcome: number == 1 ? .failed : .valid)
            auctions.append(ExplainedAuction(name: "message-\(number).eml", record: record, settlement: bill))
        }
        let text = Auction.overview(auctions)
        for part in [
            "Job job-1: 30 auctions for 30 microtasks, 0 without a winner",
            "    naive-bayes                30    20         0       1         0\n",
            "    bogofilter                 30    10         0       0         0\n",
            "    cloud-oracle                0     0         0       0        30  rule F1\n",
            "    message-0.eml          bogofilter           0.5606    0.4669      0.000012\n", "… and 19 more",
        ] { #expect(text.contains(part), "“\(part)” is missing in\n\(text)") }
    }

    @Test func itFitsOneScreenWhateverHappens() throws {
        var dice = Dice(10)
        let long = String(repeating: "n\u{1b}ame", count: 25)
        var auctions: [ExplainedAuction] = []
        for _ in 0..<100 {
            let bids = (0..<20).map { Arena.bid("\(long)\($0)", dice.below(65)) }
            let input = Arena.input(
                bids, job: long, exclusions: [Arena.excluded("other", rules: [long])], weights: Arena.weights,
                budget: dice.below(2) == 0 ? 0 : 1_000)
            auctions.append(ExplainedAuction(name: long, record: try .hold(input), settlement: nil))
        }
        for count in [0, 1, 2, 100] {
            let lines = Auction.overview(Array(auctions.prefix(count))).split(separator: "\n")
            #expect(lines.count <= 24 && lines.count >= 1)
            #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 && !$0.contains("\u{1b}") })
        }
    }
}

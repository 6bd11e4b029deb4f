// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct SettlementTests {
    private let prices = ModelPrices(call: 2_000, cpuSecond: 1_000_000, kibibyte: 100)

    @Test func costFollowsMeteredUseRoundedUp() throws {
        // 1 call 2,000 + 7 ms (6.2 rounded up) at 1,000 per ms = 7,000 + 4 KiB at 100 = 400: 9,400 nano, 10 micro.
        let use = try MeteredUse(cpuNs: 6_200_000, latencyNs: 9_000_001, channelBytes: 1)
        #expect(try prices.cost(of: use) == 10)
        #expect(try ModelPrices(call: 0, cpuSecond: 0, kibibyte: 0).cost(of: use) == 0)
        #expect(try ModelPrices(call: 1, cpuSecond: 0, kibibyte: 0).cost(of: use) == 1)
    }

    @Test func anAlreadyRoundedMeterCostsTheSame() throws {
        let raw = try MeteredUse(cpuNs: 6_200_000, latencyNs: 9_000_001, channelBytes: 5_000)
        let logged = try MeteredUse(cpuNs: 7_000_000, latencyNs: 10_000_000, channelBytes: 8_192)
        #expect(raw == logged)
    }

    @Test func creditsFollowTheVerifiedOutcome() throws {
        let record = try AuctionRecord.hold(Arena.input([Arena.bid("a", 62), Arena.bid("b", 60)]))
        let use = try MeteredUse(cpuNs: 6_200_000, latencyNs: 9_000_001, channelBytes: 1)
        let second = try #require(record.award.secondScore)
        func credits(_ outcome: AttemptOutcome) throws -> Int64 {
            try Auction.settle(record, use: use, prices: prices, outcome: outcome).credits
        }
        // 10 micro = 0.001 cent · 0.3 = 300,000; 10 ms · 0.1/s = 1,000,000.
        #expect(try credits(.right) == 600_000_000 - 300_000 - 1_000_000 - second)
        #expect(try credits(.wrong) == -300_000 - 1_000_000 - second)
        #expect(try credits(.failed) == credits(.wrong))
        #expect(try credits(.valid) == 0)
    }

    @Test func theBillNamesTheWinnerAndRoundedMeters() throws {
        let record = try AuctionRecord.hold(Arena.input([Arena.bid("a", 62)]))
        let use = try MeteredUse(cpuNs: 6_200_000, latencyNs: 9_000_001, channelBytes: 1)
        let bill = try Auction.settle(record, use: use, prices: prices, outcome: .failed, code: "crashed")
        #expect(bill.model == "a" && bill.code == "crashed" && bill.cost == 10)
        #expect(bill.cpuNs == "7000000" && bill.latencyNs == "10000000")
    }

    @Test func aVoidAuctionHasNothingToSettle() throws {
        let record = try AuctionRecord.hold(Arena.input([]))
        let use = try MeteredUse(cpuNs: 0, latencyNs: 0, channelBytes: 0)
        #expect(throws: AuctionError(.record, "", remedy: "")) {
            try Auction.settle(record, use: use, prices: prices, outcome: .right)
        }
    }

    @Test func hugeUseIsAnErrorNotATrap() throws {
        let use = try MeteredUse(calls: .max, cpuNs: .max, latencyNs: .max, channelBytes: .max)
        #expect(throws: AuctionError(.overflow, "", remedy: "")) { try prices.cost(of: use) }
        #expect(throws: AuctionError(.range, "", remedy: "")) {
            try MeteredUse(cpuNs: -1, latencyNs: 0, channelBytes: 0)
        }
        #expect(throws: AuctionError(.overflow, "", remedy: "")) {
            try Auction.credits(
                AuctionWeights(quality: 0, price: 1_000_000_000, latency: 0), outcome: .wrong, cost: .max, latencyMs: 0,
                secondScore: 0)
        }
    }
}

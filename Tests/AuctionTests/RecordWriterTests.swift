// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

@Suite("Records are written as the general encoder writes them") struct RecordWriterTests {
    private func general(_ record: AuctionRecord) throws -> [UInt8] { try CanonicalJSON.encode(record) }

    @Test("byte for byte, for random auctions with and without exploration, takeovers and experience")
    func random() throws {
        var dice = Dice(11)
        var seen = (ties: 0, draws: 0, void: 0, prior: 0, experience: 0)
        for round in 0..<2_000 {
            let exploration = round % 2 == 0 ? Exploration(floor: 500_000_000, margin: 1_000_000_000) : nil
            var input = Arena.random(&dice, exploration: exploration)
            if round % 5 == 0 {
                input = Arena.input(
                    ["a", "b", "c"].map { Arena.bid($0, 40) } + [Arena.bid("d", dice.below(65))], job: "job-\(round)",
                    exploration: exploration ?? .never)
            }
            if round % 3 == 0, let bid = input.bids.first {
                input = Arena.input(
                    input.bids, exclusions: input.exclusions, late: input.late,
                    experience: [Arena.knows(bid.model, right: Int64(dice.below(50)), wrong: 1)],
                    exploration: input.exploration)
            }
            var record = try AuctionRecord.hold(input)
            #expect(try record.canonical() == general(record))
            if !record.award.ties.isEmpty { seen.ties += 1 }
            if record.award.draw != nil { seen.draws += 1 }
            if record.award.void != nil { seen.void += 1 }
            if record.input.experience != nil { seen.experience += 1 }
            if let next = try AuctionInput.takeover(after: record, code: "crashed", cost: 7) {
                record = try AuctionRecord.hold(next)
                seen.prior += 1
                #expect(try record.canonical() == general(record))
            }
        }
        #expect(
            seen.ties > 20 && seen.draws > 50 && seen.void > 20 && seen.prior > 200 && seen.experience > 100, "\(seen)")
    }

    @Test("whatever names and reasons are made of")
    func hostile() throws {
        let names = ["a\"b", "back\\slash", "line\nbreak\ttab\u{1}\u{7f}", "ünï©ödé 🜁", "\u{202e}", "</script>", "é"]
        for name in names {
            let input = Arena.input(
                [Arena.bid(name, 60), Arena.bid("plain", 50)], job: name, microtask: name,
                exclusions: [Arena.excluded("x" + name, rules: [name, "F1"], reason: name)],
                late: [Arena.late("y" + name, .silent)])
            let record = try AuctionRecord.hold(input)
            #expect(try record.canonical() == general(record), "\(name.debugDescription)")
            #expect(try AuctionRecord(canonical: record.canonical()) == record)
        }
    }

    @Test("numbers of every length")
    func numbers() throws {
        let award = try Auction.hold(Arena.input([Arena.bid("a", 60)]))
        var number: Int64 = 1
        while number <= Checked.limit {
            for value in [number - 1, number, number + 1, 7 * number, -number] where value.magnitude < 1 << 53 {
                let input = Arena.learned(Arena.input([Arena.bid("a", 60)], budget: value)) { _ in
                    Forecast(
                        quality: value, deviation: -value, cost: value, costDeviation: 0, latency: value,
                        usualQuality: value, usualCost: -value)
                }
                let record = AuctionRecord(input: input, award: award)
                #expect(try record.canonical() == general(record), "\(value)")
            }
            number *= 10
        }
    }

    @Test("a number that JSON cannot hold is refused, as before")
    func inexact() throws {
        let input = Arena.input([Arena.bid("a", 60)], budget: 1 << 53)
        let record = AuctionRecord(input: input, award: try Auction.hold(Arena.input([Arena.bid("a", 60)])))
        #expect((try? record.canonical()) == (try? general(record)))
    }
}

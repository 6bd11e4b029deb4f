// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

/// Tables of recorded outcomes: what is refused, and what the engine makes of good ones.
struct EvaluationTests {
    private static let good =
        #"{"id":"1","type":"a","text":"x","outcomes":{"m":{"quality":1,"cost":0.5,"latency":2},"n":{"quality":0,"cost":0,"latency":1,"confidence":0.5}}}"#

    private func refusal(_ lines: [String]) -> String? {
        let bytes = Array(lines.joined(separator: "\n").utf8)
        do throws(AuctionError) {
            _ = try OutcomeTableReader.read(bytes, named: "t.jsonl", models: nil)
            return nil
        } catch {
            #expect(error.code == .table)
            return error.message
        }
    }

    @Test func aGoodTableIsRead() throws {
        #expect(refusal([Self.good, "", Self.good.replacing(#""id":"1""#, with: #""id":"2""#)]) == nil)
        let draft = try OutcomeTableReader.read(Array(Self.good.utf8), named: "t", models: nil)
        let table = draft.table(unitsPerCent: 1_000)
        #expect(table.models == ["m", "n"])
        #expect(table.lines[0].outcomes[0] == .init(quality: 1_000_000_000, cost: 500, latency: 2_000, claim: nil))
        #expect(table.lines[0].outcomes[1].claim == 32)
    }

    @Test(arguments: [
        ("NaN", #""quality":1"#, #""quality":NaN"#), ("infinite", #""cost":0.5"#, #""cost":1e999"#),
        ("negative", #""cost":0.5"#, #""cost":-0.5"#), ("above one", #""quality":1"#, #""quality":1.01"#),
        ("no cost", #""cost":0.5,"#, ""), ("no latency", #","latency":2"#, ""),
        ("text", #""quality":1"#, #""quality":"1""#),
        ("no type", #""type":"a","#, ""), ("empty type", #""type":"a""#, #""type":"""#), ("no id", #""id":"2","#, ""),
        ("no outcomes", #""outcomes""#, #""outcome""#), ("confidence", "0.5}}", "1.5}}"), ("cut off", "}}}", "}}"),
        ("missing model", #""m":"#, #""other":"#), ("numeric text", #""text":"x""#, #""text":5"#),
    ])
    func aBadLineIsRefusedByItsNumber(name: String, from: String, to: String) {
        let second = Self.good.replacing(#""id":"1""#, with: #""id":"2""#)
        let bad = second.replacing(from, with: to)
        #expect(bad != second, "\(name)")
        let message = refusal([Self.good, bad])
        #expect(message?.hasPrefix("t.jsonl, line 2: ") == true, "\(name): \(message ?? "accepted")")
        #expect(refusal([Self.good, second]) == nil)
    }

    @Test func duplicatesEmptyFilesAndForeignModelsAreRefused() {
        #expect(refusal([Self.good, Self.good]) == "t.jsonl, line 2: the id 1 is that of line 1 too")
        #expect(refusal([""]) == "t.jsonl has no lines")
        let more = Self.good.replacing(#""id":"1""#, with: #""id":"2""#)
            .replacing(#""n":{"#, with: #""k":{"quality":0,"cost":0,"latency":1},"n":{"#)
        #expect(refusal([Self.good, more]) == "t.jsonl, line 2: the model k is not on the first line")
    }

    /// 400 tasks of a market, half to learn from.
    private func evaluation(claims: Bool, seed: UInt64) -> Evaluation {
        var market = Market(sellers: 8, types: 4, seed: seed) { _ in claims ? .honest : .none }
        func table(_ count: Int, _ name: String) -> OutcomeTable {
            let lines = (0..<count).map { number in
                let lot = market.next()
                return OutcomeTable.Line(
                    id: "\(name)-\(number)", task: lot.task,
                    outcomes: zip(lot.bidders, lot.outcomes).map {
                        .init(quality: $1.quality, cost: $1.cost, latency: $1.latency, claim: $0.claim)
                    })
            }
            return OutcomeTable(models: market.sellers.map(\.name), lines: lines, unitsPerCent: 10_000)
        }
        let train = table(1_200, "train")
        return Evaluation(
            train: train, test: table(1_200, "test"),
            weights: LearnedWeights(price: 100_000_000, unitsPerPrice: 10_000))
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func whatWasLearnedBeatsTheBestSingleModelWhereTypesDiffer(seed: UInt64) {
        let result = evaluation(claims: false, seed: seed).run()
        #expect(result.heldOut.total.utility > result.fixedBest.score.utility)
        #expect(result.oracle.utility > result.heldOut.total.utility)
        #expect(result.stream.regret > 0)
    }

    @Test func honestClaimsAreUsedAndLiarsCostLittle() {
        var evaluation = evaluation(claims: true, seed: 9)
        let honest = evaluation.run()
        let silent = self.evaluation(claims: false, seed: 9).run()
        #expect(honest.heldOut.total.utility > silent.heldOut.total.utility)
        evaluation.chooseLiars(8)
        #expect(evaluation.liars.count == 8)
        let lied = evaluation.run()
        // All lie: what is left is their record, as if they had said nothing.
        #expect(abs(lied.heldOut.total.utility - silent.heldOut.total.utility) < 1_200 * 5_000_000)
    }

    @Test func theSameSeedGivesTheSame() {
        var one = evaluation(claims: true, seed: 4)
        let first = one.run()
        #expect(one.run().stream.regret == first.stream.regret)
        one.seed = 2
        #expect(one.run().stream.regret != first.stream.regret)
    }
}

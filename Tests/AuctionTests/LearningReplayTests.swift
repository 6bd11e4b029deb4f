// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Testing

@testable import Auction

/// Learned forecasts and awards computed again by `Tests/Independent/replay_learning.py`, which knows `docs/auction.md` and no
/// Swift.
struct LearningReplayTests {
    private static let weights = LearnedWeights(
        quality: 1_000_000_000, price: 250_000_000, latency: 3_000_000, unitsPerPrice: 10_000)

    /// A stream with honest claims, a liar, silent bidders, changes of quality and whole tasks learned at once: the lines for
    /// the replay, and what the engine here made of them.
    private static func stream(_ count: Int) throws -> (steps: [String], trace: [String]) {
        var market = Market(sellers: 7, types: 3, seed: 21) { $0 < 3 ? .honest : $0 == 3 ? .always(63) : .none }
        var engine = HierarchicalThompson()
        var steps = [
            "{\"latency\":\(weights.latency),\"price\":\(weights.price),\"quality\":\(weights.quality),\"unitsPerPrice\":\(weights.unitsPerPrice)}"
        ]
        var trace: [String] = []
        for number in 0..<count {
            if number == count / 2 { market.sellers.reverse() }
            let lot = market.next()
            let explores = number % 5 != 0
            let auction = LearnedAuction(weights: weights, guardDeviations: 250_000_000, explores: explores)
            let award = try #require(auction.hold(lot.bidders, on: lot.task, by: engine, seed: lot.seed))
            trace.append(award.trace)
            let winner = try #require(lot.bidders.firstIndex { $0.digest == award.winner })
            let learned = number % 7 == 0 ? lot.outcomes : [lot.outcomes[winner]]
            engine.learn(learned, among: lot.bidders, on: lot.task)
            steps.append(step(lot, explores, learned))
        }
        return (steps, trace)
    }

    private static func step(_ lot: Market.Lot, _ explores: Bool, _ learned: [VerifiedOutcome]) -> String {
        let bidders = lot.bidders.map { bidder in
            "{\"claim\":\(bidder.claim.map(String.init) ?? "null"),\"digest\":\"\(bidder.digest)\",\"unitPrice\":\(bidder.unitPrice)}"
        }
        let outcomes = learned.map {
            "{\"bidder\":\($0.bidder),\"cost\":\($0.cost),\"latency\":\($0.latency),\"quality\":\($0.quality)}"
        }
        return
            "{\"bidders\":[\(bidders.joined(separator: ","))],\"explores\":\(explores),\"learn\":[\(outcomes.joined(separator: ","))],"
            + "\"seed\":\"\(lot.seed.hex)\",\"type\":\"\(lot.task.type)\"}"
    }

    private func replay(_ steps: [String]) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-learning-\(UUID()).jsonl")
        try Data((steps.joined(separator: "\n") + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", TestFiles.package + "/Tests/Independent/replay_learning.py", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// SHA-256 of the lines of the first 1,500 auctions; changes only with the version of the settings.
    private static let golden = "eb5b96d9d60edde0168af49a246be4a297e563a25075444aaeac16dabb265e50"

    @Test func anotherLanguageLearnsTheSame() throws {
        let (steps, trace) = try Self.stream(1_500)
        let again = try replay(steps)
        let difference = zip(trace, again).enumerated().first { $1.0 != $1.1 }
        #expect(difference == nil, "auction \(difference?.offset ?? 0)")
        #expect(again.count == trace.count + 1)
        #expect(again.last == Self.golden)
        let lines = trace.map { $0 + "\n" }.joined()
        #expect(Digest.sha256(Array(lines.utf8)).hex == Self.golden)
    }

    @Test func itNoticesOneOutcomeThatWasDifferent() throws {
        var (steps, trace) = try Self.stream(60)
        let forged = steps[10].replacing("\"quality\":1000000000", with: "\"quality\":0")
        #expect(forged != steps[10])
        steps[10] = forged
        #expect(try replay(steps).dropLast() != trace[...])
    }
}

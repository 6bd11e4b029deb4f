// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct QuantisationTests {
    @Test(
        arguments: [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (1_000, 6), (1_001, 7), (30_000_000, 15)] as [(Int64, Int)])
    func aValueGoesToTheFirstStepThatCoversIt(value: Int64, step: Int) {
        #expect(LogSteps.step(for: value) == step)
    }

    @Test func theTableHasSixteenGrowingSteps() {
        #expect(LogSteps.upperBounds.count == 16)
        #expect(LogSteps.upperBounds == LogSteps.upperBounds.sorted())
        for (step, bound) in LogSteps.upperBounds.enumerated() { #expect(LogSteps.step(for: bound) == step) }
    }

    @Test func confidenceIsRoundedToTheNearestSixtyFourth() throws {
        let cases: [(Int64, Int)] = [
            (0, 0), (7_812_499, 0), (7_812_500, 1), (500_000_000, 32), (992_187_499, 63), (992_187_500, 64),
            (1_000_000_000, 64),
        ]
        for (raw, steps) in cases {
            let bid = try Bid.quantise(model: "m", digest: Arena.digest("m"), confidence: raw, cost: 0, latency: 0)
            #expect(bid.confidence == steps, "\(raw)")
        }
    }

    @Test func latencyIsRoundedUpToMilliseconds() throws {
        let bid = try Bid.quantise(model: "m", digest: Arena.digest("m"), confidence: 0, cost: 11, latency: 1_000_001)
        #expect(bid.latencyStep == 1)
        #expect(bid.costStep == 3)
    }

    @Test(
        arguments: [
            (-1, 0, 0), (1_000_000_001, 0, 0), (.max, 0, 0), (0, -1, 0), (0, 30_000_001, 0), (0, .max, 0), (0, 0, -1),
            (0, 0, 30_000_000_000_001), (0, 0, .max), (.min, .min, .min),
        ] as [(Int64, Int64, Int64)])
    func numbersThatAreNoBidAreRefusedByName(confidence: Int64, cost: Int64, latency: Int64) {
        #expect(throws: AuctionError(.bid, "", remedy: "")) {
            try Bid.quantise(
                model: "m", digest: Arena.digest("m"), confidence: confidence, cost: cost, latency: latency)
        }
    }

    @Test(arguments: [(0, 0), (256, 0), (257, 1), (1_024, 1), (4_096, 2), (.max, 15), (-5, 0)] as [(Int64, Int)])
    func lengthsAreToldInStepsOfFour(bytes: Int64, step: Int) {
        #expect(LogSteps.lengthStep(bytes: bytes) == step)
    }
}

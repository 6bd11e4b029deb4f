// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import BenchmarkTable
internal import Floors

/// CPU of one decision with its record: hold, canonical JSON, digest. The bare scoring loop in C is a floor, not a rival;
/// the rivals are Vowpal Wabbit and LiteLLM's router. None of the three keeps a record.
@main
enum AuctionBench {
    /// Issue bounds in microseconds of CPU.
    private static let cases: [(bidders: Int, target: Double, decisions: Int)] = [
        (8, 3, 64), (64, 20, 16), (1024, 430, 2),
    ]

    static func main() throws {
        let arguments = try Arguments()
        let python = try arguments.value("python")
        var rivals = [
            try Rival("Vowpal Wabbit", python, "vowpal.py", target: 1.0 / 20),
            try Rival("LiteLLM", python, "litellm_router.py", target: 1.0 / 50),
        ]
        var report = Report("auction")
        for (bidders, target, decisions) in cases {
            let rounds = arguments.rounds(bidders == 1024 ? 60 : 200)
            var whole: [Double] = []
            var hold: [Double] = []
            var floor: [Double] = []
            for round in 0..<rounds + rounds / 10 {
                let inputs = (0..<decisions).map { input(bidders, round * decisions + $0) }
                var held: [Award] = []
                let start = Stopwatch.cpu
                for input in inputs { held.append(try Auction.hold(input)) }
                let middle = Stopwatch.cpu
                var names: [Digest] = []
                for (input, award) in zip(inputs, held) {
                    names.append(Digest.sha256(try AuctionRecord(input: input, award: award).canonical()))
                }
                let end = Stopwatch.cpu
                guard Set(names).count == decisions else { throw Trouble("two auctions made one record") }
                let bare = try kernel(inputs[0])
                for rival in rivals.indices {
                    try rivals[rival].turn(bidders: bidders, decisions: decisions, counts: round >= rounds / 10)
                }
                if round < rounds / 10 { continue }
                let each = 1000 * Double(decisions)
                whole.append(Double(end - start) / each)
                hold.append(Double(middle - start) / each)
                floor.append(bare)
            }
            report.add(
                Row(
                    "\(bidders) bidders, award with its record, CPU us", ours: Samples(whole), peer: "scoring loop",
                    version: "C", theirs: Samples(floor), target: .atMost(target)))
            report.add(
                Row(
                    "\(bidders) bidders, award alone, CPU us", ours: Samples(hold), peer: "scoring loop", version: "C",
                    theirs: Samples(floor), target: .open))
            for rival in rivals.indices { report.add(rivals[rival].row(bidders, ours: Samples(whole))) }
        }
        report.print(json: arguments.json)
    }

    /// Microseconds of the C loop over the same bids.
    private static func kernel(_ input: AuctionInput) throws -> Double {
        let bids = input.bids.map { bid in
            floor_bid(
                confidence: Int64(bid.confidence), price: LogSteps.upperBounds[bid.costStep],
                latency: LogSteps.upperBounds[bid.latencyStep])
        }
        let repeats = max(1, 65_536 / bids.count)
        var (cpu, second): (Int64, Int64) = (0, 0)
        // SAFETY: the array outlives the call, which writes two numbers.
        let failure = unsafe floor_auction(bids, bids.count, repeats, &cpu, &second)
        guard failure == 0, second > Int64.min else { throw Trouble("the scoring loop found no second bid") }
        return Double(cpu) / Double(repeats) / 1000
    }

    private static func input(_ bidders: Int, _ job: Int) -> AuctionInput {
        let weights = AuctionWeights(quality: 600_000_000, price: 300_000_000, latency: 100_000_000)
        let bids = (0..<bidders).map { index in
            Bid(
                model: "model-\(index)", digest: Digest.sha256(Array("model-\(index)".utf8)),
                confidence: (index * 37 + job) % 65, costStep: index % 8, latencyStep: index % 7)
        }
        return AuctionInput(
            job: "job-\(job)", jobDigest: Digest.sha256(Array("job-\(job)".utf8)), microtask: "0001/spam", sequence: 0,
            features: TaskFeatures(
                type: "spam", class: "pii", purpose: "customer-support", bytes: 3_000, schema: Digest.sha256([])),
            policy: PolicyReference(sequence: 1, digest: Digest.sha256([])), bids: bids, weights: weights,
            exploration: Exploration(floor: 20_000_000, weights: weights), budgetRemaining: 1_000_000)
    }
}

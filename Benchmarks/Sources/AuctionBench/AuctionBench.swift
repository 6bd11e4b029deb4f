// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import BenchmarkTable
internal import Floors

/// CPU of one decision with its record: what the learner expects of the bidders, the award, canonical JSON, its digest; and of learning its
/// outcome. The bare scoring loop in C is a floor, not a rival; the rivals are Vowpal Wabbit and LiteLLM's router. None of the three
/// keeps a record.
@main
enum AuctionBench {
    /// Issue bounds in microseconds of CPU.
    private static let cases: [(bidders: Int, target: Double, decisions: Int)] = [
        (8, 3, 64), (64, 20, 16), (1024, 430, 2),
    ]

    /// What one turn took, in microseconds of CPU a decision.
    private struct Turn {
        /// Forecasts and award, their record, and what learning added.
        var award: [Double] = []
        var whole: [Double] = []
        var learning: [Double] = []
        /// A decision after each outcome: nothing that was computed of the state before is of use.
        var both: [Double] = []
        var claims: [Double] = []
        var floor: [Double] = []
    }

    static func main() throws {
        let arguments = try Arguments()
        let python = try arguments.value("python")
        var rivals = [
            try Rival("Vowpal Wabbit", [python, "vowpal.py"], target: 1.0 / 20, learns: true),
            try Rival("Vowpal Wabbit", [python, "vowpal.py", "--prepared"], target: nil, learns: true),
            try Rival("LiteLLM", [python, "litellm_router.py"], target: 1.0 / 50, learns: false),
        ]
        var report = Report("auction")
        for (bidders, target, decisions) in cases {
            let rounds = arguments.rounds(bidders == 1024 ? 60 : 200)
            var room = try Market(bidders: bidders, registered: bidders)
            var turn = Turn()
            for round in 0..<rounds + rounds / 10 {
                try take(&turn, &room, decisions, counts: round >= rounds / 10)
                for rival in rivals.indices {
                    try rivals[rival].turn(bidders: bidders, decisions: decisions, counts: round >= rounds / 10)
                }
            }
            let name = "\(bidders) bidders, learned award"
            report.add(row("\(name) with its record, CPU us", turn.whole, turn.floor, .atMost(target)))
            report.add(row("\(name) alone, CPU us", turn.award, turn.floor, .open))
            report.add(row("\(name), record and learning its outcome, CPU us", turn.both, turn.floor, .open))
            report.add(
                row("\(bidders) bidders, award by claims with its record, CPU us", turn.claims, turn.floor, .open))
            for rival in rivals.indices {
                let learns = rivals[rival].learns
                report.add(rivals[rival].row(bidders, ours: Samples(learns ? turn.both : turn.whole)))
            }
        }
        report.add(try crowd(arguments.rounds(100)))
        report.print(json: arguments.json)
    }

    private static func row(_ name: String, _ ours: [Double], _ floor: [Double], _ target: Target) -> Row {
        Row(name, ours: Samples(ours), peer: "scoring loop", version: "C", theirs: Samples(floor), target: target)
    }

    private static func take(_ turn: inout Turn, _ market: inout Market, _ decisions: Int, counts: Bool) throws {
        let lots = (0..<decisions).map { _ in market.lot() }
        var inputs: [AuctionInput] = []
        var held: [Award] = []
        let start = Stopwatch.cpu
        for lot in lots {
            inputs.append(market.input(lot))
            held.append(try Auction.hold(inputs[inputs.count - 1]))
        }
        let middle = Stopwatch.cpu
        var names: [Digest] = []
        for (input, award) in zip(inputs, held) {
            names.append(Digest.sha256(try AuctionRecord(input: input, award: award).canonical()))
        }
        let end = Stopwatch.cpu
        guard Set(names).count == decisions, inputs.allSatisfy({ $0.learning != nil }) else {
            throw Trouble("two auctions made one record, or nothing was learned")
        }
        let claims = try byClaims(lots, market)
        let bare = try kernel(inputs[0])
        let again = Stopwatch.cpu
        for lot in lots {
            let input = market.input(lot)
            let record = try AuctionRecord.hold(input)
            names.append(Digest.sha256(try record.canonical()))
            market.learn(record)
        }
        let learned = Stopwatch.cpu
        guard counts else { return }
        let each = 1000 * Double(decisions)
        turn.award.append(Double(middle - start) / each)
        turn.whole.append(Double(end - start) / each)
        turn.both.append(Double(learned - again) / each)
        turn.claims.append(claims / each)
        turn.floor.append(bare)
    }

    /// The same without anything learned: records of version 1.
    private static func byClaims(_ lots: [Market.Lot], _ market: Market) throws -> Double {
        let inputs = lots.map { market.cold($0) }
        let start = Stopwatch.cpu
        var last = Digest.zero
        for input in inputs { last = Digest.sha256(try AuctionRecord.hold(input).canonical()) }
        let end = Stopwatch.cpu
        guard last != .zero else { throw Trouble("an auction without a record") }
        return Double(end - start)
    }

    /// 64 bidders among 100,000 models that the learner knows, against 64 among 64.
    private static func crowd(_ rounds: Int) throws -> Row {
        var crowded = try Market(bidders: 64, registered: 100_000)
        var few = try Market(bidders: 64, registered: 64)
        var (many, alone) = (Turn(), Turn())
        for round in 0..<rounds + rounds / 10 {
            try take(&many, &crowded, 16, counts: round >= rounds / 10)
            try take(&alone, &few, 16, counts: round >= rounds / 10)
        }
        return Row(
            "64 bidders of 100,000 known models, learned award with its record, CPU us", ours: Samples(many.whole),
            peer: "the same of 64 known models", version: "", theirs: Samples(alone.whole), target: .ratioAtMost(1.1))
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
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import TransparencyLog

/// What a change would have made of the auctions of a history.
struct WhatIfReport {
    struct Answer: Encodable {
        /// First attempts that were held once more.
        let auctions: Int
        /// Those with another winner, or with one where there was none, or the other way round.
        let changed: Int
        let voidBefore: Int
        let voidAfter: Int
        /// Sum of the winners' prices, in micro-units.
        let promisedBefore: Int64
        let promisedAfter: Int64
        /// By model.
        let winsBefore: [String: Int]
        let winsAfter: [String: Int]
        /// Models that would have been asked, and of which no bid is known.
        let unknown: [String]
        /// Answers that somebody verified.
        let verified: Int
        let effectiveSamples: Double
        /// Mean worth of an answer: 1 right, 0 wrong, less the money and the time it cost by the policy's weights.
        let worth: OffPolicy.Estimate
        /// Estimates of the same with the change; absent where the samples say too little.
        let inversePropensity: OffPolicy.Estimate?
        let selfNormalised: OffPolicy.Estimate?
        let doublyRobust: OffPolicy.Estimate?
    }

    /// By the record of the auction whose winner gave the answer: the newest word.
    private var verified: [Digest: Bool] = [:]
    private var count = (auctions: 0, changed: 0, voidBefore: 0, voidAfter: 0)
    private var promised: (before: Int64, after: Int64) = (0, 0)
    private var wins: (before: [String: Int], after: [String: Int]) = ([:], [:])
    private var unknown: Set<String> = []
    private var samples: [(model: String, reward: Double, logged: Double, other: [String: Int64])] = []

    /// - Parameter entries: those that tell what was verified, feedback included.
    init(_ entries: [LogEntry]) {
        for entry in entries where entry.type == Event.FeedbackAdded.type {
            guard let event = try? CanonicalJSON.decodeStrict(Event.FeedbackAdded.self, from: entry.data) else {
                continue
            }
            verified[event.record] = event.outcome == "right"
        }
    }

    mutating func add(_ item: AuctionHistory.Item, _ answer: WhatIf.Answer) throws {
        let (before, after) = (item.record.award, answer.award)
        count.auctions += 1
        if before.winner != after.winner { count.changed += 1 }
        if before.winner == nil { count.voidBefore += 1 }
        if after.winner == nil { count.voidAfter += 1 }
        promised.before += before.price ?? 0
        promised.after += after.price ?? 0
        before.winner.map { wins.before[$0, default: 0] += 1 }
        after.winner.map { wins.after[$0, default: 0] += 1 }
        unknown.formUnion(answer.unknown)
        guard let winner = before.winner, let isRight = verified[item.held.record], let bill = item.settlement else {
            return
        }
        let weights = item.record.input.weights
        let worth = try Auction.credits(
            weights, outcome: isRight ? .right : .wrong, cost: bill.cost,
            latencyMs: (Int64(bill.latencyNs) ?? 0) / 1_000_000, secondScore: 0)
        let logged = try Auction.propensities(item.record.input)[winner] ?? 0
        samples.append(
            (
                winner, Double(worth) / Double(max(1, weights.quality)), Double(logged) / 1e9, answer.propensities
            ))
    }

    var answer: Answer {
        // What a model of the rewards expects: the mean of the model, drawn to the mean of all by one answer.
        let all = samples.map(\.reward).reduce(0, +) / Double(max(1, samples.count))
        var sums: [String: (Double, Double)] = [:]
        for sample in samples { sums[sample.model, default: (all, 1)].0 += sample.reward }
        for sample in samples { sums[sample.model]?.1 += 1 }
        func expected(_ model: String) -> Double { sums[model].map { $0.0 / $0.1 } ?? all }
        let estimate = OffPolicy(
            samples.map { sample in
                OffPolicy.Sample(
                    reward: sample.reward, logged: sample.logged, other: Double(sample.other[sample.model] ?? 0) / 1e9,
                    expectedOfWinner: expected(sample.model),
                    expectedOfOther: sample.other.reduce(0) { $0 + Double($1.value) / 1e9 * expected($1.key) })
            })
        return Answer(
            auctions: count.auctions, changed: count.changed, voidBefore: count.voidBefore, voidAfter: count.voidAfter,
            promisedBefore: promised.before, promisedAfter: promised.after, winsBefore: wins.before,
            winsAfter: wins.after, unknown: unknown.sorted(), verified: samples.count,
            effectiveSamples: estimate.effective, worth: estimate.logged, inversePropensity: estimate.inverse,
            selfNormalised: estimate.normalised, doublyRobust: estimate.doublyRobust)
    }
}

extension WhatIfReport.Answer {
    /// One screen.
    var text: String {
        var lines = ["auctions held once more   \(auctions)", "another winner in         \(changed)"]
        if voidBefore + voidAfter > 0 { lines.append("without a winner          \(voidBefore) -> \(voidAfter)") }
        lines.append("promised to winners       \(Self.money(promisedBefore)) -> \(Self.money(promisedAfter))")
        for model in Set(winsBefore.keys).union(winsAfter.keys).sorted() {
            let name = TerminalText.line(model)
            lines.append("  \(name): \(winsBefore[model] ?? 0) -> \(winsAfter[model] ?? 0) wins")
        }
        if !unknown.isEmpty {
            lines.append(
                "would bid, nobody knows what: \(unknown.map { TerminalText.line($0) }.joined(separator: ", "))")
        }
        guard verified > 0 else {
            return (lines + ["worth                     no answer was verified: nothing can be estimated"]).joined(
                separator: "\n")
        }
        lines.append("worth of an answer        \(Self.number(worth)) over \(verified) verified")
        if let inversePropensity, let selfNormalised, let doublyRobust {
            lines.append("  with the change, by inverse propensity  \(Self.number(inversePropensity))")
            lines.append("  self-normalised                         \(Self.number(selfNormalised))")
            lines.append("  doubly robust                           \(Self.number(doublyRobust))")
            lines.append("  effective samples                       \(Self.tenths(effectiveSamples))")
        } else {
            lines.append(
                "  with the change: not estimated. \(Self.tenths(effectiveSamples)) effective samples, \(Int(OffPolicy.leastEffective)) are "
                    + "needed; where more is left to chance (explorationFloor) and verified there are more")
        }
        return lines.joined(separator: "\n")
    }

    private static func money(_ micro: Int64) -> String { Decimal9.format(micro * 1_000) }

    private static func tenths(_ value: Double) -> String { "\(Double(Int(value * 10)) / 10)" }

    private static func number(_ estimate: OffPolicy.Estimate) -> String {
        func short(_ value: Double) -> String {
            let thousandths = Int64((value * 1_000).rounded())
            return (thousandths < 0 ? "-" : "") + Decimal9.format(abs(thousandths) * 1_000_000)
        }
        return "\(short(estimate.value)) +- \(short(estimate.margin))"
    }
}

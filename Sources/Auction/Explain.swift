// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension Auction {
    private static let height = 24

    /// One screen, at most 24 lines of at most 80 columns, on why this model: for people who do not read code.
    ///
    /// Names come from model bundles, so whatever is not printable ASCII is shown as `?`.
    public static func explain(
        _ record: AuctionRecord, settled: Settlement? = nil, isTrial: Bool = false
    ) -> String {
        let screen = Screen(record: record, isTrial: isTrial)
        var lines = screen.heading()
        lines += screen.learned() + screen.excluded()
        lines += screen.bids()
        lines += screen.absent()
        let ending = screen.outcome() + (settled.map(screen.settlement) ?? [])
        lines += screen.experience(atMost: height - lines.count - ending.count)
        lines += ending
        return lines.map { Text.clip($0, 80) + "\n" }.joined()
    }
}

/// Renders the parts of the explanation.
private struct Screen {
    let record: AuctionRecord
    let isTrial: Bool
    var input: AuctionInput { record.input }
    var award: Award { record.award }

    func heading() -> [String] {
        let attempt = (input.attempt > 1 ? ", attempt \(input.attempt)" : "") + (isTrial ? ", a trial" : "")
        let task = input.features
        return [
            "Microtask \(Text.clip(input.microtask, 32))\(attempt) of job \(Text.clip(input.job, 20)), policy \(input.policy.sequence)",
            "Task: \(Text.clip(task.type, 20)); class \(Text.clip(task.class, 10)); purpose \(Text.clip(task.purpose, 20)); "
                + "at most \(Text.size(task.lengthUpperBound))",
        ]
    }

    /// Who scored, from how much, and whether the budget is short.
    func learned() -> [String] {
        guard let learning = input.learning else { return [] }
        let why =
            learning.engine.reason == .usual
            ? "" : ", whose forecasts were closer (\(learning.engine.compared) compared)"
        let pace =
            learning.pace.pressure == 0
            ? [] : ["The budget is short: a task's share of it counts \(Text.fixed(learning.pace.pressure, 4)) more"]
        return ["Learned from \(learning.outcomes) verified outcomes by \(learning.engine.name)\(why)"] + pace
    }

    func excluded() -> [String] {
        guard !input.exclusions.isEmpty else { return ["Excluded: nobody"] }
        var lines = ["Excluded before any score:"]
        for model in Text.head(input.exclusions, 3) {
            let by =
                Participation.isRoomsOwn(model)
                ? "" : model.rules.isEmpty ? ", no rule permits it" : " by rule \(model.rules.joined(separator: ", "))"
            let reason = model.reason.map { ": \($0)" } ?? ""
            lines.append("    \(Text.clip(model.model, 22)): \(model.kind)\(by)\(reason)")
        }
        return lines + Text.rest(input.exclusions.count - 3)
    }

    func bids() -> [String] {
        guard !award.scores.isEmpty else { return ["Bids: none"] }
        var lines = ["    Bid of                   sure  cost at most   time at most      score"]
        let byScore = shown()
        for bid in byScore {
            // A forged record can name a step that does not exist; it is for `replay` to complain.
            let raw = input.bids.first { $0.model == bid.model }
            let time = raw.flatMap { LogSteps.upperBound($0.latencyStep) }.map(Text.time) ?? "?"
            let columns = [
                bid.model == award.winner ? "  > " : "    ", Text.pad(bid.model, 22),
                Text.left(Text.fixed(bid.probability, 3), 8), Text.left(Text.fixed(bid.price, 6, unit: 6), 13),
                Text.left(time, 14),
                Text.left(Text.fixed(bid.score, 4), 12),
            ]
            lines.append(columns.joined())
        }
        return lines + Text.rest(award.scores.count - byScore.count)
    }

    /// The best few, and the winner wherever it stands.
    private func shown() -> [ScoredBid] {
        let sorted = award.scores.sorted { ($1.score, $0.digest) < ($0.score, $1.digest) }
        var few = Text.head(sorted, 6)
        if let winner = award.winner, !few.contains(where: { $0.model == winner }),
            let scored = sorted.first(where: { $0.model == winner })
        {
            few[few.count - 1] = scored
        }
        return few
    }

    /// What experience made of the claims, the winner's first: so many lines as the screen has left.
    func experience(atMost lines: Int) -> [String] {
        let known = shown().filter { $0.claimed != nil || $0.forecast != nil }
        let first = known.filter { $0.model == award.winner } + known.filter { $0.model != award.winner }
        if input.learning != nil {
            return Text.head(first, max(0, lines)).map { bid in
                let claim = input.bids.first { $0.digest == bid.digest }.map { Int64($0.confidence) * 15_625_000 } ?? 0
                let facts =
                    ": claims \(percent(claim)), expected \(percent(bid.forecast?.quality ?? 0)) +- "
                    + "\(percent(bid.forecast?.deviation ?? 0)), cost \(Text.fixed(bid.forecast?.cost ?? 0, 6, unit: 6))"
                return "    " + Text.clip(bid.model, max(4, 76 - facts.unicodeScalars.count)) + facts
            }
        }
        return Text.head(first, max(0, lines)).map { bid in
            let (right, wrong) = (bid.right ?? 0, bid.wrong ?? 0)
            // A forged record may count to anything; it is for `replay` to complain.
            let (answers, overflow) = right.addingReportingOverflow(wrong)
            let facts =
                ": claims \(percent(bid.claimed ?? 0)), was right \(right) of \(overflow ? .max : answers) times here: "
                + "counts as \(percent(bid.probability))"
            return "    " + Text.clip(bid.model, max(4, 76 - facts.unicodeScalars.count)) + facts
        }
    }

    private func percent(_ probability: Int64) -> String { "\(Text.fixed(probability, 0, unit: 7)) %" }

    func absent() -> [String] {
        var lines: [String] = []
        if !input.late.isEmpty {
            lines.append("No bid: " + input.late.map { "\($0.model) (\($0.reason.rawValue))" }.joined(separator: ", "))
        }
        if !input.prior.isEmpty {
            lines.append(
                "Failed before: " + input.prior.map { "\($0.model) (\($0.code))" }.joined(separator: ", "))
        }
        return lines
    }

    func outcome() -> [String] {
        guard let winner = award.winner, let scored = award.scores.first(where: { $0.model == winner }) else {
            return ["Nobody won: \(void())"]
        }
        let second = Text.fixed(award.secondScore ?? 0, 4)
        return [
            "Winner: \(Text.clip(winner, 30)), \(why()).",
            "  score \(Text.fixed(scored.score, 4)) = right \(Text.fixed(scored.gain, 4))"
                + " - cost \(Text.fixed(scored.cost, 4)) - time \(Text.fixed(scored.latency, 4))"
                + " - risk \(Text.fixed(scored.risk, 4))",
            "  pays the second score \(second); "
                + (award.runnerUp.map { "if it fails, \(Text.clip($0, 30)) takes over" } ?? "nobody could take over"),
            exploration(),
        ]
    }

    private func why() -> String {
        if award.explored { return "tried to learn about it, by seeded draw" }
        let tied = award.ties.contains { $0.model == award.winner }
        if tied { return "one of the best scores; the seeded draw broke the tie" }
        if award.ranking.count == 1 { return "the only bid that could be awarded" }
        switch award.reason {
        case .incumbentIsBest: return "the best here, as it usually is"
        case .gain:
            return "better here than \(Text.clip(award.incumbent ?? "?", 20)), usually the best, beyond the guard"
        case .guarded: return "usually the best, and nobody is surely better here"
        case .drawn: return "it may be the best; the seeded draw tried it"
        case nil: break
        }
        return input.prior.isEmpty ? "the best score" : "the best score among those left"
    }

    private func void() -> String {
        switch award.void {
        case .noEligibleBid: "no eligible model bid."
        case .tooFewBids: "\(award.scores.count) bids, but the policy wants at least \(input.minBids)."
        case .exhausted: "every bidder was tried and failed."
        case .overBudget:
            "what is left of the budget (\(Text.fixed(input.budgetRemaining, 6, unit: 6))) pays for no bid."
        case .belowReserve: "no bid is worth more than not doing the task."
        case nil: "the record does not say why."
        }
    }

    private func exploration() -> String {
        guard let draw = award.draw else {
            return "Exploration: not in play; the \(input.prior.isEmpty ? "best" : "next") bid wins."
        }
        let (coin, floor) = (Text.fixed(draw.coin, 6), Text.fixed(input.exploration.floor, 6))
        return award.explored
            ? "Exploration: yes, coin \(coin) below \(floor); one of \(draw.plausible.count) plausible bidders."
            : "Exploration: no, coin \(coin) not below \(floor)."
    }

    func settlement(_ bill: Settlement) -> [String] {
        let code = bill.code.map { " (\($0))" } ?? ""
        // A reader compares the bill with the bid above it, so say it where the model used more than it bid.
        let bid = input.bids.first { $0.model == bill.model }
        func over(_ used: Int64?, _ step: Int?) -> String {
            guard let used, let bound = step.flatMap(LogSteps.upperBound), used > bound else { return "" }
            return " (over bid)"
        }
        let latency = Int64(bill.latencyNs).map { Checked.ceil(max(0, $0), over: 1_000_000) }
        let meters =
            "metered: cost \(Text.fixed(bill.cost, 6, unit: 6))\(over(bill.cost, bid?.costStep)), "
            + "latency \(latency.map(Text.time) ?? "?")\(over(latency, bid?.latencyStep)), CPU \(milliseconds(bill.cpuNs))"
        let credits =
            bill.outcome == .valid
            ? "credits wait until the answer is verified" : "credits \(Text.fixed(bill.credits, 4))"
        return ["Settlement: \(bill.outcome.rawValue)\(code); \(credits)", "  \(meters)"]
    }

    private func milliseconds(_ nanoseconds: String) -> String {
        Int64(nanoseconds).map { Text.time($0 / 1_000_000) } ?? "?"
    }
}

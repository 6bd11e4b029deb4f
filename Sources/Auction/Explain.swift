// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension Auction {
    /// One screen, at most 24 lines of at most 80 columns, on why this model: for people who do not read code.
    ///
    /// Names come from model bundles, so whatever is not printable ASCII is shown as `?`.
    public static func explain(_ record: AuctionRecord, settled: Settlement? = nil) -> String {
        let screen = Screen(record: record)
        var lines = screen.heading()
        lines += screen.excluded()
        lines += screen.bids()
        lines += screen.absent()
        lines += screen.outcome()
        if let settled { lines += screen.settlement(settled) }
        return lines.map { Screen.clip($0, 80) + "\n" }.joined()
    }
}

/// Renders the parts of the explanation.
private struct Screen {
    let record: AuctionRecord
    var input: AuctionInput { record.input }
    var award: Award { record.award }

    func heading() -> [String] {
        let attempt = input.attempt > 1 ? ", attempt \(input.attempt)" : ""
        let task = input.features
        return [
            "Microtask \(Self.clip(input.microtask, 32))\(attempt) of job \(Self.clip(input.job, 20)), policy \(input.policy.sequence)",
            "Task: \(Self.clip(task.type, 20)); class \(Self.clip(task.class, 10)); purpose \(Self.clip(task.purpose, 20)); "
                + "at most \(Self.size(task.lengthUpperBound))",
        ]
    }

    func excluded() -> [String] {
        guard !input.exclusions.isEmpty else { return ["Excluded by the policy: nobody"] }
        var lines = ["Excluded by the policy, before any score:"]
        for model in Self.head(input.exclusions, 3) {
            let by = model.rules.isEmpty ? ", no rule permits it" : " by rule \(model.rules.joined(separator: ", "))"
            let reason = model.reason.map { ": \($0)" } ?? ""
            lines.append("    \(Self.clip(model.model, 22)): \(model.kind)\(by)\(reason)")
        }
        return lines + Self.rest(input.exclusions.count - 3)
    }

    func bids() -> [String] {
        guard !award.scores.isEmpty else { return ["Bids: none"] }
        var lines = ["    Bid of                   sure  cost at most   time at most      score"]
        let byScore = shown()
        for bid in byScore {
            guard let raw = input.bids.first(where: { $0.model == bid.model }) else { continue }
            let columns = [
                bid.model == award.winner ? "  > " : "    ", Self.pad(bid.model, 22),
                Self.left(Self.fixed(bid.probability, 3), 8), Self.left(Self.fixed(bid.price * 1_000, 6), 13),
                Self.left(Self.time(LogSteps.upperBounds[raw.latencyStep]), 14),
                Self.left(Self.fixed(bid.score, 4), 12),
            ]
            lines.append(columns.joined())
        }
        return lines + Self.rest(award.scores.count - byScore.count)
    }

    /// The best few, and the winner wherever it stands.
    private func shown() -> [ScoredBid] {
        let sorted = award.scores.sorted { ($1.score, $0.digest) < ($0.score, $1.digest) }
        var few = Self.head(sorted, 6)
        if let winner = award.winner, !few.contains(where: { $0.model == winner }),
            let scored = sorted.first(where: { $0.model == winner })
        {
            few[few.count - 1] = scored
        }
        return few
    }

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
        let second = Self.fixed(award.secondScore ?? 0, 4)
        return [
            "Winner: \(Self.clip(winner, 30)), \(why()).",
            "  score \(Self.fixed(scored.score, 4)) = right \(Self.fixed(scored.gain, 4))"
                + " - cost \(Self.fixed(scored.cost, 4)) - time \(Self.fixed(scored.latency, 4))"
                + " - risk \(Self.fixed(scored.risk, 4))",
            "  pays the second score \(second); "
                + (award.runnerUp.map { "if it fails, \(Self.clip($0, 30)) takes over" } ?? "nobody could take over"),
            exploration(),
        ]
    }

    private func why() -> String {
        if award.explored { return "tried to learn about it, by seeded draw" }
        let tied = award.ties.contains { $0.model == award.winner }
        if tied { return "one of the best scores; the seeded draw broke the tie" }
        if award.ranking.count == 1 { return "the only bid that could be awarded" }
        return input.prior.isEmpty ? "the best score" : "the best score among those left"
    }

    private func void() -> String {
        switch award.void {
        case .noEligibleBid: "no eligible model bid."
        case .tooFewBids: "\(award.scores.count) bids, but the policy wants at least \(input.minBids)."
        case .exhausted: "every bidder was tried and failed."
        case .overBudget:
            "what is left of the budget (\(Self.fixed(input.budgetRemaining, 6, unit: 6))) pays for no bid."
        case .belowReserve: "no bid is worth more than not doing the task."
        case nil: "the record does not say why."
        }
    }

    private func exploration() -> String {
        guard let draw = award.draw else {
            return "Exploration: not in play; the \(input.prior.isEmpty ? "best" : "next") bid wins."
        }
        let (coin, floor) = (Self.fixed(draw.coin, 6), Self.fixed(input.exploration.floor, 6))
        return award.explored
            ? "Exploration: yes, coin \(coin) below \(floor); one of \(draw.plausible.count) plausible bidders."
            : "Exploration: no, coin \(coin) not below \(floor)."
    }

    func settlement(_ bill: Settlement) -> [String] {
        let code = bill.code.map { " (\($0))" } ?? ""
        let meters =
            "cost \(Self.fixed(bill.cost, 6, unit: 6)), latency \(milliseconds(bill.latencyNs)), "
            + "CPU \(milliseconds(bill.cpuNs)), all metered"
        let credits =
            bill.outcome == .valid
            ? "credits wait until the answer is verified" : "credits \(Self.fixed(bill.credits, 4))"
        return ["Settlement: \(bill.outcome.rawValue)\(code); \(credits)", "  \(meters)"]
    }

    private func milliseconds(_ nanoseconds: String) -> String {
        Int64(nanoseconds).map { Self.time($0 / 1_000_000) } ?? "?"
    }
}

// Formatting, without Foundation and without floating point.
extension Screen {
    static func head<T>(_ items: [T], _ count: Int) -> [T] { Array(items.prefix(count)) }

    static func rest(_ count: Int) -> [String] { count > 0 ? ["    … and \(count) more"] : [] }

    /// `value` in 10^-unit with `places` decimals, rounded half away from zero.
    static func fixed(_ value: Int64, _ places: Int, unit: Int = 9) -> String {
        var divisor: UInt64 = 1
        for _ in 0..<(unit - places) { divisor *= 10 }
        let rounded = (value.magnitude + divisor / 2) / divisor
        var digits = String(rounded)
        while digits.utf8.count <= places { digits = "0" + digits }
        let sign = value < 0 && rounded > 0 ? "-" : ""
        return places == 0 ? sign + digits : "\(sign)\(digits.dropLast(places)).\(digits.suffix(places))"
    }

    static func time(_ milliseconds: Int64) -> String {
        milliseconds < 1_000 ? "\(milliseconds) ms" : "\(fixed(milliseconds, 0, unit: 3)) s"
    }

    static func size(_ bytes: Int64) -> String {
        for (unit, shift) in [("GiB", Int64(30)), ("MiB", 20), ("KiB", 10)] where bytes >> shift > 0 {
            return "\(bytes >> shift) \(unit)"
        }
        return "\(bytes) bytes"
    }

    /// Printable ASCII, at most `width` columns; the last one says that something is missing.
    static func clip(_ text: String, _ width: Int) -> String {
        let safe = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0x20...0x7e).contains(scalar.value) || scalar == "…" ? scalar : "?"
                }))
        return safe.unicodeScalars.count <= width ? safe : safe.prefix(width - 1) + "…"
    }

    static func pad(_ text: String, _ width: Int) -> String {
        let clipped = clip(text, width)
        return clipped + String(repeating: " ", count: width - clipped.unicodeScalars.count)
    }

    static func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.unicodeScalars.count)) + text
    }
}

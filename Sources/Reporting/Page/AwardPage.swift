// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Why these models won, as one page: no script, nothing loaded.
public struct AwardPage: Sendable {
    /// A bid with the parts of its score, in 1e-9, and what became of it.
    public struct Bid: Sendable {
        public let model: String
        public let probability: Int64
        /// Micro-units.
        public let price: Int64
        public let gain: Int64
        public let cost: Int64
        public let latency: Int64
        public let risk: Int64
        public let score: Int64
        /// `won`, or why not.
        public let fate: String

        public init(
            model: String, probability: Int64, price: Int64, gain: Int64, cost: Int64, latency: Int64, risk: Int64,
            score: Int64, fate: String
        ) {
            self.model = model
            self.probability = probability
            self.price = price
            self.gain = gain
            self.cost = cost
            self.latency = latency
            self.risk = risk
            self.score = score
            self.fate = fate
        }
    }

    /// Somebody whom the policy kept out.
    public struct Excluded: Sendable {
        public let model: String
        public let kind: String
        public let rules: [String]
        public let reason: String?

        public init(model: String, kind: String, rules: [String], reason: String?) {
            self.model = model
            self.kind = kind
            self.rules = rules
            self.reason = reason
        }
    }

    /// One auction.
    public struct Award: Sendable {
        public let title: String
        /// The explanation, as a terminal shows it.
        public let words: String
        /// The best first.
        public let bids: [Bid]
        public let excluded: [Excluded]

        public init(title: String, words: String, bids: [Bid], excluded: [Excluded]) {
            self.title = title
            self.words = words
            self.bids = bids
            self.excluded = excluded
        }
    }

    /// More than so many auctions nobody reads on one page.
    public static let most = 500

    public let title: String
    public let awards: [Award]
    /// How many auctions are not on the page.
    public let left: Int

    public init(title: String, awards: [Award], left: Int = 0) {
        self.title = title
        self.awards = awards
        self.left = left
    }

    /// UTF-8 of the document.
    public var bytes: [UInt8] { Array(html.text.utf8) }

    var html: HTML {
        let rest: [HTML] = left > 0 ? ["<p class=\"quiet\">\(left) more auctions are not shown.</p>\n"] : []
        return PageShell(title: title, body: awards.enumerated().flatMap { part($1, $0) } + rest).html
    }

    private func part(_ award: Award, _ number: Int) -> [HTML] {
        let lines: [HTML] = award.words.split(separator: "\n", omittingEmptySubsequences: false).map {
            "\(String($0))\n"
        }
        var parts: [HTML] = ["<h2>\(award.title)</h2>\n", "<pre class=\"scroll\">\(lines)</pre>\n"]
        if !award.bids.isEmpty { parts.append(scores(award, number).html) }
        guard !award.excluded.isEmpty else { return parts }
        var table = PageTable(
            "Kept out by the policy, before any score",
            [("model", false), ("decision", false), ("rules", false), ("reason", false)])
        for model in award.excluded {
            table.add([
                model.model, model.kind,
                model.rules.isEmpty ? "no rule permits it" : model.rules.joined(separator: ", "),
                model.reason ?? "",
            ])
        }
        return parts + [table.html]
    }

    /// A bar from 0 to what a right answer is expected to bring, and how much of it cost, time and risk take away.
    private func scores(_ award: Award, _ number: Int) -> Figure {
        func shown(_ value: Int64) -> String { Shown.decimal(Double(value) / 1e9, places: 4) }
        let (left, right, row) = (190.0, 640.0, 24.0)
        let ends = award.bids.flatMap { [$0.gain, $0.score] }.map { Double($0) / 1e9 }
        let x = Axis(linear: min(0, ends.min() ?? 0), max(ends.max() ?? 1, 1e-6), from: left, to: right)
        let bottom = 10 + row * Double(award.bids.count)
        var shapes: [HTML] = []
        for tick in x.ticks {
            shapes.append(Shape.line(x.at(tick), 6, x.at(tick), bottom, "grid"))
            shapes.append(Shape.text(x.at(tick), bottom + 16, Shown.decimal(tick, places: 2), "s m"))
        }
        var table = PageTable(
            "Bids",
            [
                ("model", false), ("counts as", true), ("price", true), ("right", true), ("cost", true), ("time", true),
                ("risk", true), ("score", true), ("outcome", false),
            ])
        for (index, bid) in award.bids.enumerated() {
            let y = 10 + row * Double(index)
            let (zero, gain, score) = (x.at(0), x.at(Double(bid.gain) / 1e9), x.at(Double(bid.score) / 1e9))
            shapes.append(Shape.text(left - 8, y + 14, String(bid.model.prefix(28)), bid.fate == "won" ? "b e" : "s e"))
            shapes.append(
                Shape.rect(min(score, gain), y + 4, abs(gain - score), 12, "soft", "taken away by cost, time and risk"))
            shapes.append(
                Shape.rect(min(zero, score), y + 4, abs(score - zero), 12, "strong", "score \(shown(bid.score))"))
            shapes.append(Shape.text(max(gain, score, zero) + 8, y + 14, shown(bid.score), "s"))
            table.add([
                bid.model, Shown.percent(bid.probability), Shown.money(bid.price), shown(bid.gain), shown(bid.cost),
                shown(bid.latency), shown(bid.risk), shown(bid.score), bid.fate,
            ])
        }
        return Figure(
            id: "award-\(number)", title: "Scores in the auction \(award.title)",
            description: award.bids.map { "\($0.model): score \(shown($0.score)), \($0.fate)" }.joined(separator: ". "),
            caption:
                "The dark bar is the score; the light one is what cost, time and risk took away from what the answer was expected to be worth.",
            height: bottom + 26, shapes: shapes, table: table)
    }
}

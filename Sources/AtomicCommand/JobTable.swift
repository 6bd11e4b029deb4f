// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom

/// The table of a job that a person wants to read: per input who bid, who was kept out by which rule, who won and why.
struct JobTable {
    private let report: JobReport

    init(_ report: JobReport) { self.report = report }

    var text: String {
        let header = ["message", "bids (confidence, price)", "excluded by", "winner", "why", "cost", "latency"]
        var rows = [header]
        for item in report.items {
            rows.append([
                TerminalText.line(item.name), bids(item), excluded(item), item.winner ?? "- (\(item.reason))",
                item.why ?? "-", item.state == "answered" || item.cost > 0 ? Money(micro: item.cost).description : "-",
                item.latencyNs > 0 ? "\(item.latencyNs / 1_000_000) ms" : "-",
            ])
        }
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column >= 5 ? padding + row[column] : row[column] + padding
            }.joined(separator: "  ").trimmingTrailingSpaces
        }
        lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
        return (lines + ["", summary]).joined(separator: "\n")
    }

    private func bids(_ item: JobItem) -> String {
        let bids = item.bidders.map { bidder in
            "\(bidder.model) \(percent(bidder.confidence)) \(Decimal9.format(bidder.price * 1_000))"
        }
        return bids.isEmpty ? "-" : bids.joined(separator: ", ")
    }

    private func excluded(_ item: JobItem) -> String {
        let excluded = item.excluded.map { "\($0.model): \($0.rules.joined(separator: " "))" }
        return excluded.isEmpty ? "-" : excluded.joined(separator: ", ")
    }

    private func percent(_ nano: Int64) -> String { "\((nano + 5_000_000) / 10_000_000)%" }

    private var summary: String {
        let released = report.items.filter { $0.state == "answered" }
        var wins: [String: Int] = [:]
        for item in released { wins[item.winner ?? "", default: 0] += 1 }
        let winners = wins.keys.sorted().map { "\($0) \(wins[$0] ?? 0)" }.joined(separator: ", ")
        let latencies = released.map(\.latencyNs).sorted()
        let middle = latencies.isEmpty ? 0 : latencies[latencies.count / 2] / 1_000_000
        return """
            \(report.job)  \(report.state)  policy \(report.policy)
            released \(released.count) of \(report.items.count); wins: \(winners.isEmpty ? "none" : winners)
            cost \(Money(micro: report.cost)) \(report.currency); median latency \(middle) ms; \
            wall \(report.wallNs / 1_000_000) ms
            """
    }
}

extension JobItem {
    /// Why there is no answer: the code, and the rules that said no.
    var reason: String { (code ?? state) + (rules.isEmpty ? "" : ": " + rules.joined(separator: " ")) }
}

extension String {
    var trimmingTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A run in figures for a terminal: per microtask and model, then the totals.
public struct SummaryText: Sendable {
    private let facts: JobFacts
    private let summary: JobSummary

    public init(_ facts: JobFacts) {
        self.facts = facts
        summary = JobSummary(facts)
    }

    public var text: String { (models + [""] + totals).joined(separator: "\n") }

    private var models: [String] {
        let labelled = summary.models.contains { $0.accuracy != nil }
        var columns: [(String, TextTable.Side)] = [
            ("microtask", .left), ("model", .left), ("bids", .right), ("wins", .right), ("took over", .right),
            ("unsure", .right), ("failed", .right),
        ]
        if labelled { columns.append(("right (95 %)", .left)) }
        columns += [("p50", .right), ("p99", .right), ("cost", .right), ("CPU", .right)]
        var table = TextTable(columns.map { (title: $0.0, side: $0.1) })
        var last = ""
        for row in summary.models {
            var cells = [
                row.microtask == last ? "" : row.microtask, row.model, String(row.bids), String(row.wins),
                String(row.takeovers), String(row.unsure),
                row.failed == 0 ? "0" : "\(row.failed) (\(Shown.counts(row.failures)))",
            ]
            if labelled { cells.append(Shown.accuracy(row.accuracy)) }
            cells += [
                row.latency.map { Shown.time($0.p50) } ?? "-", row.latency.map { Shown.time($0.p99) } ?? "-",
                Shown.money(row.cost), Shown.time(row.cpuNs),
            ]
            table.add(cells)
            last = row.microtask
        }
        return table.isEmpty ? ["no model bid"] : table.lines
    }

    private var totals: [String] {
        let heading = facts.heading
        var lines = ["\(heading.job)  \(heading.state)  policy \(heading.policy)"]
        let messages = summary.messages
        var parts = ["released \(messages.released + messages.needsReview) of \(messages.total)"]
        if messages.needsReview > 0 { parts.append("\(messages.needsReview) to be reviewed") }
        if messages.failed > 0 { parts.append("failed \(messages.failed)") }
        if messages.denied > 0 { parts.append("denied \(messages.denied)") }
        if messages.pending > 0 { parts.append("\(messages.pending) without an outcome yet") }
        if facts.microtasks.count == 1, !summary.models.isEmpty {
            let wins = summary.models.filter { $0.wins > 0 }.sorted { $0.model < $1.model }
            parts.append(
                "wins: " + (wins.isEmpty ? "none" : wins.map { "\($0.model) \($0.wins)" }.joined(separator: ", ")))
        }
        lines.append(parts.joined(separator: "; "))
        if facts.microtasks.count > 1 { lines += states }
        for row in summary.exclusions {
            lines.append(
                "\(row.microtask): \(row.model) \(row.kind == "forbidden" ? "forbidden by" : row.kind)"
                    + (row.rules.isEmpty ? "" : " \(row.rules.joined(separator: " "))")
                    + " for \(Shown.count(row.messages, "message"))")
        }
        var end = "cost \(Shown.money(heading.cost)) \(heading.currency)"
        if facts.microtasks.count > 1, let latency = messages.latency {
            end += "; a message took \(Shown.time(latency.p50)), at p99 \(Shown.time(latency.p99))"
        } else if let middle = Quantiles(facts.attempts.map(\.latencyNs)).at(percent: 50) {
            end += "; median latency \(Shown.time(middle))"
        }
        end += "; wall \(Shown.time(heading.wallNs))"
        if let share = summary.totals.modelShare { end += ", models \(Shown.percent(share)) of it" }
        lines.append(end)
        return lines
    }

    /// A line per microtask whose end was not always an answer, or that has a verdict of labels.
    private var states: [String] {
        summary.microtasks.map { row in
            var parts = ["answered \(row.answered)"]
            if row.unsure > 0 { parts.append("unsure \(row.unsure)") }
            if row.skipped > 0 { parts.append("not due \(row.skipped)") }
            if row.failed + row.denied > 0 {
                parts.append(
                    "failed \(row.failed)\(row.denied > 0 ? ", denied \(row.denied)" : "") (\(Shown.counts(row.codes)))"
                )
            }
            if row.accuracy != nil { parts.append("right \(Shown.accuracy(row.accuracy))") }
            return "\(row.id): " + parts.joined(separator: ", ")
        }
    }
}

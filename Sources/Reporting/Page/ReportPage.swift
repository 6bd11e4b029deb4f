// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A run as one page for people who were not there: no script, nothing loaded, no text of any message.
///
/// The page is derived from the room's log and proves nothing by itself; it says which entries to check.
public struct ReportPage: Sendable {
    private let facts: JobFacts
    private let summary: JobSummary

    public init(_ facts: JobFacts) {
        self.facts = facts
        summary = JobSummary(facts)
    }

    /// UTF-8 of the document.
    public var bytes: [UInt8] { Array(html.text.utf8) }

    var html: HTML {
        PageShell(
            title: "Report of \(facts.heading.job)", header: header,
            body: [outcome, work, latency, cost, calibration, timeline, exclusions, processes, messages], footer: footer
        ).html
    }

    // MARK: Sections

    private var outcome: HTML {
        var table = PageTable(
            "How each microtask ended, in messages",
            [
                ("microtask", false), ("answered", true), ("not sure enough", true), ("not due", true),
                ("failed", true),
                ("denied", true), ("why not", false), ("right (95 % interval)", true),
            ])
        for row in summary.microtasks {
            table.add([
                row.id, String(row.answered), String(row.unsure), String(row.skipped), String(row.failed),
                String(row.denied), row.codes.isEmpty ? "–" : Shown.counts(row.codes), right(row.accuracy),
            ])
        }
        return section("Outcome", "outcome", table.html)
    }

    private var work: HTML {
        var table = PageTable(
            "What each model did",
            [
                ("microtask", false), ("model", false), ("bids", true), ("wins", true), ("took over", true),
                ("unsure", true),
                ("failed", true), ("cost, \(facts.heading.currency)", true), ("p50", true), ("p99", true),
                ("CPU", true),
                ("right (95 % interval)", true),
            ])
        for row in summary.models {
            table.add([
                row.microtask, row.model, String(row.bids), String(row.wins), String(row.takeovers),
                String(row.unsure),
                String(row.failed), Shown.money(row.cost), row.latency.map { Shown.time($0.p50) } ?? "–",
                row.latency.map { Shown.time($0.p99) } ?? "–", Shown.time(row.cpuNs), right(row.accuracy),
            ])
        }
        return section(
            "Models", "models", "\(WinsPlot(summary: summary).figure?.html ?? "")\(table.html)")
    }

    private var latency: HTML {
        guard let figure = LatencyPlot(facts: facts, summary: summary).figure else { return "" }
        return section("Latency", "latency-section", figure.html)
    }

    private var cost: HTML {
        let figure = CostPlot(summary: summary).figure
        return section(
            "Cost and accuracy", "cost-section",
            figure?.html
                ?? "<p class=\"quiet\">No labels were given, so nothing is said about accuracy: that an answer satisfies its schema says nothing about whether it is right.</p>"
        )
    }

    private var calibration: HTML {
        guard let figure = CalibrationPlot(facts: facts).figure else { return "" }
        return section("Calibration", "calibration-section", figure.html)
    }

    private var timeline: HTML {
        guard let figure = TimelinePlot(facts: facts).figure else { return "" }
        return section("Timeline", "timeline-section", figure.html)
    }

    private var exclusions: HTML {
        var table = PageTable(
            "Kept out of auctions by the policy",
            [
                ("microtask", false), ("model", false), ("decision", false), ("rules", false),
                ("messages", true),
            ])
        for row in summary.exclusions {
            table.add([
                row.microtask, row.model, row.kind,
                row.rules.isEmpty ? "no rule permits it" : row.rules.joined(separator: " "),
                String(row.messages),
            ])
        }
        return section(
            "Exclusions", "exclusions",
            table.isEmpty ? "<p class=\"quiet\">The policy kept no registered model out.</p>" : table.html
        )
    }

    private var processes: HTML {
        guard !summary.processes.isEmpty else { return "" }
        var table = PageTable(
            "Jails that were started for this job; their CPU and memory are what the kernel accounted",
            [
                ("role", false), ("model", false), ("jails", true), ("CPU", true), ("largest memory", true),
                ("ended", false),
            ])
        for row in summary.processes {
            table.add([
                row.role, row.model, String(row.jails), Shown.time(row.cpuNs), Shown.bytes(row.peakBytes),
                Shown.counts(row.causes),
            ])
        }
        return section("Jails", "jails", table.html)
    }

    private func section(_ title: String, _ id: String, _ body: HTML) -> HTML {
        "<section aria-labelledby=\"\(id)\">\n<h2 id=\"\(id)\">\(title)</h2>\n\(body)</section>\n"
    }

    private func right(_ proportion: Proportion?) -> String {
        guard let proportion else { return "–" }
        return "\(proportion.right)/\(proportion.of) = \(Shown.percent(proportion.rate)) "
            + "(\(Shown.percent(proportion.low))–\(Shown.percent(proportion.high)))"
    }

    // MARK: Header, messages and footer

    private var header: HTML {
        let heading = facts.heading
        let share = summary.totals.modelShare.map { " (models \(Shown.percent($0)))" } ?? ""
        return """
            <header>
            <h1>Report of \(heading.job)</h1>
            <p class="quiet">\(heading.task) in the room \(heading.room), ended \(Self.time(heading.ended))</p>
            \(banner)<dl class="facts">
            \(fact("Messages", String(summary.messages.total)))\
            \(fact("Cost", "\(Shown.money(heading.cost)) of \(Shown.money(heading.budget)) \(heading.currency)"))\
            \(fact("Wall time", Shown.time(heading.wallNs) + share))\
            \(fact("Data class", heading.dataClass))\(fact("Purpose", heading.purpose))\
            \(fact("Requester", heading.requester))\(fact("Policy", "sequence \(heading.policy)"))\
            \(fact("Log entries", "\(heading.entries.lowerBound) to \(heading.entries.upperBound)"))\
            <div class="wide"><dt>Digest of the job (file, inputs, policy)</dt><dd><code>\(heading.digest)</code></dd></div>
            </dl>
            </header>

            """
    }

    /// RFC 3339 as people read it: to the second.
    private static func time(_ text: String) -> String {
        let parts = text.split(separator: "T")
        guard parts.count == 2 else { return text }
        return "\(parts[0]) \(parts[1].prefix(8)) UTC"
    }

    private func fact(_ name: String, _ value: String) -> HTML {
        "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n"
    }

    private var banner: HTML {
        let count = summary.messages
        var parts = [
            "\(count.released + count.needsReview) of \(Shown.count(count.total, "message")) released"
        ]
        if count.needsReview > 0 {
            parts.append("\(count.needsReview) of them to be reviewed by a person")
        }
        if count.failed > 0 { parts.append("\(count.failed) failed") }
        if count.denied > 0 { parts.append("\(count.denied) denied by the policy") }
        if count.pending > 0 { parts.append("\(count.pending) without an outcome") }
        let words = parts.joined(separator: "; ")
        if count.failed + count.denied + count.pending > 0 {
            return "<p class=\"banner bad\"><strong>\(words).</strong></p>\n"
        }
        return count.needsReview > 0
            ? "<p class=\"banner warn\"><strong>\(words).</strong></p>\n"
            : "<p class=\"banner\"><strong>\(words).</strong></p>\n"
    }

    private var messages: HTML {
        var table = PageTable(
            "Which model answered; what it said left the room sealed to the requester only",
            [("message", false)] + facts.microtasks.map { ($0, false) }
                + [("ended", false), ("cost", true), ("latency", true)])
        let byMessage = Dictionary(grouping: facts.answers, by: \.message)
        for (index, message) in facts.messages.enumerated() {
            let answers = byMessage[index] ?? []
            let cells: [HTML] = facts.microtasks.map { id in
                answers.first { $0.microtask == id }.map(cell) ?? "–"
            }
            let cost = answers.reduce(0) { $0 + $1.cost }
            let time = answers.reduce(0) { $0 + $1.latencyNs }
            table.add(
                ["\(message.name)"] + cells + [
                    ended(message), "\(cost > 0 ? Shown.money(cost) : "–")",
                    "\(time > 0 ? Shown.time(time) : "–")",
                ])
        }
        return section("Messages", "messages", table.html)
    }

    private func cell(_ answer: JobFacts.Answer) -> HTML {
        let notes = [
            answer.state == "unsure" ? "not sure enough" : nil,
            answer.why == "exploration" ? "exploration" : nil,
            answer.why?.hasPrefix("took over") == true ? "took over" : nil,
            answer.right == false ? "differs from its label" : nil,
        ].compactMap { $0 }
        let after: HTML =
            notes.isEmpty ? "" : " <span class=\"quiet\">(\(notes.joined(separator: ", ")))</span>"
        switch answer.state {
        case "answered", "unsure": return "\(answer.winner ?? "–")\(after)"
        case "skipped": return "<span class=\"quiet\">not due</span>"
        case "failed", "denied": return "<span class=\"bad\">\(answer.state): \(answer.reason)</span>"
        default: return "\(answer.state)"
        }
    }

    private func ended(_ message: JobFacts.Message) -> HTML {
        let words = message.state + (message.code.map { " (\($0))" } ?? "")
        switch message.state {
        case "released": return "<span class=\"good\">\(words)</span>"
        case "needs-review": return "<span class=\"warn\">\(words)</span>"
        default: return "<span class=\"bad\">\(words)</span>"
        }
    }

    private var footer: HTML {
        """
        <footer>
        <p>This page holds names, counts, times and amounts; it holds no text of a message and no answer. File names are those that the
        requester gave.</p>
        <p>It proves nothing by itself: it was written from the room's log. The evidence is the room's audit bundle, which anybody can check
        without the room: <code>atomic bundle export</code>, then <code>atomic-verify BUNDLE --trust TRUST</code>. The entries of this job are
        \(facts.heading.entries.lowerBound) to \(facts.heading.entries.upperBound).</p>
        <p>Percentiles are by nearest rank over all executions, failed ones included. Intervals are Wilson score intervals at 95 %. Accuracy
        is counted over answers whose label was given; a valid schema never counts as quality. Costs are metered by the room, not reported
        by models. Share of models: time in which at least one model's process worked or started.</p>
        </footer>

        """
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom
internal import Reporting

/// What `atomic run` says at its end, whoever ran the job.
struct RunResult {
    private let report: JobReport
    private let facts: JobFacts

    /// - Parameter room: the room's directory; the job's entries are read from its log.
    init(_ report: JobReport, in room: String) throws {
        self.report = report
        let view = try RoomView(room)
        var facts = try view.facts(view.job(report.job), items: report.items)
        facts.heading.wallNs = Int64(clamping: report.wallNs)
        self.facts = facts
    }

    /// Writes the page if one is wanted, then the tables or the JSON.
    func print(_ page: ReportOptions, json: Bool) throws {
        try page.write(facts)
        let text = JobText(facts: facts)
        guard json else { return try Console.line(text.text) }
        try Console.json(
            Body(
                job: report.job, digest: report.digest, state: report.state, policy: report.policy,
                resumed: report.resumed, cost: report.cost, currency: report.currency, wallNs: String(report.wallNs),
                items: report.items, messages: text.messages, summary: JobSummary(facts)))
    }

    /// The run as JSON (docs/reports.md).
    private struct Body: Encodable {
        let job: String
        let digest: Digest
        let state: String
        let policy: Int64
        let resumed: Bool
        let cost: Int64
        let currency: String
        let wallNs: String
        let items: [JobItem]
        let messages: [JobText.Message]
        let summary: JobSummary
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Reporting
internal import RoomStore

/// `atomic job show`
struct JobShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One job: how each message and each microtask ended, and what each model did.",
        discussion: """
            Works while the job runs, and after it. JOB may be the beginning of an id, or latest.

            Example: atomic job show latest --report job.html --room ward-3
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @OptionGroup var page: ReportOptions
    @Argument(help: "The job's id, or the beginning of it, or latest.")
    var job: String

    func run() throws {
        let view = try RoomView(room.directory())
        let row = try view.job(job)
        let facts = try view.facts(row)
        try page.write(facts)
        guard options.json else { return try Console.line(JobText(facts: facts).text) }
        struct Body: Encodable {
            let job: JobRow
            let messages: [JobText.Message]
            let microtasks: [MicrotaskRow]
            let summary: JobSummary
        }
        try Console.json(
            Body(
                job: row, messages: JobText(facts: facts).messages, microtasks: view.microtasks(row.id),
                summary: JobSummary(facts)))
    }
}

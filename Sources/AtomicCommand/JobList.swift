// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import RoomStore

/// `atomic job list`
struct JobList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "All jobs, the newest first.",
        discussion: "Example: atomic job list --needs-review --room ward-3")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Flag(help: "Only jobs with messages that a person should look at.")
    var needsReview = false

    func run() throws {
        let view = try RoomView(room.directory())
        let jobs = try view.jobs().map { try Line($0, in: view) }.filter { !needsReview || $0.needsReview > 0 }
        if options.json { return try Console.json(jobs) }
        for line in jobs {
            let row = line.job
            try Console.line(
                "\(row.id)  \(row.state)  \(row.dataClass)  \(row.purpose)  \(Money(micro: row.cost))"
                    + (line.needsReview > 0 ? "  \(line.needsReview) of \(line.messages) to be reviewed" : ""))
        }
    }

    /// A job and its messages, counted. In JSON the members of the job with two more.
    private struct Line: Encodable {
        let job: JobRow
        let messages: Int
        let needsReview: Int

        init(_ job: JobRow, in view: RoomView) throws {
            let inputs = try view.inputs(job.id)
            self.job = job
            messages = inputs.count
            // Only where there may be some: the list of reviews is read from the job's graph and feedback.
            let may = inputs.contains { $0.state == "needs-review" }
            let waiting = may ? try view.reviews(job).filter { $0.decided == nil } : []
            needsReview = Set(waiting.map(\.message)).count
        }

        private enum Key: String, CodingKey {
            case messages, needsReview
        }

        func encode(to encoder: any Encoder) throws {
            try job.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(messages, forKey: .messages)
            try container.encode(needsReview, forKey: .needsReview)
        }
    }
}

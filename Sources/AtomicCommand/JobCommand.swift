// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import RoomStore

/// `atomic job`
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Jobs of a room.", subcommands: [List.self, Show.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All jobs, the newest first.", discussion: "Example: atomic job list --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions

        func run() throws {
            let jobs = try RoomView(room.directory()).jobs()
            if options.json { return try Console.json(jobs) }
            for job in jobs {
                try Console.line("\(job.id)  \(job.state)  \(job.dataClass)  \(job.purpose)  \(Money(micro: job.cost))")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One job and how each of its inputs ended.",
            discussion: "Example: atomic job show JOB --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The job's id, or the beginning of it.")
        var job: String

        func run() throws {
            let view = try RoomView(room.directory())
            let row = try view.job(job)
            let microtasks = try view.microtasks(row.id)
            if options.json {
                struct Body: Encodable {
                    let job: JobRow
                    let microtasks: [MicrotaskRow]
                }
                return try Console.json(Body(job: row, microtasks: microtasks))
            }
            try Console.line("\(row.id)  \(row.state)  policy \(row.policy)  cost \(Money(micro: row.cost))")
            for task in microtasks {
                try Console.line(
                    "  \(task.id)  \(task.state)\(task.code.map { " (\($0))" } ?? "")  \(task.model ?? "-")"
                        + "  \(Money(micro: task.cost))  \(task.latencyNs / 1_000_000) ms")
            }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom

/// `atomic task`
struct TaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Task graphs of a room.", subcommands: [Add.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a task graph into a room; prints the digest by which a policy lists it.",
            discussion: "Example: atomic task add Models/tasks/email-triage.yaml --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The graph's file; the schemas it names lie beside it.")
        var file: String

        func run() throws {
            let added = try Room.addTask(file, to: room.directory())
            if options.json {
                try Console.json(["name": added.name, "digest": added.digest.description])
            } else {
                try Console.line(added.digest.description)
            }
        }
    }
}

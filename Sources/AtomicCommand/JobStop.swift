// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import RoomStore

/// `atomic job stop`
struct JobStop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Let a job in the room's daemon end after what runs in it now.",
        discussion: """
            Example: atomic job stop latest --room ward-3

            Whoever waits for the job is told to try again (75); the same atomic run resumes it.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Argument(help: "The job's id, the beginning of it, or `latest`.")
    var job: String

    func run() throws {
        let directory = try room.directory()
        let id = try RoomView(directory).job(job).id
        guard let daemon = try Supervisor.daemon(of: directory) else {
            throw DaemonError(
                .notRunning, "no daemon has the room \(directory)",
                remedy: "a job of atomic run is stopped with its command: press Control-C", exit: .usage)
        }
        _ = try daemon.ask(.stop(job: id))
        if options.json { return try Console.json(["stopped": id]) }
        try Console.line("\(id) stops after what runs in it now")
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import Jail
internal import Sealing

/// `atomic watch`: an inbox as an event.
struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Answer every message that is delivered to a maildir, each exactly once.",
        discussion: """
            Example: atomic watch --maildir ~/Maildir --job job.yaml --room ward-3 -i requester.key

            The job file is a template: its input is replaced by the message, everything else holds for each. The answer is \
            placed in the job's output directory, then the message moves from new/ to cur/; messages that were refused, \
            failed or need review move too, flagged (F). With -i the answer is opened beside it: NAME.json, and \
            NAME.action.json with what a mail system should do.

            A restart continues where it was, after a crash too. SIGTERM ends it after the message in hand. When a daemon \
            has the room, the jobs run there; otherwise the watch holds the room itself.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Option(help: "The maildir: a directory with new/, cur/ and tmp/.")
    var maildir: String
    @Option(help: "The job file that is the template of each message's job.")
    var job: String
    @Option(name: [.short, .long], help: "The requester's identity file, to open the answers with; repeatable.")
    var identity: [String] = []
    @Option(help: "Key URI of the data owner who labels the messages; by default what room.yaml names.")
    var owner: String?
    @Flag(help: "End when no message is left.")
    var once = false

    func run() throws {
        // First of all: it starts before there are threads and before there are secrets in this process.
        let launcher = try Launcher.start()
        let stop = try SignalThread()
        // Before the room: a template, an identity or a maildir that is none is said at once.
        let order = try JobOrder(jobFile: job, owner: owner)
        let template = try order.file()
        if !identity.isEmpty { _ = try AgeIdentity(uris: identity) }
        let json = options.json
        let watch = MaildirWatch(
            room: try self.room.directory(), maildir: try Maildir(maildir), template: template, name: job,
            output: template.outputDirectory, owner: order.owner, identity: identity
        ) { message in
            if json { try Console.json(message) } else { try Console.line(message.line) }
        }
        let supervisor = try Supervisor.open(watch.room)
        do {
            Console.note("watching    \(watch.maildir.path)")
            try watch.run(supervisor: supervisor, launcher: launcher, stop: stop, once: once)
            if case .here(let room) = supervisor { try room.close() }
        } catch {
            if case .here(let room) = supervisor { try? room.close() }
            throw error
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom

/// `atomic init`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new room: keys, an empty log, no policy yet.",
        discussion: """
            Example: atomic init ward-3 --name ward-3 --owner file:/secure/owner.key

            Until a policy is accepted, nothing is permitted in the room.
            """)

    @OptionGroup var options: CommandOptions
    @Argument(help: "The room's directory; must not hold a room.")
    var directory: String
    @Option(help: "What the room is called; by default the directory's name.")
    var name: String?
    @Option(help: "Currency of all amounts (ISO 4217).")
    var currency = "EUR"
    @Option(
        help: "Key URI of the data owner, if this machine may label data in the owner's name; relative to the room.")
    var owner: String?

    func run() throws {
        let room = try RoomCreation.create(
            at: directory, name: name ?? Files.name(of: RoomPaths(directory).root), currency: currency, owner: owner)
        if options.json {
            try Console.json(["name": room.name, "origin": room.origin, "recipient": room.recipient])
        } else {
            try Console.line(room.recipient)
            Console.note("room \(room.name) made in \(directory); next: register models, then accept a policy")
        }
    }
}

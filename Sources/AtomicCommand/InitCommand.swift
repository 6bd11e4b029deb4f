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
            Example: atomic init ward-3 --name ward-3 --policy policy.json

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
    @Option(help: "A signed policy to put in force at once.")
    var policy: String?

    func run() throws {
        // Read before the room is made: a room must not be left without the policy that was asked for.
        let envelope = try policy.map { try Files.read($0, limit: PolicySource.limit) }
        let room = try RoomCreation.create(
            at: directory, name: name ?? Files.name(of: RoomPaths(directory).root), currency: currency, owner: owner)
        if let envelope {
            let open = try Room(opening: directory, version: Version.text)
            defer { try? open.close() }
            _ = try open.accept(policyEnvelope: envelope)
        }
        if options.json {
            try Console.json(["name": room.name, "origin": room.origin, "recipient": room.recipient])
        } else {
            try Console.line(room.recipient)
            Console.note(
                "room \(room.name) made in \(directory)"
                    + (policy == nil ? "; next: register models, then accept a policy" : ", its policy in force"))
        }
    }
}

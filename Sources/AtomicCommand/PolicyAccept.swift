// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon

/// `atomic policy accept`
struct PolicyAccept: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Put a signed policy in force in a room.",
        discussion: """
            Example: atomic policy accept policy.json --room ward-3

            Its quorum, its place in the chain of policies and its validity are checked; acceptance and refusal are \
            entries of the room's log. It rules from its entry on: a job at work in a daemon decides its next bid, key \
            and release by it.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Argument(help: "The envelope that atomic policy sign made.")
    var envelope: String

    func run() throws {
        let bytes = try Files.read(envelope, limit: PolicySource.limit)
        let policy = try Supervisor.use(self.room.directory()) { room in
            try AcceptedPolicy(room.accept(policyEnvelope: bytes))
        } daemon: { daemon in
            try daemon.ask(.policyAccept(envelope: bytes), for: AcceptedPolicy.self, note: Console.note)
        }
        if options.json { return try Console.json(policy) }
        try Console.line("policy \(policy.id) sequence \(policy.sequence) is in force: \(policy.digest)")
    }
}

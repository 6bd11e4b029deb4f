// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import SovereignPolicy

/// `atomic policy accept`
struct PolicyAccept: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Put a signed policy in force in a room.",
        discussion: """
            Example: atomic policy accept policy.json --room ward-3

            Its quorum, its place in the chain of policies and its validity are checked; acceptance and refusal are \
            entries of the room's log.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Argument(help: "The envelope that atomic policy sign made.")
    var envelope: String

    func run() throws {
        let bytes = try Files.read(envelope, limit: PolicySource.limit)
        let room = try Room(opening: self.room.directory(), version: Version.text)
        let policy: SovereignPolicy
        do {
            policy = try room.accept(policyEnvelope: bytes)
            try room.close()
        } catch {
            try? room.close()
            throw error
        }
        let digest = try policy.digest
        if options.json {
            struct Body: Encodable {
                let id: String
                let sequence: Int64
                let digest: Digest
            }
            return try Console.json(Body(id: policy.id, sequence: policy.sequence, digest: digest))
        }
        try Console.line("policy \(policy.id) sequence \(policy.sequence) is in force: \(digest)")
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Sealing
internal import SovereignPolicy

/// `atomic restore`
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Say, by the policy's quorum, that a room was put back from a copy.",
        discussion: """
            Example: atomic restore --key dpo.pem --key ciso.pem --reason "the disk failed" \
                         --lost last-night.checkpoint --newest-policy 9.json --room ward-3

            Put the copy in its place first; run this before the room works. It is recorded in the log, so that the restore is not \
            a rollback: with --lost, atomic audit verify --from tells whoever holds that checkpoint what became of it; with \
            --newest-policy nothing is permitted before that policy was accepted again.

            Where several people must sign, each gives the same file with --statement.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @OptionGroup var signing: StatementOptions
    @Option(help: ArgumentHelp("A checkpoint that was kept of what is lost; may be repeated.", valueName: "file"))
    var lost: [String] = []
    @Option(
        help: ArgumentHelp("The envelope of the newest policy that was accepted in what is lost.", valueName: "file"))
    var newestPolicy: String?

    func run() throws {
        let directory = try room.directory()
        let order = try RestoreOrder(room: directory)
        let signed = try signing.sign(RestoreStatement.self) {
            guard let reason = signing.reason else {
                throw UsageFault("a restore has a reason", remedy: "say why in a sentence, with --reason")
            }
            return try order.statement(
                reason: reason, lost: lost.map { try Files.read($0, limit: 16_384) },
                newest: newestPolicy.map { try Files.read($0) })
        }
        if let lack = try signing.lack(in: signed, under: order.policy(), RestoreEnvelope.lack) {
            return try signing.report(lack, signed, json: options.json)
        }
        let open = try Room(opening: directory, version: Version.text)
        let result: RestoreResult
        do {
            result = try open.restore(signed)
        } catch {
            try? open.close()
            throw error
        }
        try open.close()
        if options.json { return try Console.json(result) }
        try Console.line("restored by entry \(result.entry)")
        if let awaits = result.awaits {
            Console.note("nothing is permitted before policy \(awaits) is accepted: atomic policy accept")
        }
    }
}

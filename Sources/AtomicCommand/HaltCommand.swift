// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import SovereignPolicy

/// `atomic halt`
struct HaltCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt",
        abstract: "Stop a room: kill what runs, permit nothing until a quorum resumes it.",
        discussion: """
            Example: atomic halt --key dpo.pem --reason "answers look wrong" --room ward-3

            It takes as many keys of the policy as authority.emergencyStop asks for. It reaches whoever has the room, a daemon or \
            atomic run, within a second; when nobody has it, whoever opens it next. Jobs that were at work end with exit code 8 \
            and are resumed by the same command after: atomic resume.

            Where several people must sign, each gives the same file with --statement.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @OptionGroup var signing: StatementOptions

    func run() throws {
        guard let result = try signing.stop(.halt, in: room.directory(), json: options.json) else { return }
        if options.json { return try Console.json(result) }
        try Console.line("halted by entry \(result.entry): nothing is permitted until atomic resume")
    }
}

/// `atomic resume`
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a halted room go on.",
        discussion: """
            Example: atomic resume --key dpo.pem --key ciso.pem --room ward-3
                     atomic resume --key dpo.pem --statement resume.json --room ward-3
                     atomic resume --key ciso.pem --statement resume.json --room ward-3

            It takes the policy's quorum: its threshold, and its required roles. The statement names the newest halt, so a resume \
            never lifts a halt that its signers did not see.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @OptionGroup var signing: StatementOptions

    func run() throws {
        guard let result = try signing.stop(.resume, in: room.directory(), json: options.json) else { return }
        if options.json { return try Console.json(result) }
        try Console.line("resumed by entry \(result.entry)")
    }
}

extension StatementOptions {
    /// Signs a halt or a resume, and carries out what enough have signed.
    /// - Returns: nil when more have to sign, which was said then.
    fileprivate func stop(_ kind: StopStatement.Kind, in room: String, json: Bool) throws -> StopResult? {
        let order = try StopOrder(room: room)
        let envelope = try sign(StopStatement.self, isAsked: { $0.kind == kind }) {
            try order.statement(kind, reason: reason)
        }
        let lack = try lack(in: envelope, under: order.policy()) { StopEnvelope.lack(of: $0, for: kind, under: $1) }
        if let lack {
            try report(lack, envelope, json: json)
            return nil
        }
        return try order.deliver(envelope, version: Version.text)
    }
}

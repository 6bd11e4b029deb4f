// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import TransparencyLog

/// `atomic audit witness`
struct AuditWitness: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Ask the room's witnesses to sign the log as it is now.",
        discussion: "Example: atomic audit witness --room ward-3 > ward-3.cosigned\n"
            + "Prints the checkpoint with a line of each witness that signed (c2sp.org/tlog-cosignature). The witnesses are those "
            + "of room.yaml. Ends with 4 when one has seen a longer or another history of this log, with 75 when too few "
            + "can be reached.")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions

    func run() throws {
        let report = try RoomView(room.directory()).askWitnesses()
        guard report.error == nil || options.json && !report.signed.isEmpty else {
            // Who signed all the same is not lost by saying who did not.
            if let error = report.error { throw error }
            return
        }
        guard options.json else {
            for refused in report.refused { Console.note("\(refused.witness.name) \(refused.why)") }
            return try Console.show(report.note.bytes)
        }
        try Console.show(
            json:
                JSONValue.object([
                    "origin": .string(report.checkpoint.origin), "size": .integer(Int64(report.checkpoint.size)),
                    "root": .string(Base64.encode(report.checkpoint.root.bytes)), "vkey": .string(report.key.vkey),
                    "checkpoint": .string(String(decoding: report.note.bytes, as: UTF8.self)),
                    "cosignatures": .array(
                        report.signed.map {
                            .object([
                                "witness": .string($0.witness.name), "vkey": .string($0.witness.vkey),
                                "timestamp": .string(String($0.timestamp)),
                            ])
                        }),
                    "refusals": .array(
                        report.refused.map {
                            .object([
                                "witness": .string($0.witness.name), "url": .string($0.url), "why": .string($0.why),
                            ])
                        }),
                ]))
        if let error = report.error { throw EarlyExit(code: error.exit.rawValue) }
    }
}

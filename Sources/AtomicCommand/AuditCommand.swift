// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import TransparencyLog

/// `atomic audit`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The room's transparency log.",
        discussion: "Reading needs no lock: it works beside a running job. Every entry shown was checked against the "
            + "signed checkpoint.",
        subcommands: [Tail.self, Show.self, AuditVerify.self, AuditCheckpoint.self, AuditAppend.self])

    struct Tail: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The last entries, one per line.",
            discussion: "Example: atomic audit tail -n 40 --room ward-3\nWith --json each line is the stored entry.")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Option(name: .shortAndLong, help: "How many entries.")
        var number: UInt64 = 20

        func run() throws {
            let reader = try LogReader(room: room.directory())
            var next = reader.size - min(number, reader.size)
            // A bundle's worth at a time, so that a long tail does not have to fit in memory.
            while next < reader.size {
                let end = min(reader.size, next + 256)
                var text: [UInt8] = []
                for bytes in try reader.rawEntries(in: next..<end) {
                    text += options.json ? bytes : Array(try EntryText(LogEntry(bytes: bytes)).line.utf8)
                    text.append(0x0a)
                }
                try Files.write(text, to: 1, named: "stdout")
                next = end
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One entry, with all that it says.",
            discussion: "Example: atomic audit show 12 --room ward-3\nWith --proof the entry's inclusion proof "
                + "(c2sp.org/tlog-proof@v1) for the current checkpoint.")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Flag(help: "Print the inclusion proof instead of the entry.")
        var proof = false
        @Argument(help: "The entry's number, from 0.")
        var index: UInt64

        func run() throws {
            let reader = try LogReader(room: room.directory())
            let bytes = try reader.rawEntry(index)
            if proof {
                let text = try reader.inclusionProof(index).bytes
                guard options.json else { return try Files.write(text, to: 1, named: "stdout") }
                return try Console.json(["proof": String(decoding: text, as: UTF8.self)])
            }
            guard options.json else { return try Console.line(EntryText(LogEntry(bytes: bytes)).paragraph) }
            try Files.write(bytes + [0x0a], to: 1, named: "stdout")
        }
    }
}

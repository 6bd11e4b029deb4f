// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Glibc
internal import TransparencyLog

/// `atomic audit`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The room's transparency log.",
        discussion: "Reading needs no lock: it works beside a running job. Every entry shown was checked against the "
            + "signed checkpoint.",
        subcommands: [
            Tail.self, Show.self, AuditVerify.self, AuditProve.self, AuditCheckpoint.self, AuditExport.self,
            AuditAppend.self,
        ])

    struct Tail: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The last entries, one per line.",
            discussion: "Example: atomic audit tail -n 40 --follow --room ward-3\nWith --json each line is the stored "
                + "entry. A follower ends with 4 when the log no longer begins with what it has seen.")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Option(name: .shortAndLong, help: "How many entries.")
        var number: UInt64 = 20
        @Flag(name: .shortAndLong, help: "Go on with every new entry, until interrupted.")
        var follow = false

        /// How often a follower looks, in microseconds.
        private static let pause: UInt32 = 200_000

        func run() throws {
            var reader = try LogReader(room: room.directory())
            try write(reader, from: reader.size - min(number, reader.size))
            while follow {
                usleep(Self.pause)
                // Whoever follows sees a log that is cut or rewritten under them.
                let now = try reader.later()
                try write(now, from: reader.size)
                reader = now
            }
        }

        private func write(_ reader: LogReader, from start: UInt64) throws {
            var next = start
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
            var reader = try LogReader(room: room.directory())
            let bytes = try reader.rawEntry(index)
            if proof {
                reader = try LogReader(publishing: room.directory(), note: Console.note)
                let text = try reader.inclusionProof(index).bytes
                guard options.json else { return try Files.write(text, to: 1, named: "stdout") }
                return try Console.json(["proof": String(decoding: text, as: UTF8.self)])
            }
            guard options.json else { return try Console.line(EntryText(LogEntry(bytes: bytes)).paragraph) }
            try Files.write(bytes + [0x0a], to: 1, named: "stdout")
        }
    }
}

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
            AuditAppend.self, AuditWitness.self,
        ])

    struct Tail: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The last entries, one per line.",
            discussion: """
                Example: atomic audit tail -n 40 --follow --room ward-3
                Each line: number, time, who, type, what happened; to which job; by which rule. With --json each line is the \
                stored entry. A follower ends with 4 when the log no longer begins with what it has seen.
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Option(name: .shortAndLong, parsing: .unconditional, help: "How many entries.")
        var number: UInt64 = 20
        @Flag(name: .shortAndLong, help: "Go on with every new entry, until interrupted.")
        var follow = false

        /// How often a follower looks, in milliseconds.
        private static let pause: Int32 = 200

        func run() throws {
            let directory = try room.directory()
            var stamp = LogStamp(room: directory)
            var reader = try room.log()
            try write(reader, from: reader.size - min(number, reader.size))
            while follow {
                try Self.wait()
                let now = LogStamp(room: directory)
                guard now != stamp else { continue }
                // Whoever follows sees a log that is cut or rewritten under them.
                let later = try reader.later()
                try write(later, from: reader.size)
                (reader, stamp) = (later, now)
            }
        }

        /// A pause, which ends at once when nobody reads our output any more.
        private static func wait() throws {
            var output = pollfd(fd: 1, events: 0, revents: 0)
            // SAFETY: one pollfd is passed with a count of one.
            guard unsafe poll(&output, 1, pause) > 0, output.revents & Int16(POLLERR | POLLNVAL) != 0 else { return }
            throw EarlyExit(code: ExitStatus.done.rawValue)
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
                try Console.show(text)
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
        @Argument(help: "The entry's number, from 0.", transform: EntryNumber.read)
        var index: UInt64

        func run() throws {
            var reader = try room.log()
            let bytes = try reader.rawEntry(index)
            if proof {
                reader = try room.published()
                let text = try reader.inclusionProof(index).bytes
                guard options.json else { return try Console.show(text) }
                return try Console.show(json: ["proof": String(decoding: text, as: UTF8.self)])
            }
            guard options.json else { return try Console.show(line: EntryText(LogEntry(bytes: bytes)).paragraph) }
            try Console.show(bytes + [0x0a])
        }
    }
}

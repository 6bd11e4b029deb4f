// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Glibc
internal import TransparencyLog

/// Entries from a first to before a last, written `A:B`, `A:` or `:B`.
struct EntryRange: ExpressibleByArgument {
    let start: UInt64
    let end: UInt64?

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let start = parts[0].isEmpty ? 0 : UInt64(parts[0]) else { return nil }
        guard parts[1].isEmpty || UInt64(parts[1]) != nil else { return nil }
        self.start = start
        end = UInt64(parts[1])
    }
}

/// `atomic audit export`
struct AuditExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "A part of the log as static files that verify by themselves.",
        discussion: "Example: atomic audit export --range 200:300 --output part --room ward-3\n"
            + "Writes a directory in the layout of c2sp.org/tlog-tiles: the signed checkpoint, the entry bundles of the range and "
            + "every tile that a client needs to prove them against it. Bundles are of 256, so neighbours of the range come "
            + "along. A:B is from entry A to before B; either may be left out.")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Option(parsing: .unconditional, help: ArgumentHelp("The entries, from A to before B.", valueName: "A:B"))
    var range: EntryRange
    @Option(name: .shortAndLong, help: "The directory to make; it must not exist.")
    var output: String

    func run() throws {
        let reader = try room.published()
        let end = range.end ?? reader.size
        guard range.start < end, end <= reader.size else {
            throw UsageFault(
                "\(range.start):\(end) is not a range of entries in a log of \(reader.size)",
                remedy: "write FIRST:BEFORE, for example --range 0:\(reader.size)")
        }
        guard !Files.exists(output) else {
            throw UsageFault("\(output) exists", remedy: "name a directory that does not exist yet")
        }
        // Under another name until it is whole. What an export that died has left there is of another moment of the log.
        let part = "\(output).part"
        guard !Files.exists(part) else {
            throw UsageFault(
                "\(part) exists: another export is at work, or one died there",
                remedy: "when none is at work, remove it, or name another directory")
        }
        let paths = reader.paths(covering: range.start..<end)
        var made: Set<String> = []
        for path in paths {
            let place = "\(part)/\(path)"
            if made.insert(Files.parent(of: place)).inserted { try Files.createDirectory(Files.parent(of: place)) }
            try Files.writeVisibly(reader.contents(of: path), to: place)
        }
        try Files.writeVisibly(reader.checkpointNote, to: "\(part)/checkpoint")
        try Files.syncFileSystem(of: part)
        // SAFETY: the strings are passed as NUL-terminated copies for the call only.
        guard unsafe rename(part, output) == 0 else { throw BaseError.system("rename to", output) }
        guard options.json else {
            return try Console.show(
                line:
                    "\(output): entries \(range.start) to \(end - 1) of \(reader.size), \(paths.count) tiles, signed by \(reader.key.vkey)"
            )
        }
        try Console.show(
            json:
                JSONValue.object([
                    "output": .string(output), "origin": .string(reader.checkpoint.origin),
                    "size": .integer(Int64(reader.size)),
                    "from": .integer(Int64(range.start)), "to": .integer(Int64(end)),
                    "tiles": .integer(Int64(paths.count)),
                    "vkey": .string(reader.key.vkey),
                ]))
    }
}

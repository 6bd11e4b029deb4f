// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import TransparencyLog

/// A wrong use that only shows when the verb is at work, for example a range that this log does not have.
struct UsageFault: ExplainedError {
    let message: String
    let remedy: String

    init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    var codeName: String { "usage" }
    var exit: ExitStatus { .usage }
}

extension RoomOptions {
    /// The log of the room, for reading.
    ///
    /// - Throws: `no-room` (exit 2) where there is neither room nor log; `inconsistent` (exit 4) where there is a room and its
    ///   log is gone: that is no wrong path.
    func log() throws -> LogReader { try Self.explaining(directory()) { try LogReader(room: $0) } }

    /// The log as it leaves the room: with the lines of all its keys under the checkpoint.
    func published() throws -> LogReader {
        try Self.explaining(directory()) { try LogReader(publishing: $0, note: Console.note) }
    }

    static func explaining<Value>(_ directory: String, _ body: (String) throws -> Value) throws -> Value {
        do {
            return try body(directory)
        } catch let error as LogError where error.code == .missing && !hasLog(directory) {
            guard Files.exists(RoomPaths(directory).configuration) else {
                throw RoomError(
                    .noRoom, "there is no room with a log in \(directory)",
                    remedy: "give the right directory, or make a room with: atomic init ROOM", exit: .usage,
                    cause: error)
            }
            throw RoomError(
                .inconsistent, "\(directory) is a room, and its log is gone",
                remedy: "find out who removed log/ and log-wal/, and restore them from a copy", exit: .unverified,
                cause: error)
        }
    }

    private static func hasLog(_ directory: String) -> Bool {
        Files.isDirectory(directory + "/log") || Files.isDirectory(directory + "/log-wal")
    }
}

extension NoteVerifier {
    /// A verifier key as somebody typed it. One that is no key proves nothing about any log: exit 2, not 4.
    static func typed(_ vkey: String) throws -> NoteVerifier {
        do throws(LogError) {
            return try NoteVerifier(vkey: vkey)
        } catch {
            throw UsageFault(
                "--vkey \(TerminalText.line(vkey)): \(error.message)",
                remedy: "give the whole key, as atomic audit checkpoint --json printed it")
        }
    }
}

/// An entry's number as somebody typed it.
enum EntryNumber {
    static func read(_ text: String) throws -> UInt64 {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text) else {
            throw ValidationError("an entry's number is a whole number from 0")
        }
        return number
    }
}

extension Console {
    /// Results of a verb that only reads. A reader who has seen enough (`| head -1`) is no failure: the verb ends there,
    /// quietly.
    static func show(_ bytes: some Collection<UInt8>) throws {
        do throws(BaseError) {
            try Files.write(bytes, to: 1, named: "stdout")
        } catch {
            guard error.code == .readerGone else { throw error }
            throw EarlyExit(code: ExitStatus.done.rawValue)
        }
    }

    static func show(line text: String) throws { try show(Array((TerminalText.lines(text) + "\n").utf8)) }

    static func show(json value: some Encodable) throws { try show(CanonicalJSON.encode(value) + [0x0a]) }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The arguments of `atomicd`.
struct DaemonOptions: Equatable {
    static let usage = """
        usage: atomicd --room DIR [--workers N] [--queue N] [--grace DURATION]

        Holds a room open and works for everybody who may: the room's owner and root, over ROOM/run/atomicd.sock.

          --workers N        jobs at work at once (1 to 64; default 4); models share the processors fairly between them
          --queue N          jobs that may wait for a worker (0 to 9999; default 64); one more is told to try again (75)
          --grace DURATION   how long running microtasks may take to end after SIGTERM or SIGINT (default 10s)

        Exit status: 0 it was told to stop, 75 another process has the room, others as those of atomic.
        """

    var room: String
    var workers = 4
    var queue = 64
    /// Nanoseconds.
    var grace: Int64 = 10_000_000_000

    enum Parsed: Equatable {
        case options(DaemonOptions)
        case help
        case version
        case wrong(String)
    }

    static func parse(_ arguments: [String]) -> Parsed {
        var room: String?
        var options = DaemonOptions(room: "")
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "-h" || argument == "--help" { return .help }
            if argument == "--version" { return .version }
            guard ["--room", "--workers", "--queue", "--grace"].contains(argument) else {
                return .wrong("unknown argument \(argument)")
            }
            guard let value = rest.popFirst() else { return .wrong("\(argument) wants a value") }
            switch argument {
            case "--room": room = value
            case "--workers":
                guard let number = Int(value), (1...64).contains(number) else {
                    return .wrong("--workers wants a number from 1 to 64")
                }
                options.workers = number
            case "--queue":
                guard let number = Int(value), (0...9_999).contains(number) else {
                    return .wrong("--queue wants a number from 0 to 9999")
                }
                options.queue = number
            default:
                guard let duration = Durations.parse(value) else {
                    return .wrong("--grace wants a whole number and ms, s, m or h, such as 10s")
                }
                options.grace = duration
            }
        }
        guard let room, !room.isEmpty else { return .wrong("no room is given") }
        options.room = room
        return .options(options)
    }
}

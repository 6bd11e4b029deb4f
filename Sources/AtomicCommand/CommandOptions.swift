// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc

/// Options that every verb has.
struct CommandOptions: ParsableArguments {
    @Flag(help: "Print results and errors as JSON.")
    var json = false
}

/// The room a verb works on.
struct RoomOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The room's directory.", discussion: "Default: the environment's ATOMIC_ROOM."))
    var room: String?

    /// The directory, from `--room` or `ATOMIC_ROOM`.
    func directory() throws -> String {
        if let room { return room }
        // SAFETY: getenv returns nil or a NUL-terminated string that is copied at once; nothing sets the environment.
        if let variable = unsafe getenv("ATOMIC_ROOM") { return unsafe String(cString: variable) }
        throw UsageFault("no room is given", remedy: "use --room DIR or set ATOMIC_ROOM")
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon

/// `atomic key`
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The room's own keys: rotate those of its log.", subcommands: [Rotate.self])

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the log new keys, announced in the log itself.",
            discussion: """
                Example: atomic key rotate --room ward-3

                The log keeps its origin and its entries. An entry key.rotated, signed by the old keys, names the new ones; \
                from then on these sign, and the files of the old ones are gone. Who has the old verifier key follows the \
                entry; so nobody has to be told, but outside copies of the key should be renewed.
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions

        func run() throws {
            let keys = try Supervisor.use(self.room.directory()) { room in
                try room.rotateLogKeys()
            } daemon: { daemon in
                try daemon.ask(.keyRotate, for: RotatedKeys.self, note: Console.note)
            }
            if options.json { return try Console.json(keys) }
            try Console.line("log       \(keys.origin)")
            try Console.line("entry     \(keys.entry) announces the new keys")
            try Console.line("key       \(keys.vkey)")
            if let second = keys.postQuantumVkey { try Console.line("ML-DSA-65 \(second)") }
        }
    }
}

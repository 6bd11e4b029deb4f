// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import AuditBundle
internal import CleanRoom

/// `atomic bundle`
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Audit bundles: export, verify.",
        subcommands: [Export.self, Verify.self, Trust.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a room's story as one signed file.",
            discussion: """
                Example: atomic bundle export --room ward-3 -o ward-3.atomic

                Reads beside a running job; holds no plaintext and no keys.
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Option(name: [.short, .customLong("output")], help: "The bundle's file.")
        var output: String

        func run() throws {
            let digest = try RoomView(room.directory()).exportBundle(to: output)
            if options.json { return try Console.json(["bundle": output, "digest": digest.description]) }
            try Console.line(digest.description)
        }
    }

    struct Trust: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the keys that a reader of this room's bundles may trust.",
            discussion: """
                Example: atomic bundle trust --room ward-3 -o trust.json

                Whoever does not trust the room collects the keys from their holders and compares.
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Option(name: [.short, .customLong("output")], help: "The trust file.")
        var output: String

        func run() throws {
            let trust = try RoomView(room.directory()).trustFile()
            try Files.writeDurably(CanonicalJSON.encode(trust) + [0x0a], to: output)
            if options.json { return try Console.json(trust) }
            try Console.line(output)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every claim of a bundle, as atomic-verify does.",
            discussion: "Example: atomic bundle verify ward-3.atomic --trust trust.json")

        @OptionGroup var options: CommandOptions
        @Argument(help: "The bundle's file.")
        var bundle: String
        @Option(help: "The trust file.")
        var trust: String

        func run() throws {
            let report = BundleVerifier.verify(
                bundle: try Files.read(bundle, limit: 1 << 30), trust: try Files.read(trust, limit: 16 << 20))
            if options.json {
                try Console.json(report)
            } else {
                for claim in report.claims {
                    let reason = claim.reason.map { ": \($0)" } ?? ""
                    try Console.line("\(claim.verdict.rawValue)  \(claim.says)\(reason)")
                }
            }
            guard report.verified else { throw EarlyExit(code: ExitStatus.unverified.rawValue) }
        }
    }
}

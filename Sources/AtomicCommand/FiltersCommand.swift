// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Jail

/// `atomic filters`: what `scripts/build` and packagers run once.
struct FiltersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filters", abstract: "Compile the seccomp profiles of an installation in advance.",
        discussion: """
            Writes DIGEST.bpf for every profile. Beside the programs, in `filters/`, they are used instead of compiling.

            Example: atomic filters --profiles Policies/seccomp --output .build/release/filters
            """)

    @OptionGroup var options: CommandOptions
    @Option(help: "The directory of the profiles.")
    var profiles: String
    @Option(help: "Where to write.")
    var output: String

    func run() throws {
        let names = try PreparedFilter.prepare(profiles: profiles, into: output)
        if options.json { return try Console.json(names) }
        try Console.line(names.joined(separator: " "))
    }
}

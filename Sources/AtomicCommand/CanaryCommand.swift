// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Disclosure

/// `atomic canary`
struct CanaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary", abstract: "Make tokens to plant in data, to find out when a model copies it.",
        discussion: """
            A token is one word that no text has by chance. Put one where a reader does not mind it: at the end of a letter, in an \
            unused column. A room finds the tokens of an input by their form; where the policy says outputs.CLASS.canaries: deny, \
            no answer with one of them, or with half of one, leaves.

            Example: atomic canary --count 3
            """)

    @OptionGroup var options: CommandOptions
    @Option(help: "How many.")
    var count = 1

    func validate() throws {
        guard (1...10_000).contains(count) else { throw ValidationError("--count is 1 to 10000") }
    }

    func run() throws {
        let tokens = (0..<count).map { _ in CanaryToken.make() }
        if options.json { return try Console.json(["canaries": tokens]) }
        for token in tokens { try Console.line(token) }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc
internal import Sealing

/// `atomic open`: decrypts an age file.
struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open a sealed file (age v1).",
        discussion: """
            The output is written only when the whole file has authenticated:
            standard output and pipes, too, get all or nothing. No label is needed.

            Example:
              atomic open -i requester.key answer.json.age -o answer.json
            """)

    @Option(name: [.short, .long], help: "An identity file, as a path or file: URI; repeatable.")
    var identity: [String] = []

    @Argument(help: "The sealed file, - for standard input.")
    var input: String

    @Option(name: [.short, .long], help: "The file to write (mode 0600), - for standard output.")
    var output = "-"

    @OptionGroup var options: CommandOptions

    /// What `--json` prints when the output is a file.
    private struct Report: Encodable {
        let output: String
        let bytes: Int64
    }

    func validate() throws {
        if identity.isEmpty { throw ValidationError("an identity is needed: -i FILE") }
    }

    func run() throws {
        let identity = try AgeIdentity(uris: identity)
        let source = try input == "-" ? OwnedFD(adopting: STDIN_FILENO) : Files.open(input, O_RDONLY)
        let target = try WholeFile(path: output, mode: 0o600)
        try Age.decrypt(from: source.raw, to: target.descriptor, identity: identity)
        let bytes = lseek(target.descriptor, 0, SEEK_END)
        try target.commit()
        if options.json, output != "-" { try Console.json(Report(output: output, bytes: Int64(bytes))) }
    }
}

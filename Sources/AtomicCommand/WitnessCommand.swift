// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc
internal import Jail
internal import TransparencyLog
internal import Witness

/// `atomic witness`
struct WitnessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Watch other people's logs, and sign that they only grow.",
        discussion:
            "A witness (c2sp.org/tlog-witness) remembers the newest checkpoint of each log that it signed and signs only "
            + "what continues it. Run it where the room's operator has no say.",
        subcommands: [Init.self, Serve.self, Show.self])

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a witness: its key and an empty memory.",
            discussion: "Example: atomic witness init --state w1 --name witness.example/w1 --key w1.pem\n"
                + "Prints the verifier key for room.yaml. The key is made where the file does not exist.")

        @OptionGroup var options: CommandOptions
        @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
        var state: String
        @Option(help: "What the witness is called; by custom a URL without its scheme.")
        var name: String
        @Option(help: ArgumentHelp("URI of its Ed25519 key.", valueName: "uri"))
        var key: String

        func run() throws {
            let verifier = try Witness.create(at: state, name: name, key: key)
            guard options.json else { return try Console.show(line: verifier.vkey) }
            try Console.show(json: ["name": verifier.name, "vkey": verifier.vkey, "state": state])
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a witness has signed last, per log.",
            discussion: "Example: atomic witness show --state w1\nWorks beside a witness that serves.")

        @OptionGroup var options: CommandOptions
        @Option(help: ArgumentHelp("The witness's directory.", valueName: "dir"))
        var state: String

        func run() throws {
            let directory = try WitnessDirectory(opening: state)
            let kept = try directory.kept()
            guard options.json else {
                try Console.show(line: directory.verifier.vkey)
                for log in kept {
                    try Console.show(
                        line:
                            "\(log.checkpoint.origin)  \(log.checkpoint.size) entries  root \(log.checkpoint.root.hex)")
                }
                return
            }
            try Console.show(
                json:
                    JSONValue.object([
                        "name": .string(directory.verifier.name), "vkey": .string(directory.verifier.vkey),
                        "logs": .array(
                            kept.map {
                                .object([
                                    "origin": .string($0.checkpoint.origin),
                                    "size": .integer(Int64($0.checkpoint.size)),
                                    "root": .string(Base64.encode($0.checkpoint.root.bytes)),
                                    "timestamp": .string(String($0.timestamp)),
                                ])
                            }),
                    ]))
        }
    }

    struct Serve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answer logs over HTTP, until told to stop.",
            discussion: "Example: atomic witness serve --state w1 --key w1.pem --log VKEY\n"
                + "Becomes atomic-witness, a program of its own: nothing else of Atomic listens to a network.")

        @Option(help: ArgumentHelp("The witness's directory.", valueName: "dir"))
        var state: String
        @Option(help: ArgumentHelp("URI of its key.", valueName: "uri"))
        var key: String
        @Option(help: ArgumentHelp("Where to listen; port 0 takes any free one.", valueName: "host:port"))
        var listen = "127.0.0.1:8477"
        @Option(help: ArgumentHelp("Verifier key of a log to watch; several are possible.", valueName: "vkey"))
        var log: [String]

        func run() throws {
            var arguments = ["atomic-witness", "--state", state, "--key", key, "--listen", listen]
            for vkey in log { arguments += ["--log", vkey] }
            let places = ["\(Files.parent(of: Executable.path))/atomic-witness", "/usr/libexec/atomic/atomic-witness"]
            // SAFETY: the strings outlive the call, which returns only when it failed; the array ends in nil.
            var argv: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
            unsafe argv.append(nil)
            defer { unsafe argv.forEach { unsafe free($0) } }
            for place in places {
                _ = unsafe execv(place, argv)
                if errno != ENOENT { break }
            }
            throw WitnessError(
                .missing,
                "atomic-witness is neither at \(places.joined(separator: " nor at ")): \(ErrorText.of(errno))",
                remedy: "run scripts/build, and keep the programs together")
        }
    }
}

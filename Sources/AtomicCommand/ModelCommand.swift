// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import Executors
internal import Jail
internal import RoomStore

/// `atomic model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Models of a room: register, list, show, verify.",
        subcommands: [Add.self, List.self, Show.self, Verify.self])

    /// What every verb prints of a model.
    private struct Line: Encodable {
        let name: String
        let version: String
        let digest: Digest
        let image: Digest
        let imageFiles: Int
        let imageBytes: UInt64

        init(_ model: RegisteredModel) {
            name = model.name
            version = model.version
            digest = model.digest
            image = model.imageDigest
            imageFiles = model.imageFiles
            imageBytes = model.imageBytes
        }

        var text: String {
            "\(digest)  \(name) \(version)  \(imageFiles) files, \((imageBytes + 999_999) / 1_000_000) MB"
        }
    }

    /// The model that a name or digest means, among those that the log registered.
    private static func find(_ wanted: String, in directory: String) throws -> RegisteredModel {
        let view = try RoomView(directory)
        let rows = try view.models().filter { $0.name == wanted || $0.digest == wanted }
        guard let digest = rows.last.flatMap({ Digest(string: $0.digest) }) else {
            throw ExecutorError(
                .notRegistered, "no model \(wanted) is registered in this room",
                remedy: "see: atomic model list --room \(directory)", exit: .usage)
        }
        return try ModelRegistry.load(digest, from: view.paths.models)
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a model bundle with everything it needs to run.",
            discussion: """
                Example: atomic model add Models/bogofilter --room ward-3

                Copies the program with its whole closure into the room, runs the bundle's sample in the jail, and prints \
                the digest that a policy names. With --compare-outside the sample is also run outside of any jail, with \
                your rights, and must be answered alike: it finds files that a closure lacks, and it runs the author's \
                program on this machine.
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Flag(help: "Also run the sample outside of any jail, and compare. For authors you trust with this machine.")
        var compareOutside = false
        @Argument(help: "The bundle: a directory with model.yaml.")
        var bundle: String

        func run() throws {
            let launcher = try Launcher.start()
            let directory = try self.room.directory()
            let compares = compareOutside
            let added = try Supervisor.use(directory) { room in
                try AddedModel(
                    room.register(bundle: bundle, launcher: launcher, comparingOutside: compares))
            } daemon: { daemon in
                if compares {
                    throw ValidationError(
                        "a daemon runs no model outside of a jail: stop it, or leave --compare-outside out")
                }
                return try daemon.ask(
                    .modelAdd(bundle: AbsolutePath.of(bundle)), for: AddedModel.self, note: Console.note)
            }
            let model = try ModelRegistry.load(added.digest, from: RoomPaths(directory).models)
            if options.json { return try Console.json(Line(model)) }
            try Console.line(added.digest.description)
            Console.note(
                added.isNew
                    ? "registered \(model.name): \(added.samples) sample inputs answered"
                        + (compares ? " alike inside and outside" : "")
                    : "\(model.name) is registered already, unchanged")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Registered models.", discussion: "Example: atomic model list --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions

        func run() throws {
            let view = try RoomView(room.directory())
            let lines = try view.models().compactMap { row in
                try Digest(string: row.digest).map { Line(try ModelRegistry.load($0, from: view.paths.models)) }
            }
            if options.json { return try Console.json(lines) }
            for line in lines { try Console.line(line.text) }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The manifest of a registered model.",
            discussion: "Example: atomic model show bogofilter --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The model's name or digest.")
        var model: String

        func run() throws {
            let model = try ModelCommand.find(self.model, in: room.directory())
            if options.json { return try Files.write(model.manifestBytes + [0x0a], to: 1, named: "stdout") }
            let manifest = model.manifest
            try Console.line(Line(model).text)
            try Console.line(
                "licence \(manifest.licence); protocol \(manifest.protocol.rawValue); profile \(manifest.profile)")
            try Console.line("argv \(manifest.argv.joined(separator: " "))")
            try Console.line("tasks \(manifest.tasks.map(\.type).joined(separator: ", "))")
            let prices = manifest.prices
            try Console.line(
                "prices \(prices.call) per call, \(prices.cpuSecond) per CPU second, \(prices.kibibyte) per KiB "
                    + prices.currency)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hash every file of a registered model and compare; exit 4 when one differs.",
            discussion: "Example: atomic model verify bogofilter --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The model's name or digest.")
        var model: String

        func run() throws {
            let model = try ModelCommand.find(self.model, in: room.directory())
            try ModelRegistry.verify(model)
            if options.json { return try Console.json(Line(model)) }
            try Console.line("\(model.name) is what was registered: \(model.digest)")
        }
    }
}

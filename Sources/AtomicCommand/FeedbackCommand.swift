// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon

/// `atomic feedback`
struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback", abstract: "Say which answers were right: the room learns from it.",
        discussion: """
            The next auctions count what was verified beside what models claim, and models that ask for examples get them.
            Example: atomic feedback latest --label 07-invoice.eml/spam=false --room ward-3
            """,
        subcommands: [Add.self, Erase.self], defaultSubcommand: Add.self)

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give labels to the answers of a job that has ended.",
            discussion: """
                A label is MESSAGE/MICROTASK=VALUE. A file of labels has a line per message:
                {"message":"07-invoice.eml","labels":{"spam":false,"category":"billing"}}
                A mistake in any label leaves all of them out. A second label for an answer replaces the first.
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The job's id, the beginning of it, or `latest`.")
        var job: String
        @Option(name: .customLong("label"), help: "MESSAGE/MICROTASK=VALUE; may be given more than once.")
        var labels: [String] = []
        @Option(help: "A file of labels, one JSON object per line; - for the standard input.")
        var from: String?
        @Option(help: "Where the labels come from: label, correction or reviewer.")
        var source = MessageLabel.Source.correction.rawValue

        func run() throws {
            guard let source = MessageLabel.Source(rawValue: source) else {
                throw ValidationError("\(source) is no source of labels: use label, correction or reviewer")
            }
            var given = try labels.map { try MessageLabel($0) }
            if let from {
                let bytes = try Files.read(from == "-" ? "/dev/stdin" : from, limit: 64 << 20)
                given += try MessageLabel.batch(bytes, named: from)
            }
            guard !given.isEmpty else { throw ValidationError("there is no label: use --label or --from") }
            let order = FeedbackOrder(job: job, labels: given, source: source)
            let outcome = try Supervisor.use(room.directory()) { room in
                try room.take(order)
            } daemon: { daemon in
                try daemon.ask(.feedback(order), for: FeedbackOutcome.self, note: Console.note)
            }
            if options.json { return try Console.json(outcome) }
            try Console.line(Self.summary(outcome.results))
        }

        /// One line per microtask and model, and how many labels there were.
        private static func summary(_ results: [FeedbackResult]) -> String {
            struct Place: Hashable {
                let microtask: String
                let model: String
                let left: String
            }
            let places = Dictionary(grouping: results) { result in
                Place(
                    microtask: result.microtask, model: result.model,
                    left: result.released ? "" : ", in answers that did not leave")
            }
            let order = places.keys.sorted { ($0.microtask, $0.model, $0.left) < ($1.microtask, $1.model, $1.left) }
            let lines = order.map { place in
                let all = places[place] ?? []
                let right = all.filter { $0.outcome == "right" }.count
                return "\(place.microtask): \(place.model) was right \(right) of \(all.count) times\(place.left)"
            }
            let results = results.filter(\.released)
            let replaced = results.filter(\.replaced).count
            let noted = replaced == 0 ? "" : ", \(replaced) of them in place of earlier ones"
            return (lines + ["\(results.count) labels recorded\(noted)"]).joined(separator: "\n")
        }
    }

    struct Erase: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget what the room remembers of messages.",
            discussion: """
                Their texts, labels and likenesses are erased; how often models were right stays counted.
                Example: atomic feedback erase latest --message 07-invoice.eml --room ward-3
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The job's id, the beginning of it, or `latest`.")
        var job: String
        @Option(name: .customLong("message"), help: "An input's file name; may be given more than once. Default: all.")
        var messages: [String] = []

        func run() throws {
            let order = ForgetOrder(job: job, messages: messages)
            let count = try Supervisor.use(room.directory()) { room in
                try room.forget(order)
            } daemon: { daemon in
                try daemon.ask(.forget(order), for: Int.self, note: Console.note)
            }
            if options.json { return try Console.json(["erased": count]) }
            try Console.line("\(count) sealed entries erased")
        }
    }
}

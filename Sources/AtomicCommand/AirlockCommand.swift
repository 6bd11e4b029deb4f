// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import AuditBundle
internal import CleanRoom
internal import Daemon
internal import Glibc
internal import Reporting
internal import Sealing

/// `atomic airlock`
struct AirlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "airlock", abstract: "Answers that wait for a person: see them, let them out or keep them in.",
        discussion: """
            The policy says which answers wait (outputs.CLASS.review) and who may decide: its requesters with the role reviewer, \
            never the one who asked. A reviewer whom the policy knows by key signs the decision (--reviewer NAME --key KEY); the \
            others are known by their user id.
            """,
        subcommands: [List.self, Show.self, Approve.self, Reject.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What waits, the oldest first.", discussion: "Example: atomic airlock list --room ward-3")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Flag(help: "Also what was decided.")
        var all = false

        func run() throws {
            let items = try RoomView(room.directory()).airlock(all: all)
            if options.json { return try Console.json(["airlock": items]) }
            guard !items.isEmpty else { return try Console.line("nothing waits in the airlock") }
            var table = TextTable([
                ("number", .right), ("state", .left), ("message", .left), ("class", .left), ("requester", .left),
                ("approvals", .right), ("canaries", .left), ("job", .left),
            ])
            for item in items {
                table.add([
                    String(item.entry), item.state, TerminalText.line(item.message), item.class, item.requester,
                    "\(item.approvals) of \(item.needed)", item.canaries, item.job,
                ])
            }
            try Console.line(table.lines.joined(separator: "\n"))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One answer: its labels and checks; with a reviewer's identity also the answer.",
            discussion: "Example: atomic airlock show 41 --room ward-3 -i reviewer.key")

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Option(name: [.short, .long], help: "A reviewer's identity file, as a path or file: URI; repeatable.")
        var identity: [String] = []
        @Argument(help: "Its number in the list.")
        var number: Int64

        private struct Body: Encodable {
            let airlock: AirlockItem
            let sheet: AirlockSheet?
        }

        func run() throws {
            let view = try RoomView(room.directory())
            let item = try view.airlock(number)
            let sheet = identity.isEmpty ? nil : try view.sheet(of: item, identity: AgeIdentity(uris: identity))
            if options.json { return try Console.json(Body(airlock: item, sheet: sheet)) }
            try Console.line(AirlockText(item: item, sheet: sheet).lines.joined(separator: "\n"))
        }
    }

    struct Approve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an answer out, as one of its reviewers.",
            discussion: "Example: atomic airlock approve 41 --reason \"names nobody\" --room ward-3")
        @OptionGroup var options: CommandOptions
        @OptionGroup var decision: AirlockDecision

        func run() throws { try decision.run("approve", json: options.json) }
    }

    struct Reject: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep an answer in, for good.",
            discussion: "Example: atomic airlock reject 41 --reason \"quotes the patient\" --room ward-3")
        @OptionGroup var options: CommandOptions
        @OptionGroup var decision: AirlockDecision

        func run() throws { try decision.run("reject", json: options.json) }
    }
}

/// What approving and rejecting have in common.
struct AirlockDecision: ParsableArguments {
    @OptionGroup var room: RoomOptions
    @Option(help: "Why: one line, which goes into the log. Nothing of the answer belongs there.")
    var reason: String
    @Option(help: "The reviewer's name in the policy. Default: the one with your user id.")
    var reviewer: String?
    @Option(
        help: ArgumentHelp(
            "Key URI of a reviewer whom the policy knows by key (file:PATH or a path to a PKCS#8 PEM).",
            valueName: "uri"))
    var key: String?
    @Argument(help: "Its number in the list.")
    var number: Int64

    private struct Body: Encodable {
        let entry: Int64
        let verdict: String
        let state: String
    }

    func run(_ verdict: String, json: Bool) throws {
        let directory = try room.directory()
        let order = AirlockOrder(
            entry: number, reviewer: reviewer, verdict: verdict, reason: reason,
            signature: try signature(verdict, in: directory))
        let state = try Supervisor.use(directory) { room in
            try room.decide(order, caller: getuid())
        } daemon: { daemon in
            try daemon.ask(.airlock(order), for: String.self, note: Console.note)
        }
        if json { return try Console.json(Body(entry: number, verdict: verdict, state: state)) }
        try Console.line("\(number)  \(verdict)  \(state)")
    }

    /// Made here: the key goes to no other process.
    private func signature(_ verdict: String, in directory: String) throws -> String? {
        guard let key else { return nil }
        guard let reviewer else { throw ValidationError("--key goes with --reviewer NAME") }
        let view = try RoomView(directory)
        let item = try view.airlock(number)
        guard let input = Digest(string: item.input), let held = Digest(string: item.held) else { return nil }
        let event = Event.AirlockDecided(
            input: input, held: held, reviewer: reviewer, verdict: verdict, reason: reason)
        return try AirlockStatement(room: view.configuration.origin, job: item.job, event)
            .sign(by: SigningKey(uri: key))
    }
}

/// An answer of the airlock as a person reads it.
struct AirlockText {
    let item: AirlockItem
    let sheet: AirlockSheet?

    var lines: [String] {
        func line(_ name: String, _ text: String) -> String {
            name + String(repeating: " ", count: max(1, 12 - name.count)) + TerminalText.line(text)
        }
        let owners = item.owners.isEmpty ? "nobody's label" : item.owners.joined(separator: ", ")
        var lines = [
            line("number", String(item.entry)), line("state", item.state + (item.code.map { " (\($0))" } ?? "")),
            line("message", item.message), line("job", "\(item.job), asked by \(item.requester) for \(item.purpose)"),
            line("label", "\(item.class), of \(owners)"), line("size", "\(item.bytes) bytes"),
            line("schema", item.microtasks.joined(separator: ", ")), line("canaries", item.canaries),
            line("approvals", "\(item.approvals) of \(item.needed)"),
        ]
        for decision in item.decisions {
            lines.append(line("decided", "\(decision.reviewer): \(decision.verdict), \(decision.reason)"))
        }
        guard let sheet else { return lines + ["answer      sealed: -i IDENTITY of a reviewer opens it"] }
        for token in sheet.planted {
            lines.append(
                line("canary", token + (sheet.leaked.contains(token) ? " COMES UP IN THE ANSWER" : " does not come up"))
            )
        }
        lines.append(line("copied", "at most \(sheet.longestRun) letters and digits in a row"))
        if let cell = sheet.smallestCell { lines.append(line("cells", "none below \(cell) but 0")) }
        lines.append(line("answer", String(decoding: sheet.answer.canonical, as: UTF8.self)))
        return lines
    }
}

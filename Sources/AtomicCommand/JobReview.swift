// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Reporting
internal import RoomStore

/// `atomic job review`
struct JobReview: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "The messages of a job that a person should look at, and why.",
        discussion: """
            Lists messages that ended as needs-review with the microtasks that are the reason. What was answered stays sealed: \
            the requester opens it, decides, and says so with atomic feedback.

            Example: atomic job review latest --room ward-3
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Flag(help: "Also those that somebody has decided.")
    var all = false
    @Argument(help: "The job's id, or the beginning of it, or latest.")
    var job: String

    func run() throws {
        let directory = try room.directory()
        let view = try RoomView(directory)
        let row = try view.job(job)
        let reviews = try view.reviews(row).filter { all || $0.decided == nil }
        if options.json {
            struct Body: Encodable {
                let job: String
                let reviews: [ReviewItem]
            }
            return try Console.json(Body(job: row.id, reviews: reviews))
        }
        try Console.line(ReviewTable(job: row.id, room: directory, reviews: reviews).text)
    }
}

/// The list as a person reads it, with what to do.
struct ReviewTable {
    let job: String
    let room: String
    let reviews: [ReviewItem]

    var text: String {
        guard let first = reviews.first else { return "\(job): no message needs a review" }
        var table = TextTable([
            ("message", .left), ("microtask", .left), ("why", .left), ("answer of", .left), ("decided", .left),
        ])
        var last = ""
        for item in reviews {
            table.add([
                item.message == last ? "" : TerminalText.line(item.message), item.microtask, Self.words(item.why),
                item.model ?? "- (none)", item.decided ?? "",
            ])
            last = item.message
        }
        let messages = Set(reviews.filter { $0.decided == nil }.map(\.message)).count
        let name = TerminalText.line(first.message)
        return """
            \(table.lines.joined(separator: "\n"))

            \(messages) message\(messages == 1 ? "" : "s") of \(job) to be reviewed
            read   atomic open -i KEY OUT/\(name).json.age -o ANSWER
            decide atomic feedback \(job) --source reviewer --label \(name)/\(first.microtask)=VALUE --room \(room)
            """
    }

    private static func words(_ why: String) -> String {
        switch why {
        case "low-confidence": "no model was sure enough"
        case "always": "the task graph asks for it"
        case "needs-failed": "what it needs failed"
        default: why
        }
    }
}

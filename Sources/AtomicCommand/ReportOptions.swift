// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Reporting

/// Where a page about a job goes.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the summary as a web page to this file: plots and tables, no content.", valueName: "file.html"))
    var report: String?

    /// Before the job runs: an hour later is too late to learn that a directory is missing.
    func validate() throws {
        guard let report else { return }
        guard !Files.isDirectory(report) else {
            throw ValidationError("--report \(report) is a directory: name a file in it")
        }
        guard Files.isDirectory(Files.parent(of: report)) else {
            throw ValidationError("--report \(report): the directory \(Files.parent(of: report)) does not exist")
        }
    }

    /// The whole page or none, whatever happens meanwhile.
    func write(_ facts: JobFacts) throws {
        guard let report else { return }
        try Files.writeDurably(ReportPage(facts).bytes, to: report)
    }
}

/// What a person and a program read about a job.
struct JobText {
    /// Rows of a table that a person still reads; a file and a pipe get all.
    static let rows = 40

    let facts: JobFacts

    var text: String {
        let table = MessageTable(facts, limit: Console.isTerminal ? Self.rows : .max).text
        return table + "\n\n" + SummaryText(facts).text
    }

    /// What a message and its microtasks came to, for `--json`.
    struct Message: Encodable {
        let name: String
        let state: String
        let code: String?
        /// Nanoseconds.
        let latencyNs: String?
    }

    var messages: [Message] {
        facts.messages.map { message in
            Message(
                name: message.name, state: message.state, code: message.code,
                latencyNs: message.latencyNs.map { String($0) })
        }
    }
}

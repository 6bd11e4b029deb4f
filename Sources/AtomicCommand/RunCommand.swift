// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import Jail
internal import Reporting

/// `atomic run`: the main job, start to finish.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a job: seal, auction, run in jails, check, release, receipt.",
        discussion: """
            Example: atomic run Examples/email-triage/job.yaml --room ward-3

            The same command after a crash finishes the same job; while it runs in a daemon, it joins it. Answers are sealed to the requester that the policy \
            names and written as NAME.json.age into the job's output directory, relative to the working directory.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Argument(help: "The job file.")
    var job: String
    @Option(help: "Key URI of the data owner who labels cleartext inputs; by default what room.yaml names.")
    var owner: String?
    @Option(help: "Write the room's audit bundle to this file afterwards.")
    var bundle: String?
    @Option(
        help: ArgumentHelp("Count right answers by this file of labels; see docs/reports.md.", valueName: "file.json"))
    var labels: String?
    @OptionGroup var page: ReportOptions

    func run() throws {
        // First of all: it starts before there are threads and before there are secrets in this process.
        let launcher = try Launcher.start()
        let labels = try self.labels.map { try LabelFile(reading: $0) }
        let view = RunProgress()
        let report = try Supervisor.use(self.room.directory()) { room in
            try room.admitting {
                let request = try JobRequest(jobFile: job, owner: owner, room: room, progress: view.show)
                try labels?.check(request)
                return try JobRunner(
                    room: room, request: request, launcher: launcher, labels: labels?.labels ?? [:], progress: view.show
                ).run()
            }
        } daemon: { daemon in
            try daemon.run(
                JobOrder(jobFile: job, owner: owner, labels: labels?.labels), progress: view.show, note: Console.note)
        }
        if let bundle { _ = try RoomView(self.room.directory()).exportBundle(to: bundle) }
        try RunResult(report, in: self.room.directory()).print(page, json: options.json)
        guard report.exit == .done else { throw EarlyExit(code: report.exit.rawValue) }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import ArgumentParser
internal import AtomicBase
internal import Glibc

/// `atomic`: the command line of a room.
public struct AtomicCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "atomic",
        abstract: "A sovereign clean room for AI models.",
        discussion: "Exit codes: 0 done, 1 failed, 2 usage, 3 denied by policy, 4 verification failed, 5 the jail "
            + "could not be built, 6 the model failed, 7 budget, 8 halted, 75 try again.",
        version: Version.text,
        subcommands: [
            InitCommand.self, ModelCommand.self, TaskCommand.self, BundleCommand.self, RunCommand.self,
            WatchCommand.self, JobCommand.self, AirlockCommand.self,
            HaltCommand.self, ResumeCommand.self, RestoreCommand.self,
            JailCommand.self, DoctorCommand.self, FiltersCommand.self,
            PolicyCommand.self, KeyCommand.self, KeygenCommand.self, SealCommand.self, OpenCommand.self,
            CanaryCommand.self,
            AuditCommand.self, AuctionCommand.self, FeedbackCommand.self, WitnessCommand.self,
        ])

    public init() {}

    /// Parses the arguments, runs the verb and ends the process with a code of ``ExitStatus``.
    ///
    /// The argument parser's own `main` ends usage errors with 64; our contract says 2.
    public static func main() {
        // A reader of our output that goes away is an error of write(2), not a silent death.
        signal(SIGPIPE, SIG_IGN)
        Crash.leaveNoMemoryBehind()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            ErrorReport(error, json: arguments.contains("--json")).endProcess(of: Self.self)
        }
    }
}

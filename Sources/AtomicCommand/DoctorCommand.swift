// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Jail

/// `atomic doctor`: what this machine offers to jails, and what to do about what is missing.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tell what this machine offers to jails, and what is missing.",
        discussion: """
            Each protection is enforced (a jail was built, and it was in force there), available, or missing.
            Exits 0 when everything required is there, 5 otherwise.

            Example: atomic doctor --json
            """)

    @OptionGroup var options: CommandOptions

    func run() throws {
        let report = Doctor.examine()
        if options.json {
            try Console.json(report)
        } else {
            for check in report.checks {
                let state = check.required && !check.ok ? "MISSING" : check.state.rawValue
                let name = check.name.padding(to: 18)
                try Console.line("\(state.padding(to: 9)) \(name) \(check.found)")
                if !check.remedy.isEmpty { try Console.line("\("".padding(to: 28)) \(check.remedy)") }
            }
            try Console.line(report.ready ? "jails can be built here" : "jails cannot be built here")
        }
        if !report.ready { throw EarlyExit(code: ExitStatus.jail.rawValue) }
    }
}

extension String {
    func padding(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }
}

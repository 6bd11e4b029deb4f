// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import PolicyFile
internal import SovereignPolicy

/// `atomic policy lint`
struct PolicyLint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Check a policy file and run the tests in it.",
        discussion: """
            Example: atomic policy lint Policies/ward.yaml

            Every finding is a line FILE:LINE:COLUMN with what was found and what is allowed. Warnings and notes exit 0; a \
            policy that cannot be read or contradicts itself exits 2, one that fails its own tests or breaks its own invariants \
            exits 1.

            A warning is about a rule that contributes nothing whatever models, requesters and tasks will be listed, or about \
            a test that tests no rule; a note about a rule that contributes nothing to what is listed today, or that only \
            locks a second time.
            """)

    private struct Report: Encodable {
        let digest: String?
        let errors: [Finding]
        let warnings: [Finding]
        let notes: [Finding]
        let tests: Int
    }

    private struct Finding: Encodable {
        let code: String
        let message: String
        let remedy: String

        init(_ error: PolicyFileError) {
            code = error.codeName
            message = error.message
            remedy = error.remedy
        }
    }

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy's YAML file.")
    var file: String

    func run() throws {
        let document = try PolicyFile.document(Files.read(file, limit: PolicySource.limit), file: file)
        let problems = document.problems
        // A policy that contradicts itself answers no question, so its tests would only say that.
        let errors = problems.isEmpty ? document.failedTests + document.brokenInvariants : problems
        let (warnings, notes) = document.remarks
        if options.json {
            try Console.json(
                Report(
                    digest: errors.isEmpty ? document.policy.digest.description : nil, errors: errors.map(Finding.init),
                    warnings: warnings.map(Finding.init), notes: notes.map(Finding.init),
                    tests: document.policy.tests.count))
        } else {
            for error in errors { try Console.line("error: \(error.message)") }
            for warning in warnings { try Console.line("warning: \(warning.message)") }
            for note in notes { try Console.line("note: \(note.message)") }
            if errors.isEmpty {
                let policy = document.policy
                try Console.line(
                    "\(file): sound; \(policy.rules.count) rules, \(policy.tests.count) tests pass, "
                        + (policy.invariants.map { "\($0.count) invariants hold, " } ?? "")
                        + "\(warnings.count) warnings; \(policy.digest)")
            }
        }
        if let first = errors.first { throw EarlyExit(code: first.exit.rawValue) }
    }
}

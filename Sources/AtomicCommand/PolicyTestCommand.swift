// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import SovereignPolicy

/// `atomic policy test`
struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run the tests in a policy.",
        discussion: """
            Example: atomic policy test Policies/ward.yaml

            A line for each test. Exits 1 when one fails, and when there is none.
            """)

    private struct Report: Encodable {
        struct Result: Encodable {
            let name: String
            let passed: Bool
            let decision: String
            let kind: String
            let rules: [String]
        }

        let passed: Int
        let failed: Int
        let tests: [Result]
    }

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy: its YAML file or an envelope.")
    var policy: String

    func run() throws {
        let source = try PolicySource(policy)
        let failures = Dictionary(
            uniqueKeysWithValues: source.policy.failedTests.map { ($0.index, $0) })
        let evaluator = PolicyEvaluator(source.policy)
        let results = source.policy.tests.enumerated().map { index, test in
            let decision = evaluator.explain(test.given)
            return Report.Result(
                name: test.name, passed: failures[index] == nil, decision: decision.outcome.rawValue,
                kind: decision.kind.rawValue, rules: decision.ruleIDs)
        }
        if options.json {
            try Console.json(
                Report(passed: results.count - failures.count, failed: failures.count, tests: results))
        } else {
            for (index, result) in results.enumerated() {
                let by = result.rules.isEmpty ? "" : " by \(result.rules.joined(separator: ", "))"
                try Console.line(
                    failures[index].map { "failed  \($0.message)" }
                        ?? "passed  \(result.name): \(result.decision) (\(result.kind))\(by)")
            }
            try Console.line(
                results.isEmpty
                    ? "no tests: add some under tests, with what must never be permitted"
                    : "\(results.count - failures.count) passed, \(failures.count) failed")
        }
        if results.isEmpty || !failures.isEmpty { throw EarlyExit(code: ExitStatus.failed.rawValue) }
    }
}

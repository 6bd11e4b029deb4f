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

            A line for each test and each invariant. Exits 1 when one fails, and when there is none.
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
        let invariants: [Promise]

        struct Promise: Encodable {
            let name: String
            let holds: Bool
            /// A request that breaks it.
            let witness: PolicyRequest?
        }
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
        let broken = Dictionary(
            uniqueKeysWithValues: source.policy.brokenInvariants.map { ($0.index, $0) })
        let promises = (source.policy.invariants ?? []).enumerated().map { index, invariant in
            Report.Promise(name: invariant.name, holds: broken[index] == nil, witness: broken[index]?.witness)
        }
        let passed = results.count - failures.count + promises.count - broken.count
        let failed = failures.count + broken.count
        if options.json {
            try Console.json(Report(passed: passed, failed: failed, tests: results, invariants: promises))
        } else {
            for (index, result) in results.enumerated() {
                let by = result.rules.isEmpty ? "" : " by \(result.rules.joined(separator: ", "))"
                try Console.line(
                    failures[index].map { "failed  \($0.message)" }
                        ?? "passed  \(result.name): \(result.decision) (\(result.kind))\(by)")
            }
            for (index, promise) in promises.enumerated() {
                try Console.line(
                    broken[index].map { "failed  \($0.message)" } ?? "holds   \(promise.name): never, for no request")
            }
            try Console.line(
                results.isEmpty && promises.isEmpty
                    ? "no tests: add some under tests, with what must never be permitted under invariants"
                    : "\(passed) passed, \(failed) failed")
        }
        if results.isEmpty && promises.isEmpty || failed > 0 { throw EarlyExit(code: ExitStatus.failed.rawValue) }
    }
}

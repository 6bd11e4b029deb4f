// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A question with its answer, kept inside the policy: `lint` and `sign` refuse a policy that answers otherwise.
public struct PolicyTest: Codable, Equatable, Sendable {
    public let name: String
    /// May leave requester and task open. In a file without an action it is about `bid`.
    public let given: PolicyRequest
    public let expect: PolicyDecision.Outcome
    /// The kind that the decision must have, when the test says one.
    public let kind: PolicyDecision.Kind?
    /// Rules that must be among the determining ones.
    public let by: [String]

    public init(
        name: String, given: PolicyRequest, expect: PolicyDecision.Outcome, kind: PolicyDecision.Kind? = nil,
        by: [String] = []
    ) {
        self.name = name
        self.given = given
        self.expect = expect
        self.kind = kind
        self.by = by
    }
}

/// A test that the policy did not pass.
public struct PolicyTestFailure: Equatable, Sendable {
    /// Its place in the list.
    public let index: Int
    public let test: PolicyTest
    public let decision: PolicyDecision

    /// One line: what was expected and what was decided.
    public var message: String {
        let wanted = [test.expect.rawValue, test.kind?.rawValue].compactMap { $0 }.joined(separator: " ")
        let by = test.by.isEmpty ? "" : " by \(test.by.joined(separator: ", "))"
        return "test \"\(test.name)\" expects \(wanted)\(by), the policy decides \(decision.outcome.rawValue) "
            + "(\(decision.kind.rawValue)) by \(decision.ruleIDs.joined(separator: ", "))"
    }
}

extension SovereignPolicy {
    /// Runs the tests of the file; empty when all pass.
    public var failedTests: [PolicyTestFailure] {
        let evaluator = PolicyEvaluator(self)
        return tests.enumerated().compactMap { index, test in
            let decision = evaluator.explain(test.given)
            let passes =
                decision.outcome == test.expect && (test.kind == nil || test.kind == decision.kind)
                && Set(test.by).isSubset(of: decision.ruleIDs)
            return passes ? nil : PolicyTestFailure(index: index, test: test, decision: decision)
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import SovereignPolicy

/// Reads a sovereign policy from its file.
public enum PolicyFile {
    /// What a well-formed policy file holds, with the places for what there is to say about it.
    public struct Document: Sendable {
        public let policy: SovereignPolicy
        private let root: YAMLNode

        init(policy: SovereignPolicy, root: YAMLNode) {
            self.policy = policy
            self.root = root
        }

        /// Everything that makes the policy unusable, each as `FILE:LINE:COLUMN: found …; allowed …`.
        public var problems: [PolicyFileError] { (policy.problems + policy.chainProblems).map { root.locate($0) } }

        /// What is allowed but probably not meant, and what is worth knowing and no mistake.
        public var remarks: (warnings: [PolicyFileError], notes: [PolicyFileError]) {
            let remarks = policy.remarks
            return (remarks.warnings.map { root.locate($0) }, remarks.notes.map { root.locate($0) })
        }

        /// The invariants of the file that some request breaks.
        public var brokenInvariants: [PolicyFileError] {
            policy.brokenInvariants.map { broken in
                PolicyFileError(
                    "invariant", "\(root.node(at: ["invariants", String(broken.index)]).place): \(broken.message)",
                    remedy: "correct the rules, or let the quorum give the invariant up", exit: .failed)
            }
        }

        /// The tests of the file that the policy does not pass.
        public var failedTests: [PolicyFileError] {
            policy.failedTests.map { failure in
                PolicyFileError(
                    "test", "\(root.node(at: ["tests", String(failure.index)]).place): \(failure.message)",
                    remedy: "correct the rules or the test", exit: .failed)
            }
        }
    }

    /// The policy of a file that is well formed and does not contradict itself. Its tests are not run.
    ///
    /// - Parameter file: the name that errors show.
    /// - Throws: `PolicyFileError` for the first thing that cannot stand.
    public static func read(_ text: [UInt8], file: String) throws(PolicyFileError) -> SovereignPolicy {
        let document = try document(text, file: file)
        if let problem = document.problems.first { throw problem }
        return document.policy
    }

    /// The policy of a file that is well formed; it may still contradict itself (`problems`).
    public static func document(_ text: [UInt8], file: String) throws(PolicyFileError) -> Document {
        let root = try YAMLNode.read(text, file: file)
        return Document(policy: try PolicyReader(root).read(), root: root)
    }
}

extension YAMLNode {
    /// The node that a path leads to, or the last one on the way to it. A single value counts as its own first item.
    func node(at path: [String]) -> YAMLNode {
        guard let step = path.first else { return self }
        let rest = Array(path.dropFirst())
        switch content {
        case .mapping(let entries):
            return entries.first { $0.key == step }?.value.node(at: rest) ?? self
        case .sequence(let nodes):
            guard let index = Int(step), nodes.indices.contains(index) else { return self }
            return nodes[index].node(at: rest)
        default: return self
        }
    }

    /// The place of a problem: the key itself when the problem is about a name that is a key.
    func locate(_ problem: PolicyProblem) -> PolicyFileError {
        let parent = node(at: Array(problem.path.dropLast()))
        var place = node(at: problem.path).place
        if case .mapping(let entries) = parent.content, let name = problem.name ?? problem.path.last,
            let entry = entries.first(where: { $0.key == name && $0.key == problem.path.last })
        {
            place = problem.name == nil ? entry.value.place : entry.keyPlace
        }
        let allowed = problem.name.map { NearestName.list(problem.names, for: $0) } ?? problem.allowed
        let found = problem.name.map(quoted) ?? problem.found
        return place.refusing("value", found: found, allowed: allowed)
    }
}

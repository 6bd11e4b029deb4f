// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import SovereignPolicy

/// Reads a sovereign policy from its file.
public enum PolicyFile {
    /// What a policy file holds, with its place for what lint has to say about it.
    public struct Document: Sendable {
        public let policy: SovereignPolicy
        private let root: YAMLNode

        init(policy: SovereignPolicy, root: YAMLNode) {
            self.policy = policy
            self.root = root
        }

        /// The line for a problem of the policy, as `FILE:LINE:COLUMN: found …; allowed …`.
        public func locate(_ problem: PolicyProblem) -> PolicyFileError { root.locate(problem) }

        /// Where the test with this index stands.
        public func place(ofTest index: Int) -> YAMLPlace { root.node(at: ["tests", String(index)]).place }
    }

    /// The policy of a file that is well formed and does not contradict itself. Its tests are not run.
    ///
    /// - Parameter file: the name that errors show.
    /// - Throws: `PolicyFileError` for the first thing that cannot stand.
    public static func read(_ text: [UInt8], file: String) throws(PolicyFileError) -> SovereignPolicy {
        try document(text, file: file).policy
    }

    /// The policy with its places.
    public static func document(_ text: [UInt8], file: String) throws(PolicyFileError) -> Document {
        let root = try YAMLNode.read(text, file: file)
        let policy = try PolicyReader(root).read()
        if let problem = (policy.problems + policy.chainProblems).first { throw root.locate(problem) }
        return Document(policy: policy, root: root)
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

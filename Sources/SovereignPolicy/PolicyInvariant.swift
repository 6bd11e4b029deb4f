// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A promise about all requests: none that has all of these attributes is ever permitted. A policy that breaks one of its
/// own is neither signed nor accepted.
public struct PolicyInvariant: Codable, Equatable, Sendable {
    public let name: String
    /// Attribute to values, as in a rule's `when`, and `action`; several values mean any, several attributes mean all. A `class`
    /// covers all above it, as in a forbid. A request that lacks one of the attributes is not meant.
    public let never: [String: [String]]

    public init(name: String, never: [String: [String]]) {
        self.name = name
        self.never = never
    }

    /// What a condition of `never` beside the attributes is called.
    public static let action = "action"

    /// The actions that it is about.
    var actions: [String] { never[Self.action] ?? PolicyAction.all }

    /// What is left once action and class are given.
    var conditions: [String: [String]] {
        never.filter { $0.key != Self.action && $0.key != PolicyAttribute.class.rawValue }
    }

    /// Whether it is about data of a class.
    func covers(_ className: String, _ lattice: ClassLattice) -> Bool {
        guard let classes = never[PolicyAttribute.class.rawValue] else { return true }
        return classes.contains { lattice.isAtOrBelow($0, className) }
    }
}

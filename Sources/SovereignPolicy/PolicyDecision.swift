// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The answer to a request, with everything that determined it.
public struct PolicyDecision: Codable, Equatable, Sendable {
    public enum Outcome: String, Codable, Sendable {
        case permit
        case deny
    }

    /// Why. `forbidden`: something said no. `not-permitted`: nothing said yes. `error`: it could not be evaluated.
    public enum Kind: String, Codable, Sendable {
        case permitted
        case forbidden
        case notPermitted = "not-permitted"
        case error
    }

    public let outcome: Outcome
    public let kind: Kind
    /// All that determined the outcome, not the first only.
    public let rules: [DeterminingRule]
    /// Sequence of the policy that decided.
    public let policy: Int64

    public init(outcome: Outcome, kind: Kind, rules: [DeterminingRule], policy: Int64) {
        self.outcome = outcome
        self.kind = kind
        self.rules = rules
        self.policy = policy
    }

    public var isPermitted: Bool { outcome == .permit }
    public var ruleIDs: [String] { rules.map(\.id) }
}

/// A rule, or a part of the language itself, that determined a decision.
///
/// The language's own are `clearance`, `residency:CLASS`, `purpose:CLASS`, `validity`, `output:CLASS` (effect forbid),
/// `models`, `tasks`, `requesters` (what is not listed is not permitted), and for an error the attribute that is missing
/// or malformed.
public struct DeterminingRule: Codable, Equatable, Sendable {
    public enum Effect: String, Codable, Sendable {
        case permit
        case forbid
        /// Nothing lists the model, task or requester.
        case unlisted
        case error
    }

    public let id: String
    public let effect: Effect
    /// The reason that the policy gives.
    public let reason: String?
    /// What of it applied.
    public let clause: String?

    public init(id: String, effect: Effect, reason: String? = nil, clause: String? = nil) {
        self.id = id
        self.effect = effect
        self.reason = reason
        self.clause = clause
    }
}

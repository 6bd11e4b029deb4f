// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A sovereign policy as it is signed: which models may bid on, run on and release which classes of data.
///
/// The value's canonical JSON (RFC 8785) is what the quorum signs and what `digest` names. A value that was decoded has
/// not been checked: `problems` lists what contradicts itself, and a policy whose rules, classes or models do denies all.
public struct SovereignPolicy: FaithfullyCodable, Equatable, Sendable {
    public static let apiVersion = "atomic/sovereign/v1"
    public static let kind = "SovereignPolicy"

    public let apiVersion: String
    public let kind: String
    public internal(set) var metadata: PolicyMetadata
    public internal(set) var authority: PolicyAuthority
    public internal(set) var dataClasses: [String: DataClass]
    public internal(set) var models: [String: PolicyModel]
    /// In the order of the file; the order has no meaning.
    public internal(set) var rules: [PolicyRule]
    public internal(set) var outputs: [String: OutputLimit]
    public internal(set) var budgets: [String: ClassBudget]
    /// The currency of every amount in the policy (ISO 4217), absent when it names none.
    public internal(set) var currency: String?
    public internal(set) var tasks: [String: PolicyTask]
    public internal(set) var requesters: [String: PolicyRequester]
    public internal(set) var auction: PolicyAuction
    public internal(set) var tests: [PolicyTest]
    /// What must never be permitted, whatever the rules say; absent when there is nothing.
    public internal(set) var invariants: [PolicyInvariant]?
    /// For each zone that a condition names; absent when none does.
    public internal(set) var zones: [String: TimeZoneOffsets]?
    /// How far the clock may step without consequence; absent means `SovereignPolicy.usualClockTolerance`.
    public internal(set) var clockTolerance: Nanoseconds?
    /// Verifier keys of the witnesses whose cosignatures count for `outputs.CLASS.cosignatures` (C2SP tlog-cosignature, as
    /// `atomic witness init` prints them); absent lets every witness count that the room names.
    public internal(set) var witnesses: [String]?

    public init(
        metadata: PolicyMetadata, authority: PolicyAuthority, dataClasses: [String: DataClass],
        models: [String: PolicyModel], rules: [PolicyRule], outputs: [String: OutputLimit] = [:],
        budgets: [String: ClassBudget] = [:], currency: String? = nil, tasks: [String: PolicyTask],
        requesters: [String: PolicyRequester], auction: PolicyAuction, tests: [PolicyTest] = [],
        invariants: [PolicyInvariant]? = nil, zones: [String: TimeZoneOffsets]? = nil,
        clockTolerance: Nanoseconds? = nil, witnesses: [String]? = nil
    ) {
        self.apiVersion = Self.apiVersion
        self.kind = Self.kind
        self.metadata = metadata
        self.authority = authority
        self.dataClasses = dataClasses
        self.models = models
        self.rules = rules
        self.outputs = outputs
        self.budgets = budgets
        self.currency = currency
        self.tasks = tasks
        self.requesters = requesters
        self.auction = auction
        self.tests = tests
        self.invariants = invariants
        self.zones = zones
        self.clockTolerance = clockTolerance
        self.witnesses = witnesses
    }

    /// Of policies that say nothing.
    public static let usualClockTolerance = Nanoseconds(5_000_000_000)

    /// The same policy with the offsets of its zones.
    public func with(zones: [String: TimeZoneOffsets]?) -> SovereignPolicy {
        var policy = self
        policy.zones = zones
        return policy
    }

    /// The same policy without a rule, to see what that rule does; nil when there is none of that id.
    public func without(rule id: String) -> SovereignPolicy? {
        guard rules.contains(where: { $0.id == id }) else { return nil }
        var policy = self
        policy.rules.removeAll { $0.id == id }
        return policy
    }

    public var id: String { metadata.id }
    public var sequence: Int64 { metadata.sequence }

    /// The bytes that are signed.
    public var canonicalBytes: [UInt8] {
        get throws(PolicyError) {
            do {
                return try CanonicalJSON.encode(self)
            } catch {
                throw PolicyError("policy", error.message, remedy: error.remedy, cause: error)
            }
        }
    }

    /// SHA-256 of the canonical bytes; the next policy names it as `previous`.
    public var digest: Digest {
        get throws(PolicyError) { Digest.sha256(try canonicalBytes) }
    }

    /// Decides one request. Total: whatever cannot be evaluated denies.
    ///
    /// For many requests make one `PolicyEvaluator`.
    public func decide(_ request: PolicyRequest) -> PolicyDecision { PolicyEvaluator(self).decide(request) }

    /// The least class that is at or above all of these; `ClassLattice.implicitTop` when there is no single one.
    public func join(_ classes: some Sequence<String>) -> String { ClassLattice(dataClasses).join(classes) }

    /// What unlabelled data has: the class above all others, or the implicit top when there is none.
    public var top: String { ClassLattice(dataClasses).top }
}

/// Which policy this is, and when it holds.
public struct PolicyMetadata: Codable, Equatable, Sendable {
    public let id: String
    /// 1 for the first policy of a room, then exactly one more each time.
    public let sequence: Int64
    /// Digest of the policy before; absent in the first.
    public let previous: Digest?
    /// Inclusive.
    public let notBefore: WallTime
    /// Exclusive.
    public let expires: WallTime

    public init(id: String, sequence: Int64, previous: Digest?, notBefore: WallTime, expires: WallTime) {
        self.id = id
        self.sequence = sequence
        self.previous = previous
        self.notBefore = notBefore
        self.expires = expires
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import TransparencyLog

/// What an answer of one class may be. It binds the class and all above it.
public struct OutputLimit: Codable, Equatable, Sendable {
    /// Digests of the JSON Schemas (of their canonical form) of which an answer must satisfy one; absent allows every schema of a
    /// listed task graph.
    public let schema: [Digest]?
    public let maxBytes: Int64
    /// How many witnesses must have signed the log over an answer's release before it leaves; absent demands none.
    public let cosignatures: Int64?
    /// `deny`: no canary token of the input may come up in the answer.
    public let canaries: String?
    /// The least that a cell of a table may count which is not 0.
    public let minCell: Int64?
    /// The longest run of letters and digits that answer and input may share.
    public let maxVerbatim: Int64?

    /// Who must have seen the answer before it leaves.
    public let review: Review?

    /// An answer waits in the airlock until so many reviewers, none of them the one who asked, have approved it.
    public struct Review: Codable, Equatable, Sendable {
        public let reviewers: Int64

        public init(reviewers: Int64) { self.reviewers = reviewers }
    }

    /// What `canaries` may say.
    public static let canaryWords = ["deny"]

    public init(
        schema: [Digest]?, maxBytes: Int64, cosignatures: Int64? = nil, canaries: String? = nil, minCell: Int64? = nil,
        maxVerbatim: Int64? = nil, review: Review? = nil
    ) {
        self.schema = schema
        self.maxBytes = maxBytes
        self.cosignatures = cosignatures
        self.canaries = canaries
        self.minCell = minCell
        self.maxVerbatim = maxVerbatim
        self.review = review
    }
}

/// The limits of all classes that bind an answer together: of each the strictest.
public struct OutputBounds: Equatable, Sendable {
    /// Schemas that every class allows; nil when none restricts them.
    public let schemas: Set<Digest>?
    /// Nil when nothing limits it.
    public let maxBytes: Int64?
    public let deniesCanaries: Bool
    public let minCell: Int64?
    public let maxVerbatim: Int64?
    /// How many reviewers must approve; 0 demands no review.
    public let reviewers: Int64

    /// The same without the review: what the checks were made by.
    public var checks: OutputBounds {
        OutputBounds(
            schemas: schemas, maxBytes: maxBytes, deniesCanaries: deniesCanaries, minCell: minCell,
            maxVerbatim: maxVerbatim, reviewers: 0)
    }

    /// Whether an answer may have been judged by this schema.
    public func allows(schema: Digest) -> Bool { schemas?.contains(schema) ?? true }
}

extension SovereignPolicy {
    private func limits(of className: String) -> [OutputLimit] {
        ClassLattice(dataClasses).atOrBelow(className).compactMap { outputs[$0] }
    }

    /// What binds an answer of this class.
    public func outputBounds(of className: String) -> OutputBounds {
        let limits = limits(of: className)
        let schemas = limits.compactMap(\.schema).map { Set($0) }
        return OutputBounds(
            schemas: schemas.first.map { first in schemas.reduce(first) { $0.intersection($1) } },
            maxBytes: limits.map(\.maxBytes).min(), deniesCanaries: limits.contains { $0.canaries == "deny" },
            minCell: limits.compactMap(\.minCell).max(), maxVerbatim: limits.compactMap(\.maxVerbatim).min(),
            reviewers: limits.compactMap { $0.review?.reviewers }.max() ?? 0)
    }

    /// The most bytes that an answer of this class may have; nil when nothing limits it.
    public func maximumOutputBytes(of className: String) -> Int64? { limits(of: className).map(\.maxBytes).min() }

    /// How many witnesses must have signed the log before an answer of this class leaves: the most that the class or one
    /// below it demands.
    public func cosignatures(of className: String) -> Int64 {
        limits(of: className).compactMap(\.cosignatures).max() ?? 0
    }

    /// The witnesses whose cosignatures count; nil when the policy leaves that to the room. A key that cannot be read, which
    /// `problems` refuses, counts for nobody.
    public var countedWitnesses: Set<CosignatureVerifier>? {
        witnesses.map { keys in Set(keys.compactMap { try? CosignatureVerifier(vkey: $0) }) }
    }
}

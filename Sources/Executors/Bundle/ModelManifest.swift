// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Jail

/// What `model.yaml` says: the one file that makes a program a model. Its JSON form is part of the registered digest.
///
/// Amounts are micro-units of `prices.currency`, durations nanoseconds, probabilities integers in 1e-9.
public struct ModelManifest: Codable, Hashable, Sendable {
    /// How the supervisor talks to the program (`docs/models.md`).
    public enum Wire: String, Codable, Sendable, CaseIterable {
        /// One process per input: the input on standard input, the answer from exit code and standard output.
        case oneshot
        /// Newline-delimited JSON-RPC 2.0 on descriptor 3; one process per job and compartment.
        case jsonrpc
    }

    /// A type of microtask that the model bids on.
    public struct Task: Codable, Hashable, Sendable {
        /// For example `spam`.
        public let type: String
        /// The `$id` of the answer's JSON Schema. The supervisor validates by its own copy.
        public let schema: String
    }

    /// A file or directory of the bundle and where the jail sees it, read-only.
    public struct Mount: Codable, Hashable, Sendable {
        /// Relative to the bundle.
        public let source: String
        /// Absolute, inside the jail.
        public let target: String
    }

    /// What is billed.
    public struct Prices: Codable, Hashable, Sendable {
        public let call: Money
        public let cpuSecond: Money
        public let kibibyte: Money
        /// ISO 4217.
        public let currency: String
    }

    /// A bid that never changes.
    public struct FixedBid: Codable, Hashable, Sendable {
        /// In 1e-9.
        public let confidence: Int64
        public let cost: Money
        /// Nanoseconds as a decimal string.
        public let latency: String
    }

    /// Exactly one of the two is present.
    public struct Bidding: Codable, Hashable, Sendable {
        public let fixed: FixedBid?
        /// argv of a bidder that runs in a jail of its own and sees metadata only.
        public let program: [String]?
        /// Name of the bidder's seccomp profile; nil for that of the model.
        public let profile: String?
    }

    public let name: String
    public let version: String
    /// SPDX identifier of the weights and the program.
    public let licence: String
    public let tasks: [Task]
    /// BCP 47.
    public let languages: [String]
    public let `protocol`: Wire
    public let argv: [String]
    public let closure: ImageClosure
    public let mounts: [Mount]
    /// Name of the seccomp profile in `Policies/seccomp/`.
    public let profile: String
    public let limits: JailLimits
    /// The longest a start or one call may take, nanoseconds as a decimal string.
    public let callLimit: String
    public let prices: Prices
    /// Absent for a parser or featurizer: it serves the room and never bids.
    public let bid: Bidding?
    /// For `oneshot` only.
    public let answer: OneShotAnswer?
    /// For `jsonrpc` only.
    public let adaptation: AdaptationHints?
    public let provenance: [String: String]

    /// The longest a start or one call may take, in nanoseconds.
    public var callLimitNs: UInt64 { UInt64(callLimit) ?? limits.wallNs }

    /// Types of steps that come before any microtask. A model that serves them never bids and costs nothing: what it does
    /// is done once per input, whoever wins.
    public static let services: Set<String> = ["parse", "features"]

    /// Whether the model is a parser or featurizer.
    public var isService: Bool { tasks.allSatisfy { Self.services.contains($0.type) } }

    /// Whether the model says it answers tasks of this type by this schema (`$id`).
    public func offers(type: String, schema: String?) -> Bool {
        tasks.contains { $0.type == type && (schema == nil || $0.schema == schema) }
    }
}

/// What the image holds besides the bundle's own mounts. Paths are of the machine where the model is registered.
public struct ImageClosure: Codable, Hashable, Sendable {
    /// A Python interpreter with its standard library and, if named, the packages of a virtual environment.
    public struct Python: Codable, Hashable, Sendable {
        public let interpreter: String
        /// Relative to the bundle, or absolute.
        public let venv: String?
    }

    /// Programs with every library they need.
    public let programs: [String]
    /// Further files or whole directories, with every library the programs among them need.
    public let files: [String]
    public let python: Python?
}

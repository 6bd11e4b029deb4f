// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// A model that the policy knows. Its attributes come from here, never from a request or from the model itself.
public struct PolicyModel: Codable, Equatable, Sendable {
    /// Digest of the registered bundle's manifest.
    public let digest: Digest
    /// Where it runs: see `PolicyAttribute.modelDeployment`.
    public let deployment: String
    /// ISO 3166-1 alpha-2 code of the law it runs under.
    public let jurisdiction: String
    /// The highest class it may see.
    public let maxClass: String
    /// What separates it from the host: see `PolicyAttribute.modelIsolation`.
    public let isolation: String
    /// Who made it, for ``PolicyAuction/bidsPerPublisher``; nil where nobody says.
    public let publisher: String?

    /// A value that rules may ask about and no room can give yet.
    static let isolationToCome = "tee"

    public init(
        digest: Digest, deployment: String, jurisdiction: String, maxClass: String, isolation: String,
        publisher: String? = nil
    ) {
        self.digest = digest
        self.deployment = deployment
        self.jurisdiction = jurisdiction
        self.maxClass = maxClass
        self.isolation = isolation
        self.publisher = publisher
    }
}

/// A task graph that may run, by its digest.
public struct PolicyTask: Codable, Equatable, Sendable {
    public let digest: Digest

    public init(digest: Digest) { self.digest = digest }
}

/// Who may ask, to whom answers are sealed, and how a caller shows who it is: by uid or by key.
public struct PolicyRequester: Codable, Equatable, Sendable {
    /// age recipient of the answers.
    public let recipient: String
    /// Numeric user id of the calling process.
    public let uid: Int64?
    public let key: PublicKey?
    public let roles: [String]

    /// The roles that exist (interfaces.md).
    public static let knownRoles = ["data-owner", "model-owner", "operator", "auditor", "requester", "reviewer"]

    public init(recipient: String, uid: Int64? = nil, key: PublicKey? = nil, roles: [String]) {
        self.recipient = recipient
        self.uid = uid
        self.key = key
        self.roles = roles
    }

    /// Whether a caller with this uid is this requester. A requester who is known by key is never known by uid.
    public func isCaller(uid caller: UInt32) -> Bool { uid == Int64(caller) }
}

/// What one class may cost; each part absent when the policy does not limit it.
public struct ClassBudget: Codable, Equatable, Sendable {
    public struct PerJob: Codable, Equatable, Sendable {
        public let cost: Money?
        public let wall: Nanoseconds?

        public init(cost: Money?, wall: Nanoseconds?) {
            self.cost = cost
            self.wall = wall
        }
    }

    public struct PerDay: Codable, Equatable, Sendable {
        public let cost: Money?

        public init(cost: Money?) { self.cost = cost }
    }

    public let perJob: PerJob?
    public let perDay: PerDay?

    public init(perJob: PerJob?, perDay: PerDay?) {
        self.perJob = perJob
        self.perDay = perDay
    }
}

/// What the auction is told; weights and probabilities in units of 1e-9.
public struct PolicyAuction: Codable, Equatable, Sendable {
    /// What a right answer, a cent and a second are worth.
    public struct Weights: Codable, Equatable, Sendable {
        public let quality: Int64
        public let price: Int64
        public let latency: Int64
        /// What a wrong answer costs on top; absent means nothing.
        public let risk: Int64?

        public init(quality: Int64, price: Int64, latency: Int64, risk: Int64? = nil) {
            self.quality = quality
            self.price = price
            self.latency = latency
            self.risk = risk
        }
    }

    public let weights: Weights
    /// Probability with which an eligible model other than the best is tried; 0 means never.
    public let explorationFloor: Int64
    public let minBids: Int64
    /// How many models of one publisher may bid in an auction; nil for any number.
    public let bidsPerPublisher: Int64?
    /// A model with fewer verified outcomes than this does tasks beside the winner before it may win; nil where nobody is tried.
    public let trials: Int64?

    public init(
        weights: Weights, explorationFloor: Int64, minBids: Int64, bidsPerPublisher: Int64? = nil,
        trials: Int64? = nil
    ) {
        self.weights = weights
        self.explorationFloor = explorationFloor
        self.minBids = minBids
        self.bidsPerPublisher = bidsPerPublisher
        self.trials = trials
    }
}

extension SovereignPolicy {
    /// The limits of a job of this class: for each number the smallest of the class and of all classes below it.
    public func budget(of className: String) -> (cost: Money?, wall: Nanoseconds?, costPerDay: Money?) {
        let limits = ClassLattice(dataClasses).atOrBelow(className).compactMap { budgets[$0] }
        return (
            limits.compactMap { $0.perJob?.cost }.min(), limits.compactMap { $0.perJob?.wall }.min(),
            limits.compactMap { $0.perDay?.cost }.min()
        )
    }

    /// The name under which a task graph is listed.
    public func taskName(_ digest: Digest) -> String? {
        tasks.filter { $0.value.digest == digest }.keys.sorted().first
    }
}

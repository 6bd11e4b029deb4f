// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The policy that was in force, named so that the record stands alone.
public struct PolicyReference: Codable, Hashable, Sendable {
    public let sequence: Int64
    public let digest: Digest

    public init(sequence: Int64, digest: Digest) {
        self.sequence = sequence
        self.digest = digest
    }
}

/// Everything an award depends on; `docs/auction.md` has units and bounds.
public struct AuctionInput: Codable, Hashable, Sendable {
    /// Digest named as the predecessor of a job's first auction.
    public static let noPrevious = Digest(hex: String(repeating: "0", count: 64)) ?? Digest.sha256([])

    public let job: String
    public let jobDigest: Digest
    /// Id of the microtask, such as `0007/spam`.
    public let microtask: String
    /// From 1; grows when a winner failed and the next takes over.
    public internal(set) var attempt: Int
    /// From 1; grows only when bids are collected anew.
    public let round: Int
    /// Number of this auction within the job, from 0.
    public internal(set) var sequence: Int64
    /// Digest of the job's previous auction record, or `noPrevious`.
    public internal(set) var previous: Digest
    public let features: TaskFeatures
    public let policy: PolicyReference
    /// Sorted by digest.
    public let bids: [Bid]
    /// Sorted by digest.
    public let exclusions: [Exclusion]
    /// Sorted by digest.
    public let late: [LateBidder]
    /// What is known of the bidders' earlier answers, sorted by digest; absent when nothing is known of any of them, and where
    /// there is `learning`.
    public let experience: [Experience]?
    /// What was learned of the bidders from more outcomes than a count tells; absent while too few are known.
    public let learning: LearnedInput?
    /// Models that already failed this microtask, in the order of their attempts.
    public internal(set) var prior: [PriorAttempt]
    public let weights: AuctionWeights
    public let exploration: Exploration
    /// Fewer scored bids than this void the award.
    public let minBids: Int
    /// What the job may still spend, in micro-units.
    public internal(set) var budgetRemaining: Int64
    /// Hex of the derived seed.
    public let seed: String

    /// Sorts the lists, so that the order in which bids arrived cannot matter, and derives the seed.
    ///
    /// - Parameters:
    ///   - experience: of any models; what counts nothing, or is of a model that did not bid, is left out.
    ///   - learning: what was learned, with a forecast of each of `bids`, in digest order; `experience` is left out then.
    public init(
        job: String, jobDigest: Digest, microtask: String, attempt: Int = 1, round: Int = 1, sequence: Int64,
        previous: Digest = AuctionInput.noPrevious, features: TaskFeatures, policy: PolicyReference, bids: [Bid],
        exclusions: [Exclusion] = [], late: [LateBidder] = [], experience: [Experience] = [],
        learning: LearnedInput? = nil, prior: [PriorAttempt] = [], weights: AuctionWeights, exploration: Exploration,
        minBids: Int = 1,
        budgetRemaining: Int64
    ) {
        self.job = job
        self.jobDigest = jobDigest
        self.microtask = microtask
        self.attempt = attempt
        self.round = round
        self.sequence = sequence
        self.previous = previous
        self.features = features
        self.policy = policy
        self.bids = Self.inOrder(bids, \.digest)
        self.exclusions = Self.inOrder(exclusions, \.digest)
        self.late = Self.inOrder(late, \.digest)
        // Of those who bid, and only what says something: a record tells nothing about anybody else.
        let experience = learning == nil ? experience : []
        let bidders = experience.isEmpty ? [] : Set(bids.map(\.digest))
        let known = experience.filter { bidders.contains($0.digest) && ($0.right != 0 || $0.wrong != 0) }
        self.experience = known.isEmpty ? nil : known.sorted { $0.digest < $1.digest }
        self.learning = learning
        self.prior = prior
        self.weights = weights
        self.exploration = exploration
        self.minBids = minBids
        self.budgetRemaining = budgetRemaining
        self.seed = AuctionSeed.derive(job: jobDigest, round: round, microtask: microtask).hex
    }

    /// In digest order; mostly it is that already.
    static func inOrder<Item>(_ items: [Item], _ digest: (Item) -> Digest) -> [Item] {
        for place in items.indices.dropFirst() where !(digest(items[place - 1]) < digest(items[place])) {
            return items.sorted { digest($0) < digest($1) }
        }
        return items
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// One sealed bid, quantised: 14 bits of information at most (`docs/auction.md`).
public struct Bid: Codable, Hashable, Sendable {
    /// Name of the model as the policy calls it.
    public let model: String
    public let digest: Digest
    /// Probability of a right answer in 1/64, 0…64.
    public let confidence: Int
    /// Cost step 0…15; counts as its upper bound in micro-units.
    public let costStep: Int
    /// Latency step 0…15; counts as its upper bound in milliseconds.
    public let latencyStep: Int

    /// What the bid promises not to exceed, in micro-units.
    public var price: Int64 { LogSteps.upperBounds[costStep] }

    public init(model: String, digest: Digest, confidence: Int, costStep: Int, latencyStep: Int) {
        self.model = model
        self.digest = digest
        self.confidence = confidence
        self.costStep = costStep
        self.latencyStep = latencyStep
    }

    /// Makes a bid of what a bidder said.
    ///
    /// - Parameters:
    ///   - confidence: probability of a right answer in 1e-9, 0…1 000 000 000; rounded to the nearest 1/64.
    ///   - cost: micro-units of the room's currency, rounded up to a step.
    ///   - latency: nanoseconds, rounded up to a step.
    /// - Throws: `bid` when a number is negative, the probability above one, or a value above the last step.
    public static func quantise(
        model: String, digest: Digest, confidence: Int64, cost: Int64, latency: Int64
    ) throws(AuctionError) -> Bid {
        guard confidence >= 0, confidence <= Checked.billion else {
            throw refused(model, "its confidence is not a probability")
        }
        guard let costStep = LogSteps.step(for: cost) else { throw refused(model, "its cost is on no step") }
        guard latency >= 0, let latencyStep = LogSteps.step(for: Checked.ceil(latency, over: 1_000_000)) else {
            throw refused(model, "its latency is on no step")
        }
        let steps = Int((64 * confidence + Checked.billion / 2) / Checked.billion)
        return Bid(model: model, digest: digest, confidence: steps, costStep: costStep, latencyStep: latencyStep)
    }

    private static func refused(_ model: String, _ why: String) -> AuctionError {
        AuctionError(
            .bid, "the bid of \(model) is refused: \(why)", remedy: "correct the model's bid; it sits this one out")
    }
}

/// A model that the policy keeps out of this auction; it is listed first and never scored.
public struct Exclusion: Codable, Hashable, Sendable {
    public let model: String
    public let digest: Digest
    /// Kind of the policy's denial: `forbidden`, `not-permitted` or `error`.
    public let kind: String
    /// Ids of the determining rules, as the policy gave them.
    public let rules: [String]
    /// The policy's own words, when it has some.
    public let reason: String?

    public init(model: String, digest: Digest, kind: String, rules: [String], reason: String? = nil) {
        self.model = model
        self.digest = digest
        self.kind = kind
        self.rules = rules
        self.reason = reason
    }
}

/// An eligible model without a bid: late is no bid.
public struct LateBidder: Codable, Hashable, Sendable {
    /// Why there is no bid.
    public enum Reason: String, Codable, Sendable {
        /// Its bid came after the deadline.
        case late
        /// It never answered.
        case silent
        /// Its answer was not a bid.
        case invalid
        /// Its bidder crashed or could not be started.
        case failed
    }

    public let model: String
    public let digest: Digest
    public let reason: Reason

    public init(model: String, digest: Digest, reason: Reason) {
        self.model = model
        self.digest = digest
        self.reason = reason
    }
}

/// A model that was awarded this microtask before and failed.
public struct PriorAttempt: Codable, Hashable, Sendable {
    public let model: String
    public let digest: Digest
    /// Closed code of the failure, such as `crashed` or `out-of-schema`.
    public let code: String
    /// What the attempt cost, metered, in micro-units.
    public let cost: Int64

    public init(model: String, digest: Digest, code: String, cost: Int64) {
        self.model = model
        self.digest = digest
        self.code = code
        self.cost = cost
    }
}

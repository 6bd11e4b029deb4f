// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import SovereignPolicy

/// Holds the auctions of one job: policy first, then sealed bids, then the award, recorded before it has any effect.
struct AuctionStage {
    /// What an auction needs to know about a registered model.
    struct Contender {
        let name: String
        let digest: Digest
        /// Types of microtask it offers.
        let types: Set<String>
    }

    /// A bid as a bidder said it, before quantisation.
    struct RawBid {
        /// 1e-9.
        let confidence: Int64
        /// Micro-units.
        let cost: Int64
        /// Nanoseconds.
        let latency: Int64
    }

    /// Why there is no bid.
    struct NoBid: Error {
        let reason: LateBidder.Reason
    }

    let policy: SovereignPolicy
    let policyDigest: Digest
    let decisions: Decisions
    let contenders: [Contender]

    /// Splits the contenders for a type of microtask into those who may bid and those whom the policy keeps out.
    func eligibility(type: String, at time: WallTime) -> (eligible: [Contender], exclusions: [Exclusion]) {
        var eligible: [Contender] = []
        var exclusions: [Exclusion] = []
        for contender in contenders where contender.types.contains(type) {
            let decision = decision(for: contender, at: time).decision
            if decision.isPermitted {
                eligible.append(contender)
            } else {
                exclusions.append(
                    Exclusion(
                        model: contender.name, digest: contender.digest, kind: decision.kind.rawValue,
                        rules: decision.ruleIDs, reason: decision.rules.compactMap(\.reason).first))
            }
        }
        return (eligible, exclusions)
    }

    /// All denials of `bid` for a type of microtask, for a job that nobody may work on.
    func denials(type: String, at time: WallTime) -> [RecordedDecision] {
        contenders.filter { $0.types.contains(type) }
            .map { decision(for: $0, at: time) }
            .filter { !$0.decision.isPermitted }
            .map(\.recorded)
    }

    /// The policy lists a model by name and digest; a bundle with a listed name and another digest is not that model.
    private func decision(
        for contender: Contender, at time: WallTime
    ) -> (decision: PolicyDecision, recorded: RecordedDecision) {
        let listed = policy.models[contender.name]?.digest == contender.digest
        // An unlisted digest is asked about as what it is: a model without a name in the policy.
        return decisions.decide("bid", model: listed ? contender.name : contender.digest.description, at: time)
    }

    /// Everything about one auction that does not depend on who bids.
    struct Lot {
        let job: String
        let jobDigest: Digest
        let microtask: String
        let round: Int
        let sequence: Int64
        let previous: Digest?
        let features: TaskFeatures
        let budgetRemaining: Int64
        /// What was verified of the contenders' earlier answers to such tasks.
        var experience: [Experience] = []
    }

    /// Collects sealed bids from the eligible and awards.
    ///
    /// - Parameter ask: asks one bidder, which sees the features and nothing else; throws ``NoBid`` when there is none.
    func hold(
        _ lot: Lot, at time: WallTime, ask: (Contender, TaskFeatures) throws -> RawBid
    ) throws -> AuctionRecord {
        let (eligible, exclusions) = eligibility(type: lot.features.type, at: time)
        var bids: [Bid] = []
        var late: [LateBidder] = []
        for contender in eligible {
            do {
                let raw = try ask(contender, lot.features)
                if let bid = try? Bid.quantise(
                    model: contender.name, digest: contender.digest, confidence: raw.confidence, cost: raw.cost,
                    latency: raw.latency)
                {
                    bids.append(bid)
                } else {
                    late.append(LateBidder(model: contender.name, digest: contender.digest, reason: .invalid))
                }
            } catch let error as NoBid {
                late.append(LateBidder(model: contender.name, digest: contender.digest, reason: error.reason))
            }
        }
        let stated = policy.auction.weights
        let weights = AuctionWeights(quality: stated.quality, price: stated.price, latency: stated.latency)
        let input = AuctionInput(
            job: lot.job, jobDigest: lot.jobDigest, microtask: lot.microtask, round: lot.round,
            sequence: lot.sequence, previous: lot.previous ?? AuctionInput.noPrevious, features: lot.features,
            policy: PolicyReference(sequence: policy.sequence, digest: policyDigest), bids: bids,
            exclusions: exclusions, late: late, experience: lot.experience, weights: weights,
            exploration: Exploration(floor: policy.auction.explorationFloor, weights: weights),
            minBids: Int(policy.auction.minBids), budgetRemaining: lot.budgetRemaining)
        return try AuctionRecord.hold(input)
    }
}

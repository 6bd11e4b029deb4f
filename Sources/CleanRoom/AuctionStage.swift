// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import SovereignPolicy

/// Holds the auctions of one job: policy first, then sealed bids, then the award, recorded before it has any effect.
struct AuctionStage: Sendable {
    /// What an auction needs to know about a registered model.
    struct Contender: Sendable {
        let name: String
        let digest: Digest
        /// Types of microtask it offers.
        let types: Set<String>
        /// Whether its bid has to be asked for, in a jail.
        let isAsked: Bool
        /// Whether it is shown labelled examples, and so gets better with them.
        var isAdaptive = false
    }

    /// A bid as a bidder said it, before quantisation.
    struct RawBid: Sendable {
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

    /// The same without the models that have had their turn, and of a trial with its newcomers only.
    func without(_ tried: Set<String>, among newcomers: Set<String>? = nil) -> AuctionStage {
        AuctionStage(
            policy: policy, policyDigest: policyDigest, decisions: decisions,
            contenders: contenders.filter { !tried.contains($0.name) && newcomers?.contains($0.name) != false })
    }

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

    /// Whether at another time the same contenders are admitted, and the others kept out for the same reasons.
    func admitsTheSame(as input: AuctionInput, at time: WallTime) -> Bool {
        let bidders = Set(input.bids.map(\.model) + input.late.map(\.model))
        let known = bidders.union(input.exclusions.map(\.model))
        let (eligible, exclusions) = AuctionStage(
            policy: policy, policyDigest: policyDigest, decisions: decisions,
            contenders: contenders.filter { known.contains($0.name) }
        ).eligibility(type: input.features.type, at: time)
        let own = input.exclusions.filter(Participation.isRoomsOwn)
        return Set(eligible.map(\.name)) == bidders.union(own.map(\.model))
            && Set(exclusions) == Set(input.exclusions).subtracting(own)
    }

    /// All denials of `bid` for a type of microtask, for a job that nobody may work on.
    func denials(type: String, at time: WallTime) -> [RecordedDecision] {
        contenders.filter { $0.types.contains(type) }
            .map { decision(for: $0, at: time) }
            .filter { !$0.decision.isPermitted }
            .map(\.recorded)
    }

    /// Whether the policy lets a newcomer be tried.
    func mayTry(_ model: String, at time: WallTime) -> Bool {
        contenders.contains { contender in
            contender.name == model && decision(PolicyAction.explore, for: contender, at: time).decision.isPermitted
        }
    }

    /// The same by what is known when the trial is held: the policy may be another one since, and labels may have come.
    private func mayTry(_ contender: Contender, _ lot: Lot, at time: WallTime) -> Bool {
        mayTry(contender.name, at: time) && lot.verified[contender.digest] ?? 0 < policy.auction.trials ?? 0
    }

    /// Who sits an auction out although no rule says so.
    private func participation(_ lot: Lot) -> Participation {
        let learned = lot.learned.isEnough && !lot.isTrial
        return Participation(
            bidsPerPublisher: lot.isTrial ? nil : policy.auction.bidsPerPublisher,
            trials: learned ? policy.auction.trials ?? 0 : 0, least: policy.auction.minBids)
    }

    /// Asked only where the policy leaves anything to chance.
    private func mayExplore(_ bidders: [Contender], at time: WallTime) -> Bool {
        policy.auction.explorationFloor > 0
            && bidders.allSatisfy { decision(PolicyAction.explore, for: $0, at: time).decision.isPermitted }
    }

    /// The policy lists a model by name and digest; a bundle with a listed name and another digest is not that model.
    private func decision(
        _ action: String = PolicyAction.bid, for contender: Contender, at time: WallTime
    ) -> (decision: PolicyDecision, recorded: RecordedDecision) {
        let listed = policy.models[contender.name]?.digest == contender.digest
        // An unlisted digest is asked about as what it is: a model without a name in the policy.
        return decisions.decide(action, model: listed ? contender.name : contender.digest.description, at: time)
    }

    /// What the bidders of one auction said. Every thread collects its own, at the same time as the others.
    struct Collected {
        let at: WallTime
        var bids: [Bid] = []
        var late: [LateBidder] = []
        let exclusions: [Exclusion]
        /// Whether every bidder may be tried although another one looks better.
        let mayExplore: Bool
    }

    /// Everything about one auction that does not depend on who bids, nor on its place in the chain.
    struct Lot {
        let job: String
        let jobDigest: Digest
        let microtask: String
        let round: Int
        let features: TaskFeatures
        let experience: [Experience]
        let learned: RoomLearner.Scope
        /// Verified outcomes on the type by model, where somebody may be a newcomer.
        let verified: [Digest: Int64]
        /// Whether nothing leaves of what the winner answers.
        let isTrial: Bool
        /// Labelled messages that an adaptive bidder can be shown.
        let remembered: Int64
        let pace: JobPace
    }

    /// Collects sealed bids from the eligible, from all who have to be asked at once.
    ///
    /// - Parameter ask: asks one bidder, which sees the features and nothing else; throws ``NoBid`` when there is none.
    func collect(
        _ lot: Lot, at time: WallTime,
        ask: @escaping @Sendable (Contender, TaskFeatures) throws -> RawBid
    ) throws -> Collected {
        let features = lot.features
        var (eligible, exclusions) = eligibility(type: features.type, at: time)
        let own = participation(lot).exclusions(
            among: eligible.map { contender in
                .init(
                    model: contender.name, digest: contender.digest,
                    publisher: policy.models[contender.name]?.publisher, verified: lot.verified[contender.digest] ?? 0)
            }, seed: AuctionSeed.derive(job: lot.jobDigest, round: lot.round, microtask: lot.microtask))
        let out = Set(own.map(\.digest))
        eligible.removeAll { out.contains($0.digest) || (lot.isTrial && !mayTry($0, lot, at: time)) }
        exclusions += own
        let answers = Shared<[String: Result<RawBid, any Error>]>([:])
        let threads = Threads()
        // The last one is asked by this thread: mostly there is one.
        for contender in eligible.dropLast() where contender.isAsked {
            try threads.start {
                let answer = Result { try ask(contender, features) }
                answers.locked { $0[contender.name] = answer }
            }
        }
        for contender in eligible where !contender.isAsked || contender.name == eligible.last?.name {
            let answer = Result { try ask(contender, features) }
            answers.locked { $0[contender.name] = answer }
        }
        threads.join()
        var collected = Collected(at: time, exclusions: exclusions, mayExplore: mayExplore(eligible, at: time))
        for contender in eligible {
            do {
                guard let raw = try answers.locked({ $0[contender.name] })?.get() else { continue }
                if let bid = try? Bid.quantise(
                    model: contender.name, digest: contender.digest, confidence: raw.confidence, cost: raw.cost,
                    latency: raw.latency)
                {
                    collected.bids.append(bid)
                } else {
                    collected.late.append(
                        LateBidder(model: contender.name, digest: contender.digest, reason: .invalid))
                }
            } catch let error as NoBid {
                collected.late.append(
                    LateBidder(model: contender.name, digest: contender.digest, reason: error.reason))
            }
        }
        return collected
    }

    /// What this microtask may cost so that those after it can be done at all: it is degraded before one of them is refused.
    private func affordable(_ lot: Lot, _ collected: Collected, _ learning: LearnedInput) -> Int64 {
        guard let promise = collected.bids.map(\.price).min(), let cheapest = learning.forecasts.map(\.cost).min()
        else { return .max }
        return lot.pace.affordable(cheapest: min(cheapest, promise), promise: promise)
    }

    /// Awards.
    func hold(_ lot: Lot, _ collected: Collected, at link: AuctionChain.Link) throws -> AuctionRecord {
        let adaptive = Set(contenders.filter(\.isAdaptive).map(\.digest))
        let learning = lot.learned.learner.input(
            collected.bids, on: lot.features, chain: lot.learned.chain, pace: lot.pace.now
        ) { adaptive.contains($0) ? lot.remembered : nil }
        let stated = policy.auction.weights
        let weights = AuctionWeights(
            quality: stated.quality, price: stated.price, latency: stated.latency, risk: stated.risk ?? 0)
        let input = AuctionInput(
            job: lot.job, jobDigest: lot.jobDigest, microtask: lot.microtask, round: lot.round,
            sequence: link.sequence, previous: link.previous ?? AuctionInput.noPrevious, features: lot.features,
            policy: PolicyReference(sequence: policy.sequence, digest: policyDigest), bids: collected.bids,
            exclusions: collected.exclusions, late: collected.late, experience: lot.experience,
            learning: learning, weights: weights,
            exploration: Exploration(
                floor: collected.mayExplore ? policy.auction.explorationFloor : 0, weights: weights),
            minBids: lot.isTrial ? 1 : Int(policy.auction.minBids),
            budgetRemaining: min(
                link.budgetRemaining, learning.map { affordable(lot, collected, $0) } ?? link.budgetRemaining))
        return try AuctionRecord.hold(input)
    }
}

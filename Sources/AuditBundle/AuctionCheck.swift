// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
internal import TransparencyLog

/// Auctions: who bid was eligible, who was excluded was denied by those rules, and the award's winner is the log's.
///
/// That the award follows from the bids is for `atomic auction replay`, which needs the auction's arithmetic.
enum AuctionCheck {
    /// What a verifier reads of an auction record.
    struct AuctionView: Codable {
        struct Input: Codable {
            let bids: [Bidder]
            let exclusions: [Excluded]
            let late: [Bidder]
            let features: Features
            let experience: [Experience]?
            let learning: Learning?
            let exploration: Exploration
            let job: String
            let jobDigest: Digest
            let microtask: String
            let policy: Policy
            let seed: String
            let prior: [Prior]
        }
        struct Prior: Codable {
            let model: String
        }
        struct Bidder: Codable {
            let digest: Digest
            let model: String
        }
        struct Excluded: Codable {
            let digest: Digest
            let model: String
            let kind: String
            let rules: [String]
        }
        struct Features: Codable {
            let `class`: String
            let purpose: String
            let type: String
            let schema: Digest
        }
        struct Experience: Codable {
            let digest: Digest
            let model: String
            let right: Int64
            let wrong: Int64
        }
        struct Learning: Codable {
            let state: Digest
            let outcomes: Int64
        }
        struct Exploration: Codable {
            /// 1e-9.
            let floor: Int64
        }
        struct Policy: Codable {
            let digest: Digest
            let sequence: Int64
        }
        struct Award: Codable {
            let winner: String?
        }
        let kind: String
        let v: Int64
        let input: Input
        let award: Award
    }

    /// - Throws: `auction`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var count = 0
        var excluded: Set<String> = []
        var ledger = LearningLedger(story)
        for read in story.log.entries {
            ledger.follow(read, story)
            guard case .auctionHeld(let event) = read.event else { continue }
            count += 1
            do throws(BundleError) {
                let view = try view(event.record, story)
                try compare(view, event, read.entry, story, ledger)
                excluded.formUnion(view.input.exclusions.map(\.model))
            } catch {
                throw .failed(.auction, "entry \(read.seq): \(error.message)", cause: error.cause)
            }
        }
        let names = excluded.isEmpty ? "nobody" : excluded.sorted().joined(separator: ", ")
        return .init(
            says: "\(count) auctions among eligible models; excluded by the policy: \(names)", signedBy: ["policy"])
    }

    private static func view(_ digest: Digest, _ story: Story) throws(BundleError) -> AuctionView {
        guard let bytes = story.bundle.record(digest) else {
            throw .failed(.auction, "the record \(digest) is missing")
        }
        do throws(BaseError) {
            let view = try CanonicalJSON.decode(AuctionView.self, from: JSONValue.parse(bytes))
            guard view.kind == "auction", (1...3).contains(view.v) else {
                throw BaseError(.json, "it is not an auction record of version 1 to 3", remedy: "")
            }
            return view
        } catch {
            throw .failed(.auction, "the record \(digest): \(error.message)", cause: error)
        }
    }

    private static func compare(
        _ view: AuctionView, _ event: Event.AuctionHeld, _ entry: LogEntry, _ story: Story,
        _ ledger: LearningLedger
    ) throws(BundleError) {
        let job = try story.job(of: entry, .auction)
        let policy = try story.policy(at: entry, .auction)
        let input = view.input
        guard input.job == job.id, input.jobDigest == job.accepted.digest, input.microtask == event.microtask else {
            throw .failed(.auction, "the record is of another job or microtask")
        }
        guard input.policy.sequence == entry.policy, input.policy.digest == policy.digest else {
            throw .failed(.auction, "the record is of another policy")
        }
        guard view.award.winner == event.winner, Int64(input.bids.count) == event.bidders,
            Int64(input.exclusions.count) == event.excluded
        else { throw .failed(.auction, "the entry names another winner or other numbers than the record") }
        guard input.features.class == job.entry.label?.class, input.features.purpose == job.accepted.purpose else {
            throw .failed(.auction, "the bidders were told another class or purpose")
        }
        guard let (_, id) = job.step(event.microtask),
            let microtask = job.graph.microtasks.first(where: { $0.id == id }),
            input.features.type == microtask.type,
            input.features.schema == Digest.sha256(microtask.schema.canonical)
        else { throw .failed(.auction, "the bidders were told of another type or schema than the microtask's") }
        try ledger.check(event, job, story)
        try ledger.check(input.experience ?? [], type: microtask.type, job)
        // A takeover repeats what the first attempt was told.
        if let learning = input.learning, input.prior.isEmpty { try ledger.check(learning, job) }
        try checkBidders(input, job, policy, event)
        try ParticipationCheck(input: input, policy: policy.policy, isTrial: event.trial == true) { model, limit in
            ledger.isNewcomer(
                model, type: microtask.type, of: job, knowing: input.learning?.outcomes ?? 0, limit: limit)
        }.verify()
        try checkExploration(input, job, policy, event)
        if let winner = event.winner, !input.bids.contains(where: { $0.model == winner }) {
            throw .failed(.auction, "the winner \(winner) made no bid")
        }
        try DecisionCheck.requireTime(event.at, of: entry, .auction)
    }

    /// Whom the policy permits was asked, and nobody else; whom it does not was kept out by the rules that are named.
    private static func checkBidders(
        _ input: AuctionView.Input, _ job: Story.Job, _ policy: Story.Policy, _ event: Event.AuctionHeld
    ) throws(BundleError) {
        for bidder in input.bids + input.late {
            let decision = decide(PolicyAction.bid, bidder.model, bidder.digest, job, policy, event)
            guard decision.isPermitted, policy.policy.models[bidder.model]?.digest == bidder.digest else {
                throw .failed(.auction, "\(bidder.model) was asked although the policy denies it a bid")
            }
        }
        for model in input.exclusions where !ParticipationCheck.kinds.contains(model.kind) {
            let decision = decide(PolicyAction.bid, model.model, model.digest, job, policy, event)
            guard !decision.isPermitted, decision.kind.rawValue == model.kind, decision.ruleIDs == model.rules else {
                throw .failed(.auction, "\(model.model) was excluded for other reasons than the policy's")
            }
        }
        for model in input.exclusions where ParticipationCheck.kinds.contains(model.kind) {
            guard decide(PolicyAction.bid, model.model, model.digest, job, policy, event).isPermitted else {
                throw .failed(.auction, "\(model.model) sat out by a \(model.kind) although the policy denies it a bid")
            }
        }
        if event.trial == true {
            for bidder in input.bids + input.late {
                guard decide(PolicyAction.explore, bidder.model, bidder.digest, job, policy, event).isPermitted else {
                    throw .failed(.auction, "\(bidder.model) was tried although the policy does not let it be explored")
                }
            }
        }
    }

    /// As much was left to chance as the policy says, and nothing where it does not permit every bidder to be tried.
    private static func checkExploration(
        _ input: AuctionView.Input, _ job: Story.Job, _ policy: Story.Policy, _ event: Event.AuctionHeld
    ) throws(BundleError) {
        // A takeover repeats what the first attempt was told, and draws nothing.
        guard input.prior.isEmpty else { return }
        let isPermitted = (input.bids + input.late).allSatisfy {
            decide(PolicyAction.explore, $0.model, $0.digest, job, policy, event).isPermitted
        }
        guard input.exploration.floor == (isPermitted ? policy.policy.auction.explorationFloor : 0) else {
            throw .failed(.auction, "it explored with another probability than the policy permits")
        }
    }

    private static func decide(
        _ action: String, _ model: String, _ digest: Digest, _ job: Story.Job, _ policy: Story.Policy,
        _ event: Event.AuctionHeld
    ) -> PolicyDecision {
        // A bundle under a listed name with another digest is not the listed model: it was asked about by its digest.
        let listed = policy.policy.models[model]?.digest == digest
        return policy.evaluator.decide(
            PolicyRequest(
                action: action, at: event.at, model: listed ? model : digest.description,
                class: job.entry.label?.class, purpose: job.accepted.purpose, requester: job.accepted.requester,
                task: job.accepted.task.digest,
                attributes: event.clock.map { [PolicyAttribute.clock: .string($0)] } ?? [:]))
    }
}

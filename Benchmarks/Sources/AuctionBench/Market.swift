// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import BenchmarkTable

/// Bidders of which a learner knows some outcomes on two types of task, and tasks for them.
struct Market {
    struct Lot {
        let number: Int
        let bids: [Bid]
    }

    private let names: [(model: String, digest: Digest)]
    private var learner = Learner()
    private var chain = LearningChain(owners: ["owner"], dataClass: "pii", purpose: "customer-support")
    private var number = 0
    private let weights = AuctionWeights(quality: 600_000_000, price: 300_000_000, latency: 100_000_000)
    private let types = ["spam", "priority"]

    /// - Parameters:
    ///   - bidders: in each auction.
    ///   - registered: that the learner knows at least one outcome of.
    init(bidders: Int, registered: Int) throws {
        guard registered >= bidders else { throw Trouble("more bidders than models") }
        let all = (0..<registered).map { index in
            (model: "model-\(index)", digest: Digest.sha256(Array("model-\(index)".utf8)))
        }
        names = all.prefix(bidders).sorted { $0.digest < $1.digest }
        for start in stride(from: 0, to: max(registered, 256), by: 1) {
            let index = start % registered
            let model = Bidder(digest: all[index].digest, claim: index * 7 % 65, unitPrice: 30)
            learner.learn(
                Lesson(
                    task: LearnedTask(type: types[start % 2], lengthStep: 2), bidders: [model],
                    outcome: VerifiedOutcome(
                        bidder: 0, quality: start * 13 % 7 < 5 ? 1_000_000_000 : 0, cost: Int64(5 + index % 90),
                        latency: Int64(index % 400))))
            chain.add(record: all[index].digest, entry: UInt64(start), isRight: start * 13 % 7 < 5)
        }
    }

    mutating func lot() -> Lot {
        number += 1
        return Lot(
            number: number,
            bids: names.enumerated().map { index, name in
                Bid(
                    model: name.model, digest: name.digest, confidence: (index * 37 + number) % 65,
                    costStep: index % 8, latencyStep: index % 7)
            })
    }

    /// What the supervisor makes of collected bids.
    func input(_ lot: Lot) -> AuctionInput {
        let features = features(lot)
        return input(lot, features, learner.input(lot.bids, on: features, chain: chain, pace: .none))
    }

    /// The same where nothing was learned.
    func cold(_ lot: Lot) -> AuctionInput { input(lot, features(lot), nil) }

    private func features(_ lot: Lot) -> TaskFeatures {
        TaskFeatures(
            type: types[lot.number % 2], class: "pii", purpose: "customer-support", bytes: 3_000, schema: Digest.zero)
    }

    private func input(_ lot: Lot, _ features: TaskFeatures, _ learning: LearnedInput?) -> AuctionInput {
        AuctionInput(
            job: "job-20261130-f2a0a21839ca", jobDigest: names[0].digest, microtask: "\(lot.number)/spam", sequence: 0,
            features: features, policy: PolicyReference(sequence: 1, digest: Digest.zero), bids: lot.bids,
            learning: learning, weights: weights, exploration: Exploration(floor: 20_000_000, weights: weights),
            budgetRemaining: 30_000_000)
    }

    mutating func learn(_ record: AuctionRecord) {
        guard let winner = record.award.winner,
            let lesson = Lesson(
                record.input, model: winner, isRight: number % 5 != 0, cost: 40, latencyMs: 20, examples: 0)
        else { return }
        learner.learn(lesson)
        chain.add(record: record.input.jobDigest, entry: UInt64(number), isRight: number % 5 != 0)
    }
}

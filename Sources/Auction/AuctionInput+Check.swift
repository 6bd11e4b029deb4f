// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension AuctionInput {
    static let limitOfList = 4_096
    static let limitOfWeight: Int64 = 1_000_000_000_000_000

    /// Refuses an input outside the documented bounds, with duplicates, unsorted, or with a foreign seed.
    func check() throws(AuctionError) {
        try checkBounds()
        try checkBids()
        try checkIdentities()
        try checkExperience()
        guard seed == AuctionSeed.derive(job: jobDigest, round: round, microtask: microtask).hex else {
            throw AuctionError(
                .seed, "the seed is not the one derived from job, round and microtask",
                remedy: "do not trust this record: somebody chose its chance")
        }
    }

    private func checkBounds() throws(AuctionError) {
        try within(job.utf8.count, 1...256, "job")
        try within(microtask.utf8.count, 1...256, "microtask")
        try within(attempt, 1...Self.limitOfList + 1, "attempt")
        try within(round, 1...Int(Int32.max), "round")
        try within(sequence, 0...Checked.limit, "sequence")
        try within(policy.sequence, 0...Checked.limit, "policy.sequence")
        try within(features.lengthStep, 0...15, "features.lengthStep")
        try within(minBids, 1...Self.limitOfList, "minBids")
        try within(budgetRemaining, 0...Checked.limit, "budgetRemaining")
        try within(exploration.floor, 0...Checked.billion, "exploration.floor")
        try within(exploration.margin, 0...Self.limitOfWeight, "exploration.margin")
        try within(weights.quality, 0...Self.limitOfWeight, "weights.quality")
        try within(weights.price, 0...Self.limitOfWeight, "weights.price")
        try within(weights.latency, 0...Self.limitOfWeight, "weights.latency")
        try within(weights.risk, 0...Self.limitOfWeight, "weights.risk")
        try within(weights.reserve, -Self.limitOfWeight...Self.limitOfWeight, "weights.reserve")
    }

    private func checkBids() throws(AuctionError) {
        for bid in bids {
            try within(bid.confidence, 0...64, "confidence of \(bid.model)")
            try within(bid.costStep, 0...15, "costStep of \(bid.model)")
            try within(bid.latencyStep, 0...15, "latencyStep of \(bid.model)")
        }
        for attempt in prior {
            try within(attempt.cost, 0...Checked.limit, "cost of the attempt of \(attempt.model)")
        }
    }

    /// One name, one digest, once per list: the award speaks of models by name.
    private func checkIdentities() throws(AuctionError) {
        var digests: [String: Digest] = [:]
        var names: [Digest: String] = [:]
        func enter(_ list: [(model: String, digest: Digest)], _ name: String) throws(AuctionError) {
            try within(list.count, 0...Self.limitOfList, name)
            var previous: Digest?
            for entry in list {
                try within(entry.model.utf8.count, 1...128, "a model's name")
                if let previous, entry.digest <= previous {
                    if entry.digest == previous { throw duplicate(entry.model) }
                    throw AuctionError(
                        .order, "\(name) is not sorted by digest", remedy: "build the input with AuctionInput.init")
                }
                previous = entry.digest
                guard digests.updateValue(entry.digest, forKey: entry.model) ?? entry.digest == entry.digest,
                    names.updateValue(entry.model, forKey: entry.digest) ?? entry.model == entry.model
                else { throw duplicate(entry.model) }
            }
        }
        try enter(bids.map { ($0.model, $0.digest) }, "bids")
        let bidding = names
        try enter(late.map { ($0.model, $0.digest) }, "late")
        for entry in late where bidding[entry.digest] != nil { throw duplicate(entry.model) }
        try enter(exclusions.map { ($0.model, $0.digest) }, "exclusions")

        try within(prior.count, 0...Self.limitOfList, "prior")
        var tried: Set<Digest> = []
        for entry in prior {
            guard bidding[entry.digest] == entry.model else {
                throw AuctionError(
                    .prior, "\(entry.model) failed before but did not bid in this round",
                    remedy: "list only attempts made with this round's bids")
            }
            guard tried.insert(entry.digest).inserted else { throw duplicate(entry.model) }
        }
    }

    /// Experience is of bidders of this round, counts something, and is there or absent but never empty: one input, one form.
    private func checkExperience() throws(AuctionError) {
        guard let experience else { return }
        try within(experience.count, 1...Self.limitOfList, "experience")
        let bidding = Dictionary(bids.map { ($0.digest, $0.model) }, uniquingKeysWith: { first, _ in first })
        var previous: Digest?
        for entry in experience {
            guard bidding[entry.digest] == entry.model else {
                throw AuctionError(
                    .experience, "experience with \(entry.model), which did not bid in this round",
                    remedy: "build the input with AuctionInput.init")
            }
            if let previous, entry.digest <= previous {
                if entry.digest == previous { throw duplicate(entry.model) }
                throw AuctionError(
                    .order, "experience is not sorted by digest", remedy: "build the input with AuctionInput.init")
            }
            previous = entry.digest
            try within(entry.right, 0...Auction.limitOfExperience, "right of \(entry.model)")
            try within(entry.wrong, 0...Auction.limitOfExperience, "wrong of \(entry.model)")
            try within(entry.right + entry.wrong, 1...2 * Auction.limitOfExperience, "experience with \(entry.model)")
        }
    }

    private func duplicate(_ model: String) -> AuctionError {
        AuctionError(
            .duplicate, "\(model) takes part twice, under one name or one digest",
            remedy: "one bid per model and one model per name; register versions under names of their own")
    }

    private func within<N: BinaryInteger & Sendable>(
        _ value: N, _ bounds: ClosedRange<N>, _ field: @autoclosure () -> String
    ) throws(AuctionError) {
        guard bounds.contains(value) else {
            throw .range(field(), "\(bounds.lowerBound)…\(bounds.upperBound)")
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension AuctionInput {
    static let limitOfList = 4_096
    static let limitOfWeight: Int64 = 1_000_000_000_000_000

    /// Refuses an input outside the documented bounds, with duplicates, unsorted, or with a foreign seed.
    ///
    /// - Returns: the seed.
    @discardableResult func check() throws(AuctionError) -> Digest {
        try checkBounds()
        try checkBids()
        try checkIdentities()
        try checkExperience()
        try learning?.check(bids: bids.count)
        let derived = AuctionSeed.derive(job: jobDigest, round: round, microtask: microtask)
        guard seed.utf8.count == 2 * Digest.count, derived.isHex(seed.utf8.span, at: 0) else {
            throw AuctionError(
                .seed, "the seed is not the one derived from job, round and microtask",
                remedy: "do not trust this record: somebody chose its chance")
        }
        return derived
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
        if prior.isEmpty, late.isEmpty, exclusions.isEmpty, Identities.areDistinct(bids) { return }
        var identities = Identities(capacity: bids.count + late.count + exclusions.count)
        try identities.enter(bids.lazy.map { ($0.model, $0.digest) }, "bids")
        try identities.enter(late.lazy.map { ($0.model, $0.digest) }, "late")
        for entry in late where bid(of: entry.digest) != nil { throw Self.duplicate(entry.model) }
        try identities.enter(exclusions.lazy.map { ($0.model, $0.digest) }, "exclusions")
        if !late.isEmpty || !exclusions.isEmpty { try checkNames() }

        try within(prior.count, 0...Self.limitOfList, "prior")
        for (place, entry) in prior.enumerated() {
            guard bid(of: entry.digest)?.model == entry.model else {
                throw AuctionError(
                    .prior, "\(entry.model) failed before but did not bid in this round",
                    remedy: "list only attempts made with this round's bids")
            }
            guard !prior[..<place].contains(where: { $0.digest == entry.digest }) else {
                throw Self.duplicate(entry.model)
            }
        }
    }

    /// A digest has one name in all lists; that a name has one digest, ``Identities`` sees.
    private func checkNames() throws(AuctionError) {
        for entry in exclusions {
            let place = late.place(of: entry.digest)
            let other = bid(of: entry.digest)?.model ?? place.map { late[$0].model }
            if let other, other != entry.model { throw Self.duplicate(entry.model) }
        }
    }

    private func bid(of digest: Digest) -> Bid? { bids.place(of: digest).map { bids[$0] } }

    /// Experience is of bidders of this round, counts something, and is there or absent but never empty: one input, one form.
    private func checkExperience() throws(AuctionError) {
        guard let experience else { return }
        guard learning == nil else {
            throw AuctionError(
                .learning, "what was learned stands beside a count of answers",
                remedy: "build the input with AuctionInput.init")
        }
        try within(experience.count, 1...Self.limitOfList, "experience")
        var previous: Digest?
        for entry in experience {
            guard bid(of: entry.digest)?.model == entry.model else {
                throw AuctionError(
                    .experience, "experience with \(entry.model), which did not bid in this round",
                    remedy: "build the input with AuctionInput.init")
            }
            if let previous, entry.digest <= previous {
                if entry.digest == previous { throw Self.duplicate(entry.model) }
                throw AuctionError(
                    .order, "experience is not sorted by digest", remedy: "build the input with AuctionInput.init")
            }
            previous = entry.digest
            try within(entry.right, 0...Auction.limitOfExperience, "right of \(entry.model)")
            try within(entry.wrong, 0...Auction.limitOfExperience, "wrong of \(entry.model)")
            try within(entry.right + entry.wrong, 1...2 * Auction.limitOfExperience, "experience with \(entry.model)")
        }
    }

    fileprivate static func duplicate(_ model: String) -> AuctionError {
        AuctionError(
            .duplicate, "\(model) takes part twice, under one name or one digest",
            remedy: "one bid per model and one model per name; register versions under names of their own")
    }

}

/// - Throws: `range` with the name of the field.
@inline(__always)
private func within<N: BinaryInteger & Sendable>(
    _ value: N, _ bounds: ClosedRange<N>, _ field: @autoclosure () -> String
) throws(AuctionError) {
    guard bounds.contains(value) else {
        throw .range(field(), "\(bounds.lowerBound)…\(bounds.upperBound)")
    }
}

/// The names that take part so far, each with its digest.
private struct Identities {
    private var digests: [String: Digest] = [:]

    init(capacity: Int) { digests.reserveCapacity(capacity) }

    /// Whether the bids are in order and a fingerprint of each name shows that all differ: mostly they do. False where it takes a
    /// closer look, and for names beyond ASCII, of which two of the same characters may have other bytes.
    static func areDistinct(_ bids: [Bid]) -> Bool {
        guard bids.count <= AuctionInput.limitOfList else { return false }
        // Open addressing in a table that is at most half full; an empty place has 0.
        var mask = 15
        while mask < 2 * bids.count { mask = 2 * mask + 1 }
        var prints = [UInt64](repeating: 0, count: mask + 1)
        for index in bids.indices {
            guard index == 0 || bids[index - 1].digest < bids[index].digest else { return false }
            let name = bids[index].model.utf8
            // FNV-1a, 64 bits.
            var (print, letters): (UInt64, UInt8) = (0xcbf2_9ce4_8422_2325, 0)
            for letter in name {
                print = (print ^ UInt64(letter)) &* 0x100_0000_01b3
                letters |= letter
            }
            guard letters < 0x80, (1...128).contains(name.count), print != 0 else { return false }
            var place = Int(truncatingIfNeeded: print ^ print >> 32) & mask
            while prints[place] != 0 {
                if prints[place] == print { return false }
                place = (place + 1) & mask
            }
            prints[place] = print
        }
        return true
    }

    /// - Throws: `range` for a list or a name that is too long, `order`, `duplicate`.
    mutating func enter(
        _ list: some Collection<(model: String, digest: Digest)>, _ name: String
    ) throws(AuctionError) {
        try within(list.count, 0...AuctionInput.limitOfList, name)
        var previous: Digest?
        for entry in list {
            try within(entry.model.utf8.count, 1...128, "a model's name")
            if let previous, entry.digest <= previous {
                if entry.digest == previous { throw AuctionInput.duplicate(entry.model) }
                throw AuctionError(
                    .order, "\(name) is not sorted by digest", remedy: "build the input with AuctionInput.init")
            }
            previous = entry.digest
            guard digests.updateValue(entry.digest, forKey: entry.model) ?? entry.digest == entry.digest else {
                throw AuctionInput.duplicate(entry.model)
            }
        }
    }
}

extension LearnedInput {
    /// Bounds that keep every score of it within 64 bits until it is known whether it fits the record's.
    fileprivate func check(bids: Int) throws(AuctionError) {
        guard forecasts.count == bids else {
            throw AuctionError(
                .learning, "\(forecasts.count) forecasts for \(bids) bids",
                remedy: "build the input with a forecast of each bid, in digest order")
        }
        guard settings == LearningSettings().version else {
            throw AuctionError(
                .learning, "settings of version \(settings) are not known here",
                remedy: "replay the record with the release that wrote it, or a later one")
        }
        try within(outcomes, 0...Checked.limit, "learning.outcomes")
        guard [HierarchicalThompson.id, LinUCB.id].contains(engine.name) else {
            throw AuctionError(
                .learning, "an engine of this name is not known here",
                remedy: "replay the record with the release that wrote it, or a later one")
        }
        try within(engine.compared, 0...Checked.limit, "learning.engine.compared")
        try within(engine.usualError, 0...Checked.billion, "learning.engine.usualError")
        try within(engine.challengerError, 0...Checked.billion, "learning.engine.challengerError")
        try within(pace.pressure, 0...AuctionInput.limitOfWeight, "learning.pace.pressure")
        try within(pace.share, 1...Checked.limit, "learning.pace.share")
        for forecast in forecasts {
            try within(forecast.quality, 0...Checked.billion, "a forecast's quality")
            try within(forecast.deviation, 0...2 * Checked.billion, "a forecast's deviation")
            try within(forecast.cost, 0...VerifiedOutcome.mostCost, "a forecast's cost")
            try within(forecast.costDeviation, 0...4 * VerifiedOutcome.mostCost, "a forecast's cost deviation")
            try within(forecast.latency, 0...VerifiedOutcome.mostLatency, "a forecast's latency")
            try within(forecast.usualQuality, 0...Checked.billion, "a forecast's usual quality")
            try within(forecast.usualCost, 0...VerifiedOutcome.mostCost, "a forecast's usual cost")
        }
    }
}

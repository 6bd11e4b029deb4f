// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import SovereignPolicy

/// Computes every award of a history again and says where something differs.
struct AuctionReplay: Encodable {
    /// One thing that does not agree.
    struct Difference: Encodable {
        /// Index of the log entry.
        let entry: UInt64
        let record: Digest
        /// What differs, such as `award.winner`.
        let what: String
        let stored: String
        let recomputed: String
    }

    /// Auctions replayed.
    let auctions: Int
    /// Of them those scored by what the room had learned, for which that was learned again from the log.
    private(set) var learned = 0
    private(set) var differences: [Difference] = []
    /// How the auctions of a job fail to form a chain; absent when they do.
    let chain: String?

    var agrees: Bool { differences.isEmpty && chain == nil }

    /// One line per thing that does not agree.
    var complaints: [String] {
        let lines = differences.map { difference in
            "entry \(difference.entry): \(difference.what): stored \(difference.stored), computed \(difference.recomputed)"
        }
        return lines + [chain].compactMap { $0 }
    }

    /// Replays what a bundle holds, with the policies it holds.
    init(_ bundle: Bundle) throws {
        var policies: [Int64: PolicyEnvelope.Accepted] = [:]
        for member in bundle.members where member.name.hasPrefix("policy/") {
            let accepted = try PolicyEnvelope.inspect(member.content)
            policies[accepted.policy.sequence] = accepted
        }
        let entries = try bundle.entries()
        let history = try AuctionHistory(entries) { bundle.record($0) }
        try self.init(history, policies: policies)
        let learning = try LearningReplay(entries, history, adaptive: bundle.adaptiveModels())
        learned = learning.checked
        for difference in learning.differences {
            note(difference.auction, difference.what, difference.stored, difference.recomputed)
        }
    }

    /// - Parameter policies: the policies in force, by sequence; who signed them is for the verifier to say.
    init(_ history: AuctionHistory, policies: [Int64: PolicyEnvelope.Accepted]) throws(AuctionError) {
        auctions = history.items.count
        let fault = try Auction.verifyChain(history.items.map(\.record))
        chain = fault.map { "job \($0.job), auction \($0.sequence): \($0.what)" }
        for item in history.items {
            replayAward(item)
            compareEntry(item)
            comparePolicy(item, policies[item.record.input.policy.sequence])
            compareCredits(item)
        }
    }

    private mutating func note(_ item: AuctionHistory.Item, _ what: String, _ stored: String, _ recomputed: String) {
        guard stored != recomputed else { return }
        differences.append(
            Difference(
                entry: item.entry, record: item.held.record, what: what, stored: stored, recomputed: recomputed))
    }

    private mutating func replayAward(_ item: AuctionHistory.Item) {
        switch Auction.replay(item.record) {
        case .agrees: return
        case .differs(let path, let stored, let recomputed): note(item, path, stored, recomputed)
        case .refused(let error): note(item, "input", "accepted", "refused: \(error.message)")
        }
    }

    /// The log's entry about the auction says the same as its record.
    private mutating func compareEntry(_ item: AuctionHistory.Item) {
        let (held, record) = (item.held, item.record)
        note(item, "entry.job", item.job, record.input.job)
        note(item, "entry.microtask", held.microtask, record.input.microtask)
        // The round goes into the seed, so it must be the attempt that the log counts.
        note(item, "entry.attempt", String(held.attempt), String(record.input.round))
        note(item, "entry.winner", held.winner ?? "nobody", record.award.winner ?? "nobody")
        note(item, "entry.bidders", String(held.bidders), String(record.input.bids.count))
        note(item, "entry.excluded", String(held.excluded), String(record.input.exclusions.count))
    }

    /// The weights are the policy's, not the operator's.
    private mutating func comparePolicy(_ item: AuctionHistory.Item, _ accepted: PolicyEnvelope.Accepted?) {
        let input = item.record.input
        note(item, "policy", input.policy.digest.description, accepted?.digest.description ?? "not in the bundle")
        guard let stated = accepted?.policy.auction else { return }
        note(item, "weights.quality", String(input.weights.quality), String(stated.weights.quality))
        note(item, "weights.price", String(input.weights.price), String(stated.weights.price))
        note(item, "weights.latency", String(input.weights.latency), String(stated.weights.latency))
        // 0 where somebody might not be tried; whether that is so depends on the job, and a bundle's verifier looks.
        if input.exploration.floor != 0 {
            note(item, "exploration.floor", String(input.exploration.floor), String(stated.explorationFloor))
        }
        // What this version's policies cannot state has its default, or an operator could set it.
        let usual = AuctionWeights(quality: stated.weights.quality, price: 0, latency: 0)
        note(item, "weights.risk", String(input.weights.risk), String(stated.weights.risk ?? usual.risk))
        note(item, "weights.reserve", String(input.weights.reserve), String(usual.reserve))
        let margin = Exploration(floor: 0, weights: usual).margin
        note(item, "exploration.margin", String(input.exploration.margin), String(margin))
        note(item, "minBids", String(input.minBids), String(item.held.trial == true ? 1 : stated.minBids))
    }

    /// Credits follow from the logged meters; the meters themselves are the room's word.
    private mutating func compareCredits(_ item: AuctionHistory.Item) {
        guard let bill = item.settlement else { return }
        note(item, "settlement.model", bill.model, item.record.award.winner ?? "nobody")
        // A call that ended with its supervisor has no meters, so its bill credits nobody.
        if bill.latencyNs == "0", bill.cpuNs == "0" {
            return note(item, "settlement.credits", String(bill.credits), "0")
        }
        guard let second = item.record.award.secondScore else { return }
        // Nanoseconds are logged as whole milliseconds.
        let credits = Int64(bill.latencyNs).flatMap { latency in
            try? Auction.credits(
                item.record.input.weights, outcome: bill.outcome, cost: bill.cost, latencyMs: latency / 1_000_000,
                secondScore: second)
        }
        note(item, "settlement.credits", String(bill.credits), credits.map(String.init) ?? "nothing that fits")
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore
internal import TransparencyLog

/// What a room had learned before each of its auctions, made again from the whole log: the forecasts of a record are not the
/// room's word.
struct LearningReplay {
    /// A forecast, or what it is of, that other numbers follow for.
    struct Difference {
        let auction: AuctionHistory.Item
        let what: String
        let stored: String
        let recomputed: String
    }

    /// One verified outcome, as the room's `state.db` has it.
    private struct Taught {
        let answer: [String]
        let record: Digest
        let seq: UInt64
        let isRight: Bool
        let lesson: Lesson
    }

    private struct Scope {
        let start: LearningChain
        var taught: [Taught] = []
        var answers: Set<[String]> = []
        var chain: LearningChain
        var learner = Learner()

        init(_ label: DataLabel, purpose: String) {
            start = LearningChain(owners: label.owners, dataClass: label.class, purpose: purpose)
            chain = start
        }

        /// A later word about an answer takes the place of an earlier one, at the end.
        mutating func learn(_ new: Taught) {
            let isLater = !answers.insert(new.answer).inserted
            if isLater { taught.removeAll { $0.answer == new.answer } }
            taught.append(new)
            if isLater { (chain, learner) = (start, Learner()) }
            for outcome in isLater ? taught[...] : taught.suffix(1) {
                chain.add(record: outcome.record, entry: outcome.seq, isRight: outcome.isRight)
                learner.learn(outcome.lesson)
            }
        }
    }

    /// What was known at one time, as far as an auction says that it was held by it.
    private struct Known {
        let learner: Learner
        let count: Int64
        /// Labelled messages by scope and type.
        let remembered: [LearningKey: Int64]
    }

    /// Auctions whose forecasts were made again.
    private(set) var checked = 0
    private(set) var differences: [Difference] = []
    /// By scope; the type of the key is empty.
    private var scopes: [LearningKey: Scope] = [:]
    private var known: [Digest: Known] = [:]
    private var memory: [LearningKey: [Digest: (name: Digest, seq: UInt64)]] = [:]
    private var begun: [String: UInt64] = [:]
    private let auctions: [UInt64: AuctionHistory.Item]
    private let byRecord: [Digest: AuctionHistory.Item]
    /// Names of states that records say they were held by.
    private let wanted: Set<Digest>
    /// Models that are shown labelled examples.
    private let adaptive: Set<Digest>

    /// - Parameters:
    ///   - entries: of a log from its beginning; of a later part nothing can be said.
    ///   - adaptive: digests of models that are shown labelled examples.
    init(_ entries: [LogEntry], _ history: AuctionHistory, adaptive: Set<Digest>) throws {
        auctions = Dictionary(history.items.map { ($0.entry, $0) }, uniquingKeysWith: { first, _ in first })
        byRecord = Dictionary(history.items.map { ($0.held.record, $0) }, uniquingKeysWith: { first, _ in first })
        wanted = Set(history.items.compactMap { $0.record.input.learning?.state })
        self.adaptive = adaptive
        guard entries.first?.seq == 0, !wanted.isEmpty else { return }
        for entry in entries { try follow(entry) }
    }

    private mutating func follow(_ entry: LogEntry) throws {
        switch entry.type {
        case Event.JobAccepted.type:
            if let job = entry.job { begun[job] = entry.seq }
        case Event.FeedbackAdded.type:
            try learn(try CanonicalJSON.decodeStrict(Event.FeedbackAdded.self, from: entry.data), entry)
        case Event.MemoryErased.type:
            let erased = Set(try CanonicalJSON.decodeStrict(Event.MemoryErased.self, from: entry.data).entries)
            for key in memory.keys { memory[key] = memory[key]?.filter { !erased.contains($0.value.name) } }
        default:
            if let auction = auctions[entry.seq], let label = entry.label { check(auction, label) }
        }
    }

    private mutating func learn(_ event: Event.FeedbackAdded, _ entry: LogEntry) throws {
        guard let job = entry.job, let label = entry.label, let auction = byRecord[event.record] else { return }
        let input = auction.record.input
        let key = key(label, input)
        let scope = key.overAllTypes
        let first = begun[job] ?? 0
        let shown = (memory[key] ?? [:]).values.count { $0.seq < first }
        let bill = auction.settled?.event
        let isRight = event.outcome == "right"
        guard
            let lesson = Lesson(
                input, model: event.model, isRight: isRight, cost: bill?.cost ?? 0,
                latencyMs: (bill.flatMap { Int64($0.latencyNs) } ?? 0) / 1_000_000, examples: Int64(shown))
        else { return }
        if let name = event.memory { memory[key, default: [:]][event.input] = (name, entry.seq) }
        scopes[scope, default: Scope(label, purpose: key.purpose)].learn(
            Taught(
                answer: [job, event.microtask, event.model], record: event.record, seq: entry.seq, isRight: isRight,
                lesson: lesson))
        guard let scope = scopes[scope], wanted.contains(scope.chain.digest) else { return }
        known[scope.chain.digest] = Known(
            learner: scope.learner, count: scope.chain.count, remembered: memory.mapValues { Int64($0.count) })
    }

    private func key(_ label: DataLabel, _ input: AuctionInput) -> LearningKey {
        LearningKey(
            owners: label.owners, dataClass: label.class, purpose: input.features.purpose, type: input.features.type)
    }

    /// Forecasts again what the record says was expected of its bidders.
    private mutating func check(_ auction: AuctionHistory.Item, _ label: DataLabel) {
        let input = auction.record.input
        // A takeover repeats what the first attempt was told.
        guard let learning = input.learning, input.prior.isEmpty else { return }
        checked += 1
        guard let known = known[learning.state] else {
            return note(auction, "input.learning.state", learning.state.description, "no outcomes of the log")
        }
        note(auction, "input.learning.outcomes", "\(learning.outcomes)", "\(known.count)")
        note(auction, "input.learning.engine", "\(learning.engine)", "\(known.learner.choice)")
        let key = key(label, input)
        // The room counted its examples some time between the last outcome and the award.
        let counts = Set([known.remembered[key] ?? 0, Int64(memory[key]?.count ?? 0)])
        let task = LearnedTask(input.features)
        let possible = counts.sorted().map { count in
            known.learner.forecast(
                input.bids.map { Bidder($0, examples: adaptive.contains($0.digest) ? count : nil) }, on: task)
        }
        guard let first = possible.first, !possible.contains(learning.forecasts) else { return }
        for (place, bid) in input.bids.enumerated() where first[place] != learning.forecasts[place] {
            note(
                auction, "input.learning.forecasts of \(bid.model)", "\(learning.forecasts[place])", "\(first[place])")
        }
    }

    private mutating func note(_ auction: AuctionHistory.Item, _ what: String, _ stored: String, _ recomputed: String) {
        guard stored != recomputed else { return }
        differences.append(
            Difference(auction: auction, what: what, stored: stored, recomputed: recomputed))
    }
}

extension Bundle {
    /// Models that are shown labelled examples, by their manifests.
    func adaptiveModels() throws -> Set<Digest> {
        var found: Set<Digest> = []
        for member in members where member.name.hasPrefix("models/") && member.name.hasSuffix("/manifest.json") {
            let hints = try JSONValue.parse(member.content)["manifest"]?["adaptation"]
            let most = max(
                hints?["demonstrations"]?.integerValue ?? 0, hints?["memory"]?.integerValue ?? 0)
            if most > 0 { found.insert(.sha256(member.content)) }
        }
        return found
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import TransparencyLog

/// What a room had learned before each of its auctions, made again from the whole log: the forecasts of a record are not the
/// room's word.
struct LearningReplay {
    /// A forecast, or what it is of, that other numbers follow for.
    struct Difference {
        /// Index of the auction's entry.
        let entry: UInt64
        let what: String
        let stored: String
        let recomputed: String
    }

    private struct Key: Hashable {
        let owners: [String]
        let dataClass: String
        let purpose: String
    }

    private struct Shelf: Hashable {
        let key: Key
        let type: String
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

        init(_ key: Key) {
            start = LearningChain(owners: key.owners, dataClass: key.dataClass, purpose: key.purpose)
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
        /// Labelled messages by type.
        let remembered: [Shelf: Int64]
    }

    /// Auctions whose forecasts were made again.
    private(set) var checked = 0
    private(set) var differences: [Difference] = []
    private var scopes: [Key: Scope] = [:]
    private var known: [Digest: Known] = [:]
    private var memory: [Shelf: [Digest: (name: Digest, seq: UInt64)]] = [:]
    private var begun: [String: UInt64] = [:]
    private var bills: [Digest: Event.AuctionSettled] = [:]
    private let records: [Digest: AuctionRecord]
    /// Names of states that records say they were held by.
    private let wanted: Set<Digest>
    /// Models that are shown labelled examples.
    private let adaptive: Set<Digest>

    /// - Parameters:
    ///   - entries: of a log from its beginning; of a later part nothing can be said.
    ///   - adaptive: digests of models that are shown labelled examples.
    init(_ entries: [LogEntry], _ history: AuctionHistory, adaptive: Set<Digest>) throws {
        records = Dictionary(
            history.items.map { ($0.held.record, $0.record) }, uniquingKeysWith: { first, _ in first })
        wanted = Set(history.items.compactMap { $0.record.input.learning?.state })
        self.adaptive = adaptive
        guard entries.first?.seq == 0, !wanted.isEmpty else { return }
        for entry in entries { try follow(entry) }
    }

    private mutating func follow(_ entry: LogEntry) throws {
        switch entry.type {
        case Event.JobAccepted.type:
            if let job = entry.job { begun[job] = entry.seq }
        case Event.AuctionSettled.type:
            let bill = try CanonicalJSON.decodeStrict(Event.AuctionSettled.self, from: entry.data)
            bills[bill.record] = bill
        case Event.FeedbackAdded.type:
            try learn(try CanonicalJSON.decodeStrict(Event.FeedbackAdded.self, from: entry.data), entry)
        case Event.MemoryErased.type:
            let erased = Set(try CanonicalJSON.decodeStrict(Event.MemoryErased.self, from: entry.data).entries)
            for shelf in memory.keys { memory[shelf] = memory[shelf]?.filter { !erased.contains($0.value.name) } }
        case Event.AuctionHeld.type:
            let held = try CanonicalJSON.decodeStrict(Event.AuctionHeld.self, from: entry.data)
            if let record = records[held.record] { check(record, entry) }
        default: break
        }
    }

    private mutating func learn(_ event: Event.FeedbackAdded, _ entry: LogEntry) throws {
        guard let job = entry.job, let label = entry.label, let record = records[event.record] else { return }
        let features = record.input.features
        let key = Key(owners: Set(label.owners).sorted(), dataClass: label.class, purpose: features.purpose)
        let shelf = Shelf(key: key, type: features.type)
        let first = begun[job] ?? 0
        let shown = (memory[shelf] ?? [:]).values.count { $0.seq < first }
        let bill = bills[event.record]
        let isRight = event.outcome == "right"
        guard
            let lesson = Lesson(
                record.input, model: event.model, isRight: isRight, cost: bill?.cost ?? 0,
                latencyMs: (bill.flatMap { Int64($0.latencyNs) } ?? 0) / 1_000_000, examples: Int64(shown))
        else { return }
        if let name = event.memory { memory[shelf, default: [:]][event.input] = (name, entry.seq) }
        scopes[key, default: Scope(key)].learn(
            Taught(
                answer: [job, event.microtask], record: event.record, seq: entry.seq, isRight: isRight, lesson: lesson))
        guard let scope = scopes[key], wanted.contains(scope.chain.digest) else { return }
        known[scope.chain.digest] = Known(
            learner: scope.learner, count: scope.chain.count, remembered: memory.mapValues { Int64($0.count) })
    }

    /// Forecasts again what the record says was expected of its bidders.
    private mutating func check(_ record: AuctionRecord, _ entry: LogEntry) {
        let input = record.input
        // A takeover repeats what the first attempt was told.
        guard let learning = input.learning, input.prior.isEmpty, let label = entry.label else { return }
        checked += 1
        guard let known = known[learning.state] else {
            return note(entry, "input.learning.state", learning.state.description, "no outcomes of the log")
        }
        note(entry, "input.learning.outcomes", "\(learning.outcomes)", "\(known.count)")
        note(entry, "input.learning.engine", "\(learning.engine)", "\(known.learner.choice)")
        let shelf = Shelf(
            key: Key(
                owners: Set(label.owners).sorted(), dataClass: label.class, purpose: input.features.purpose),
            type: input.features.type)
        // The room counted its examples some time between the last outcome and the award.
        let counts = Set([known.remembered[shelf] ?? 0, Int64(memory[shelf]?.count ?? 0)])
        let task = LearnedTask(input.features)
        let possible = counts.sorted().map { count in
            known.learner.forecast(
                input.bids.map { Bidder($0, examples: adaptive.contains($0.digest) ? count : nil) }, on: task)
        }
        guard let first = possible.first, !possible.contains(learning.forecasts) else { return }
        for (place, bid) in input.bids.enumerated() where first[place] != learning.forecasts[place] {
            note(
                entry, "input.learning.forecasts of \(bid.model)", "\(learning.forecasts[place])", "\(first[place])")
        }
    }

    private mutating func note(_ entry: LogEntry, _ what: String, _ stored: String, _ recomputed: String) {
        guard stored != recomputed else { return }
        differences.append(
            Difference(entry: entry.seq, what: what, stored: stored, recomputed: recomputed))
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

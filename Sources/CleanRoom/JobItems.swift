// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore

extension JobItem {
    /// A microtask that ended in this run.
    /// - Parameter expected: what the answer should be, where a label says so.
    init(name: String, microtask: String, end: GraphProgress.End, facts: MicrotaskFacts, expected: JSONValue?) {
        let right: Bool? =
            if let expected, let value = end.value, end.state.hasAnswer {
                AnswerDocument.principal(of: value, microtask: microtask).canonical == expected.canonical
            } else {
                nil
            }
        self.init(
            name: name, microtask: microtask, state: end.state.rawValue, code: end.code,
            rules: end.decision?.rules ?? facts.rules, record: facts.record,
            winner: end.state.hasAnswer ? end.model : nil, cost: facts.cost, latencyNs: facts.latencyNs,
            confidence: end.state.hasAnswer ? facts.confidence : nil, right: right)
    }

    /// A microtask that ended before this run, as the log left it.
    init(name: String, row: MicrotaskRow, record: AuctionRecord?) {
        let microtask = row.id.split(separator: "/", maxSplits: 1).last.map(String.init) ?? row.id
        let hasAnswer = MicrotaskState(rawValue: row.state)?.hasAnswer == true
        self.init(
            name: name, microtask: microtask, state: row.state, code: row.code, rules: [], record: record,
            winner: hasAnswer ? row.model : nil, cost: row.cost, latencyNs: row.latencyNs, confidence: nil, right: nil)
    }

    private init(
        name: String, microtask: String, state: String, code: String?, rules: [String], record: AuctionRecord?,
        winner: String?, cost: Int64, latencyNs: Int64, confidence: Int64?, right: Bool?
    ) {
        let scores = record?.award.scores ?? []
        self.init(
            name: name, microtask: microtask, state: state, code: code, rules: rules,
            bidders: record?.input.bids.map { bid in
                let scored = scores.first { $0.digest == bid.digest }
                return Bidder(
                    model: bid.model, confidence: scored?.probability ?? 0, price: scored?.price ?? 0,
                    score: scored?.score)
            } ?? [],
            excluded: record?.input.exclusions.map { .init(model: $0.model, kind: $0.kind, rules: $0.rules) } ?? [],
            winner: winner, why: Self.why(record), cost: cost, latencyNs: latencyNs, confidence: confidence,
            right: right)
    }

    private static func why(_ record: AuctionRecord?) -> String? {
        guard let record, record.award.winner != nil else { return nil }
        if let prior = record.input.prior.last { return "took over: \(prior.model) \(prior.code)" }
        if record.award.explored { return "exploration" }
        return record.award.ranking.count == 1 ? "only bidder" : "best score"
    }
}

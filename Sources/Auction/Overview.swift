// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// One auction of a job, with what a person calls its input and how the attempt ended.
public struct ExplainedAuction: Codable, Hashable, Sendable {
    /// File name of the input.
    public let name: String
    public let record: AuctionRecord
    /// Absent while the attempt runs, and when nobody won.
    public let settlement: Settlement?
    /// Whether newcomers did a task beside the answer that left.
    public let isTrial: Bool

    public init(name: String, record: AuctionRecord, settlement: Settlement?, isTrial: Bool = false) {
        self.name = name
        self.record = record
        self.settlement = settlement
        self.isTrial = isTrial
    }

    private enum CodingKeys: CodingKey { case award, name, record, settlement, trial }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try members.decode(String.self, forKey: .name),
            record: try members.decode(AuctionRecord.self, forKey: .record),
            settlement: try members.decodeIfPresent(Settlement.self, forKey: .settlement),
            isTrial: try members.decodeIfPresent(Bool.self, forKey: .trial) ?? false)
    }

    /// A learned record stores who won and why; whoever asks for an explanation gets all scores beside it, as `award`.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(name, forKey: .name)
        try members.encode(record, forKey: .record)
        try members.encodeIfPresent(settlement, forKey: .settlement)
        if isTrial { try members.encode(true, forKey: .trial) }
        if record.input.learning != nil { try members.encode(record.award, forKey: .award) }
    }
}

extension Auction {
    /// All auctions of a job on one screen, at most 24 lines of at most 80 columns: who bid, who won how often, who was
    /// kept out by which rule, and the first few awards.
    public static func overview(_ auctions: [ExplainedAuction]) -> String {
        let overview = Overview(auctions: auctions)
        let lines = overview.heading() + overview.models() + overview.awards()
        return lines.map { Text.clip($0, 80) + "\n" }.joined()
    }
}

private struct Overview {
    let auctions: [ExplainedAuction]

    /// What one model did in all of them.
    private struct Tally {
        var bids = 0
        var won = 0
        var explored = 0
        var failed = 0
        var excluded = 0
        var rule = ""
    }

    func heading() -> [String] {
        guard let first = auctions.first?.record.input else { return ["No auction has been held yet."] }
        let void = auctions.filter { $0.record.award.winner == nil }.count
        let microtasks = Set(auctions.map(\.record.input.microtask)).count
        return [
            "Job \(Text.clip(first.job, 30)): \(auctions.count) auctions for \(microtasks) microtasks, \(void) without a winner",
            "    model                    bids   won  explored  failed  excluded",
        ]
    }

    func models() -> [String] {
        let tallies = tally()
        let names = tallies.keys.sorted {
            let (a, b) = (tallies[$0]?.won ?? 0, tallies[$1]?.won ?? 0)
            return a != b ? a > b : $0 < $1
        }
        let lines = Text.head(names, 7).compactMap { name in
            tallies[name].map { tally in
                "    " + Text.pad(name, 22) + Text.left("\(tally.bids)", 7) + Text.left("\(tally.won)", 6)
                    + Text.left("\(tally.explored)", 10) + Text.left("\(tally.failed)", 8)
                    + Text.left("\(tally.excluded)", 10) + (tally.rule.isEmpty ? "" : "  \(tally.rule)")
            }
        }
        return lines + Text.rest(names.count - lines.count)
    }

    private func tally() -> [String: Tally] {
        var tallies: [String: Tally] = [:]
        for auction in auctions where !auction.isTrial {
            let (input, award) = (auction.record.input, auction.record.award)
            for model in input.exclusions {
                tallies[model.model, default: Tally()].excluded += 1
                tallies[model.model]?.rule =
                    Participation.isRoomsOwn(model)
                    ? "\(model.kind): \(model.reason ?? "")"
                    : model.rules.first.map { "rule \($0)" } ?? "no rule permits it"
            }
            for bidder in input.late { tallies[bidder.model, default: Tally()].failed += 1 }
            // A takeover repeats the round's bids; they count once.
            if input.prior.isEmpty {
                for bid in award.scores { tallies[bid.model, default: Tally()].bids += 1 }
            }
            guard let winner = award.winner else { continue }
            tallies[winner, default: Tally()].won += 1
            if award.explored { tallies[winner]?.explored += 1 }
            if auction.settlement?.outcome == .failed { tallies[winner]?.failed += 1 }
        }
        return tallies
    }

    func awards() -> [String] {
        guard !auctions.isEmpty else { return [] }
        var lines = ["    message                winner                score    second  metered cost"]
        let shown = Text.head(auctions, 11)
        for auction in shown {
            let award = auction.record.award
            let score = award.scores.first { $0.model == award.winner }?.score
            lines.append(
                "    " + Text.pad(auction.name, 22) + " "
                    + Text.pad(
                        (award.winner ?? "- \(award.void?.rawValue ?? "")") + (auction.isTrial ? ", trial" : ""), 16)
                    + Text.left(score.map { Text.fixed($0, 4) } ?? "-", 11)
                    + Text.left(award.secondScore.map { Text.fixed($0, 4) } ?? "-", 10)
                    + Text.left(auction.settlement.map { Text.fixed($0.cost, 6, unit: 6) } ?? "-", 14))
        }
        return lines + Text.rest(auctions.count - shown.count)
    }
}

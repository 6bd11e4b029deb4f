// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Auction
internal import Reporting

extension AwardPage {
    /// The page that explains these auctions.
    init(explaining auctions: [ExplainedAuction]) {
        let job = auctions.first?.record.input.job ?? ""
        self.init(
            title: "Auctions of \(job)", awards: auctions.prefix(Self.most).map(Award.init),
            left: max(0, auctions.count - Self.most))
    }
}

extension AwardPage.Award {
    fileprivate init(_ auction: ExplainedAuction) {
        let (input, award) = (auction.record.input, auction.record.award)
        let fates = Dictionary(
            award.losses.map { ($0.digest, $0.reason.rawValue) }, uniquingKeysWith: { first, _ in first })
        self.init(
            title: "\(auction.name) · \(input.microtask)" + (input.attempt > 1 ? ", attempt \(input.attempt)" : "")
                + (auction.isTrial ? ", a trial" : ""),
            words: Auction.explain(auction.record, settled: auction.settlement, isTrial: auction.isTrial),
            bids: award.scores.sorted { ($1.score, $0.digest) < ($0.score, $1.digest) }.map { bid in
                AwardPage.Bid(
                    model: bid.model, probability: bid.probability, price: bid.price, gain: bid.gain, cost: bid.cost,
                    latency: bid.latency, risk: bid.risk, score: bid.score,
                    fate: bid.model == award.winner ? "won" : fates[bid.digest] ?? "")
            },
            excluded: input.exclusions.map {
                AwardPage.Excluded(model: $0.model, kind: $0.kind, rules: $0.rules, reason: $0.reason)
            })
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors

extension Compartment {
    /// How long a bidder that runs may take for one bid, in nanoseconds; the model's own limit counts when it is shorter.
    static let bidLimitNs: UInt64 = 5_000_000_000

    /// A bid of the model: the fixed one of its manifest, or what its bidder says. It sees the features only.
    ///
    /// - Throws: ``AuctionStage/NoBid`` for what goes wrong in the bidder's jail; what goes wrong with the room.
    func ask(_ contender: AuctionStage.Contender, features: TaskFeatures) throws -> AuctionStage.RawBid {
        guard let model = models[contender.name] else { throw AuctionStage.NoBid(reason: .failed) }
        if let fixed = model.fixedBid {
            return .init(confidence: fixed.confidence, cost: fixed.cost, latency: fixed.latency)
        }
        do {
            guard !hasFailed(model.name) else { throw AuctionStage.NoBid(reason: .failed) }
            // One question at a time: whoever asks has the process.
            let seat = try bidders.value(model.name) { Shared(try startBidder(model)) }
            let bid = try seat.locked { seat in
                guard !hasFailed(model.name) else { throw AuctionStage.NoBid(reason: .failed) }
                do {
                    return try seat.session.bid(
                        BidRequest(
                            type: features.type, class: features.class, purpose: features.purpose,
                            length: features.lengthUpperBound, language: features.language, schema: features.schema),
                        limitNs: Self.bidLimitNs)
                } catch {
                    state.locked { _ = $0.failedBidders.insert(model.name) }
                    throw error
                }
            }
            return .init(confidence: bid.confidence, cost: bid.cost, latency: bid.latency)
        } catch let error as ExecutorError where error.exit != .unverified {
            state.locked { _ = $0.failedBidders.insert(model.name) }
            note(error, of: model.name)
            throw AuctionStage.NoBid(reason: error.code == .hung ? .late : .failed)
        }
    }

    private func hasFailed(_ bidder: String) -> Bool { state.locked { $0.failedBidders.contains(bidder) } }

    private func startBidder(_ model: RegisteredModel) throws -> Seat {
        guard !hasFailed(model.name) else { throw AuctionStage.NoBid(reason: .failed) }
        let seat = try makeSeat(model, role: .bidder)
        try room.record(seat.started(), job: job, label: label)
        do {
            try seat.session.start()
        } catch {
            try room.record(seat.end().event, job: job, label: label)
            throw error
        }
        return seat
    }
}

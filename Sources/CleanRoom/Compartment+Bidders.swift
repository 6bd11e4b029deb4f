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
    /// - Parameter ruling: by which it was admitted; a process of another one is not asked.
    func ask(
        _ contender: AuctionStage.Contender, features: TaskFeatures, by ruling: JobRuling
    ) throws -> AuctionStage.RawBid {
        guard let model = models[contender.name] else { throw AuctionStage.NoBid(reason: .failed) }
        if let fixed = model.fixedBid {
            return .init(confidence: fixed.confidence, cost: fixed.cost, latency: fixed.latency)
        }
        let bidder = Bidder(model: model.name, sequence: ruling.sequence)
        do {
            guard !hasFailed(bidder) else { throw AuctionStage.NoBid(reason: .failed) }
            // One question at a time: whoever asks has the process.
            let seat = try bidders.value(bidder) {
                Shared(try startBidder(model, by: ruling))
            }
            let bid = try seat.locked { seat in
                guard !hasFailed(bidder) else { throw AuctionStage.NoBid(reason: .failed) }
                do {
                    return try seat.session.bid(
                        BidRequest(
                            type: features.type, class: features.class, purpose: features.purpose,
                            length: features.lengthUpperBound, language: features.language, schema: features.schema),
                        limitNs: Self.bidLimitNs)
                } catch {
                    state.locked { _ = $0.failedBidders.insert(bidder) }
                    throw error
                }
            }
            return .init(confidence: bid.confidence, cost: bid.cost, latency: bid.latency)
        } catch let error as ExecutorError where error.exit != .unverified {
            state.locked { _ = $0.failedBidders.insert(bidder) }
            note(error, of: model.name)
            throw AuctionStage.NoBid(reason: error.code == .hung ? .late : .failed)
        }
    }

    private func hasFailed(_ bidder: Bidder) -> Bool { state.locked { $0.failedBidders.contains(bidder) } }

    private func startBidder(_ model: RegisteredModel, by ruling: JobRuling) throws -> Seat {
        let seat = try makeSeat(model, role: .bidder, tier: ruling.tiers[model.name], under: ruling.sequence)
        do {
            try room.record(all: [seat.started()], job: job, label: label, decided: ruling.sequence)
        } catch {
            _ = seat.end()
            throw error
        }
        do {
            try seat.session.start()
        } catch {
            try room.record(seat.end().event, job: job, label: label)
            throw error
        }
        return seat
    }
}

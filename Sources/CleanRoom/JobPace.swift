// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction

/// The pace at which a job spends its budget, whoever of its threads asks. A job that is resumed goes on with what is left, under the
/// pressure that its last auction was held under.
final class JobPace: Sendable {
    private let price: Shared<DualPrice>

    /// - Parameters:
    ///   - budget: what is left, in micro-units.
    ///   - microtasks: that may still be auctioned.
    ///   - last: the job's last auction.
    init(budget: Int64, microtasks: Int, after last: AuctionRecord?) {
        let pressure = last?.input.learning?.pace.pressure ?? 0
        price = Shared(DualPrice(budget: budget, tasks: Int64(microtasks), pressure: pressure))
    }

    var now: Pace { price.locked { Pace(pressure: $0.pressure, share: $0.share) } }

    /// What the next microtask may cost so that those after it can be done by the cheapest bidder, in micro-units; see ``DualPrice``.
    func affordable(cheapest: Int64, promise: Int64) -> Int64 {
        price.locked { $0.affordable(cheapest: cheapest, promise: promise) }
    }

    /// A microtask has its end, and cost so much.
    func settle(cost: Int64) { price.locked { $0.settle(cost: cost) } }

    /// So many microtasks ended without an auction.
    func skip(_ count: Int) { price.locked { $0.skip(Int64(count)) } }
}

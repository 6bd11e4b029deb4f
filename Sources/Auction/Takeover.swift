// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

extension AuctionInput {
    /// The input of the next attempt after the winner of `record` failed: the same sealed bids, one model and some money less.
    ///
    /// - Parameters:
    ///   - code: closed code of the failure.
    ///   - cost: what the failed attempt cost, metered, in micro-units; the budget shrinks by it, not below 0.
    /// - Returns: nil when the record has no winner who could have failed.
    /// - Throws: `range` when `cost` is negative; whatever `Auction.hold` throws at the record's input; `record` when the
    ///   record cannot be encoded.
    public static func takeover(
        after record: AuctionRecord, code: String, cost: Int64
    ) throws(AuctionError) -> AuctionInput? {
        guard cost >= 0, cost <= Checked.limit else { throw .range("cost", "0…\(Checked.limit)") }
        guard let winner = record.award.winner, let bid = record.input.bids.first(where: { $0.model == winner }) else {
            return nil
        }
        // The bounds of the input are what keeps the sums below within 64 bits.
        try record.input.check()
        var next = record.input
        next.prior.append(PriorAttempt(model: winner, digest: bid.digest, code: code, cost: cost))
        next.attempt += 1
        next.sequence += 1
        next.previous = try record.digest()
        next.budgetRemaining = max(0, next.budgetRemaining - cost)
        return next
    }

    /// The same, at another place of the job's chain: other microtasks may have been auctioned and paid for meanwhile.
    ///
    /// - Parameters:
    ///   - sequence: of the next auction of the job.
    ///   - previous: digest of the job's last auction record; nil when there is none.
    ///   - budgetRemaining: what the job may still promise; the takeover never has more than the attempt that failed left, save for
    ///     the cheapest promise where a pace bounded that attempt.
    public static func takeover(
        after record: AuctionRecord, code: String, cost: Int64, sequence: Int64, previous: Digest?,
        budgetRemaining: Int64
    ) throws(AuctionError) -> AuctionInput {
        guard var next = try takeover(after: record, code: code, cost: cost) else {
            throw AuctionError(
                .record, "nobody won, so nobody can take over", remedy: "take over only from attempts that were awarded"
            )
        }
        next.sequence = sequence
        next.previous = previous ?? noPrevious
        // Under a pace the attempt that failed had less than there was. What it used beyond that is no reason to refuse everybody else:
        // as of any microtask, the cheapest promise is let through.
        let left = max(next.budgetRemaining, next.learning == nil ? 0 : next.cheapestPromise)
        next.budgetRemaining = min(left, max(0, budgetRemaining))
        return next
    }

    /// The least that one of those bids who have not failed, in money units.
    private var cheapestPromise: Int64 {
        let out = Set(prior.map(\.digest)).union(exclusions.map(\.digest))
        return bids.filter { !out.contains($0.digest) }.map(\.price).min() ?? 0
    }
}

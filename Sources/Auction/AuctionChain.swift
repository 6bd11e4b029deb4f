// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What is wrong with the sequence of a job's auctions.
public struct ChainFault: Equatable, Sendable {
    public let job: String
    /// Number of the auction within the job at which the chain breaks.
    public let sequence: Int64
    /// In words, without content of an input.
    public let what: String
}

extension Auction {
    /// Whether the records of each job form one chain: numbered from 0 without gaps, each naming its predecessor, and
    /// each takeover the one that follows from an earlier award with the same sealed bids.
    ///
    /// - Returns: the first break, in the order of jobs and numbers; nil when there is none.
    public static func verifyChain(_ records: [AuctionRecord]) throws(AuctionError) -> ChainFault? {
        let jobs = Dictionary(grouping: records, by: \.input.job)
        for job in jobs.keys.sorted() {
            let chain = (jobs[job] ?? []).sorted { $0.input.sequence < $1.input.sequence }
            var previous = AuctionInput.noPrevious
            var last: [String: AuctionRecord] = [:]
            for (number, record) in chain.enumerated() {
                func fault(_ what: String) -> ChainFault {
                    ChainFault(job: job, sequence: record.input.sequence, what: what)
                }
                guard record.input.sequence == Int64(number) else {
                    return fault(
                        record.input.sequence < Int64(number)
                            ? "this number comes twice" : "records before it are missing")
                }
                guard record.input.previous == previous else {
                    return fault("it does not follow the auction before it")
                }
                if let attempt = record.input.prior.last {
                    guard let earlier = last[record.input.microtask], follows(record, earlier, attempt) else {
                        return fault("the takeover does not follow from an award of this microtask")
                    }
                }
                last[record.input.microtask] = record
                previous = try record.digest()
            }
        }
        return nil
    }

    /// A takeover changes the failed model, the budget and the numbers, and nothing else.
    private static func follows(
        _ record: AuctionRecord, _ earlier: AuctionRecord, _ attempt: PriorAttempt
    ) -> Bool {
        guard
            var expected = try? AuctionInput.takeover(after: earlier, code: attempt.code, cost: attempt.cost)
        else { return false }
        // Other microtasks of the job may have been auctioned and paid for in between.
        expected.sequence = record.input.sequence
        expected.previous = record.input.previous
        guard record.input.budgetRemaining <= expected.budgetRemaining else { return false }
        expected.budgetRemaining = record.input.budgetRemaining
        return expected == record.input
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore
internal import TransparencyLog

/// The auctions of one job, one behind the other: in the chain of their records, in the log, and at the purse.
///
/// Bids are collected by all threads at once; only the award and its place in the log are one after the other, and
/// nobody waits for the disk in between.
final class AuctionChain: Sendable {
    /// What the chain gives to an auction.
    struct Link {
        let sequence: Int64
        let previous: Digest?
        /// Micro-units that may still be promised.
        let budgetRemaining: Int64
    }

    struct Held {
        let record: AuctionRecord
        let digest: Digest
        /// The winner's price, set aside.
        let reservation: BudgetLedger.Reservation?
        /// Of its entry.
        let ticket: EntryQueue.Ticket
    }

    private struct Head {
        var sequence: Int64
        var previous: Digest?
    }

    private let room: Room
    private let job: String
    private let label: DataLabel
    private let head: Shared<Head>

    /// Continues the chain of a job where the log ends.
    init(room: Room, job: String, label: DataLabel) throws {
        self.room = room
        self.job = job
        self.label = label
        let row = try room.store.job(job)
        head = Shared(
            Head(sequence: row?.auctions ?? 0, previous: row?.lastAuction.flatMap { Digest(string: $0) }))
    }

    /// The auction at the end of the chain.
    func last() throws -> AuctionRecord? {
        try head.locked(\.previous).map { try AuctionRecord(canonical: room.records.bytes($0)) }
    }

    /// Awards, reserves the price, and gives the entry its place in the log.
    ///
    /// An auction that lacks money which others have reserved waits for what they give back.
    /// - Parameters:
    ///   - account: whose money it is.
    ///   - decided: sequence of the policy by which the bidders were admitted.
    ///   - patience: how long it may still wait, in nanoseconds; asked again and again.
    ///   - make: the record at this place of the chain.
    ///   - announce: its event, and the files that it names beside the record.
    /// - Throws: ``PolicyMoved`` where another policy is in force by now.
    func hold(
        account: BudgetLedger.Account, decided: Int64, patience: () throws -> UInt64,
        make: (Link) throws -> AuctionRecord,
        announce: (AuctionRecord, Digest) throws -> (Event.AuctionHeld, files: [NamedFile])
    ) throws -> Held {
        while true {
            let returns = room.ledger.returns
            let patience = try patience()
            if let held = try hold(account, decided, mayWait: patience > 0, make, announce) { return held }
            room.ledger.wait(beyond: returns, atMost: min(patience, 100_000_000))
        }
    }

    private func hold(
        _ account: BudgetLedger.Account, _ decided: Int64, mayWait: Bool, _ make: (Link) throws -> AuctionRecord,
        _ announce: (AuctionRecord, Digest) throws -> (Event.AuctionHeld, files: [NamedFile])
    ) throws -> Held? {
        try head.locked { head in
            let (made, reservation) = try room.ledger.award(account) { balance in
                let record = try make(
                    Link(sequence: head.sequence, previous: head.previous, budgetRemaining: balance.free))
                if mayWait, record.lacks(moreThan: balance.free, butNot: balance.open) {
                    return (AuctionRecord?.none, price: Int64?.none)
                }
                return (record, price: record.award.price)
            }
            guard let record = made else { return nil }
            do {
                let bytes = try record.canonical()
                let digest = Digest.sha256(bytes)
                let (event, files) = try announce(record, digest)
                let ticket = try room.enqueue(
                    [event], files: [NamedFile(record: bytes)] + files, job: job, label: label, decided: decided)
                head.sequence += 1
                head.previous = digest
                return Held(record: record, digest: digest, reservation: reservation, ticket: ticket)
            } catch {
                if let reservation { room.ledger.giveBack(reservation) }
                throw error
            }
        }
    }
}

extension AuctionRecord {
    /// Whether a bid was too dear only because of money that may come back.
    func lacks(moreThan free: Int64, butNot open: Int64) -> Bool {
        award.unaffordable.contains { $0 > free && $0 - free <= open }
    }
}

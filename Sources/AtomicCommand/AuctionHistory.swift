// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import TransparencyLog

/// The auctions that a run of log entries tells of, each with its record and its settlement.
struct AuctionHistory {
    struct Item {
        let entry: UInt64
        let job: String
        let held: Event.AuctionHeld
        let record: AuctionRecord
        var settled: (entry: UInt64, event: Event.AuctionSettled)?

        var settlement: Settlement? {
            settled.map { settled in
                let event = settled.event
                let outcome = AttemptOutcome(rawValue: event.outcome) ?? .failed
                return Settlement(
                    model: event.model, outcome: outcome, code: outcome == .failed ? event.outcome : nil,
                    cost: event.cost, latencyNs: event.latencyNs, cpuNs: event.cpuNs, credits: event.credits)
            }
        }
    }

    private(set) var items: [Item] = []

    /// - Parameters:
    ///   - entries: in the order of the log.
    ///   - record: the bytes that a digest names, or nil.
    /// - Throws: `record` when a record is missing, is not what its digest says, or is no auction record.
    init(_ entries: [LogEntry], record: (Digest) throws -> [UInt8]?) throws {
        var byRecord: [Digest: Int] = [:]
        for entry in entries {
            if entry.type == Event.AuctionHeld.type {
                let held = try CanonicalJSON.decodeStrict(Event.AuctionHeld.self, from: entry.data)
                guard let bytes = try record(held.record), Digest.sha256(bytes) == held.record else {
                    throw AuctionError(
                        .record, "entry \(entry.seq): the record \(held.record) of the auction is missing or altered",
                        remedy: "do not rely on what is left; look for the record in a copy", exit: .unverified)
                }
                byRecord[held.record] = items.count
                items.append(
                    Item(
                        entry: entry.seq, job: entry.job ?? "", held: held, record: try AuctionRecord(canonical: bytes))
                )
            } else if entry.type == Event.AuctionSettled.type {
                let settled = try CanonicalJSON.decodeStrict(Event.AuctionSettled.self, from: entry.data)
                if let index = byRecord[settled.record] { items[index].settled = (entry.seq, settled) }
            }
        }
    }
}

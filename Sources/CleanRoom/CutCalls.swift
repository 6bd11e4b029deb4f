// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore

extension Room {
    /// Bills calls that ended with the supervisor before, before anything begins anew: what they used is not known any more, so
    /// they cost what was set aside at their award. Otherwise whoever kills the supervisor would work for nothing.
    func settleCutCalls() throws {
        for call in try store.openCalls() {
            guard let record = Digest(string: call.record), let input = Digest(string: call.input) else { continue }
            let price = try AuctionRecord(canonical: records.bytes(record)).award.price ?? 0
            let settled = Event.AuctionSettled(
                microtask: call.microtask, input: input, attempt: call.attempt, record: record, model: call.model,
                outcome: call.verdict ?? Event.AuctionSettled.interrupted, cost: price, latencyNs: "0", cpuNs: "0",
                credits: 0)
            try self.record(
                all: [settled], job: call.job,
                label: call.dataClass.map {
                    DataLabel(class: $0, owners: call.owners.split(separator: " ").map(String.init))
                })
        }
    }
}

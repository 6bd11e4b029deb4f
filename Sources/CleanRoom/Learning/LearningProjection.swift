// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore
internal import TransparencyLog

/// What entries about learning change in the room's state: counts and memory, all of it from the log and its records.
enum LearningProjection {
    static func apply(
        _ event: Event.FeedbackAdded, _ entry: LogEntry, to store: borrowing StoreTransaction, records: RecordStore
    )
        throws
    {
        guard let job = entry.job, let label = entry.label else { return }
        let auction = try AuctionRecord(canonical: records.bytes(event.record))
        let key = LearningKey(
            owners: label.owners, dataClass: label.class, purpose: auction.input.features.purpose,
            type: auction.input.features.type)
        // What was remembered when the job began, as far as a later label has not replaced it.
        let shown = try store.remembered(key, before: store.job(job)?.firstEntry ?? 0)
        let settled = try store.settlement(of: event.record.description)
        guard
            let lesson = Lesson(
                auction.input, model: event.model, isRight: event.outcome == "right", cost: settled?.cost ?? 0,
                latencyMs: settled?.latencyMs ?? 0, examples: shown)
        else {
            throw RoomError(
                .inconsistent, "entry \(entry.seq) is about \(event.model), which did not bid in its auction",
                remedy: "restore the room from a backup", exit: .unverified)
        }
        try store.save(
            FeedbackRow(
                job: job, microtask: event.microtask, model: event.model,
                digest: lesson.bidders[lesson.outcome.bidder].digest.description, key: key, outcome: event.outcome,
                source: event.source, credits: event.credits, entry: Int64(entry.seq), shown: shown,
                record: event.record.description,
                lesson: String(decoding: try CanonicalJSON.encode(lesson), as: UTF8.self)))
        if let memory = event.memory {
            try store.save(
                MemoryRow(
                    key: key, input: event.input.description, name: memory.description, entry: Int64(entry.seq)))
        }
    }

    static func apply(_ event: Event.MemoryErased, to store: borrowing StoreTransaction) throws {
        try store.erased(event.entries.map(\.description))
    }
}

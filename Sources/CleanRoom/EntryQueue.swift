// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import RoomStore
internal import TransparencyLog

/// A file that an entry names: durable before it.
struct NamedFile: Sendable {
    /// Relative to the room.
    let name: String
    let bytes: [UInt8]

    init(record bytes: [UInt8]) {
        name = RecordStore.name(of: .sha256(bytes))
        self.bytes = bytes
    }

    init(answer ciphertext: [UInt8]) {
        name = "outbox/" + Digest.sha256(ciphertext).hex
        bytes = ciphertext
    }
}

/// Entries of all threads on their way into the log, in one order: that in which they were put here.
///
/// Those who wait at the same time share one flush of the files that their entries name, then one append, then one
/// transaction of the state. The first who waits does it for all; meanwhile the next ones gather.
final class EntryQueue: Sendable {
    /// Entries that are recorded together, one behind the other, or not at all.
    final class Ticket: @unchecked Sendable {
        fileprivate let drafts: [EntryDraft]
        fileprivate let files: [NamedFile]
        fileprivate let job: String?
        /// Guarded by the queue.
        fileprivate var outcome: Result<Range<UInt64>, any Error>?

        fileprivate init(_ drafts: [EntryDraft], files: [NamedFile], job: String?) {
            self.drafts = drafts
            self.files = files
            self.job = job
        }
    }

    private struct State {
        var waiting: [Ticket] = []
        var isCommitting = false
        /// Jobs of which something could not be recorded: what they put here later may build on it, and is refused.
        var failed: [String: any Error] = [:]
    }

    private let state = Shared(State())
    private let log: TransparencyLog
    private let journal: FileJournal
    /// Brings the room's state up to the log.
    private let follow: @Sendable () throws -> Void

    init(log: TransparencyLog, journal: FileJournal, follow: @escaping @Sendable () throws -> Void) {
        self.log = log
        self.journal = journal
        self.follow = follow
    }

    /// Puts entries into the queue. What comes later stands later in the log.
    ///
    /// - Throws: the error of an earlier ticket of the same job that could not be recorded.
    func put(_ drafts: [EntryDraft], files: [NamedFile], job: String?) throws -> Ticket {
        let ticket = Ticket(drafts, files: files, job: job)
        try state.locked { state in
            if let job, let error = state.failed[job] { throw error }
            state.waiting.append(ticket)
        }
        return ticket
    }

    /// Waits until the ticket's entries are durable and followed. Every ticket that was put must be waited for.
    func wait(for ticket: Ticket) throws -> Range<UInt64> {
        while true {
            let batch: [Ticket]? = state.wait { state in
                if ticket.outcome != nil { return [] }
                guard !state.isCommitting else { return nil }
                state.isCommitting = true
                defer { state.waiting = [] }
                return state.waiting
            }
            guard let batch, !batch.isEmpty else { break }
            lead(batch)
        }
        guard let outcome = ticket.outcome else {
            throw RoomError(.inconsistent, "an entry ended without an outcome", remedy: "report this as a defect")
        }
        return try outcome.get()
    }

    /// A run of the job begins anew, from what the log holds.
    func forgive(job: String) { state.locked { $0.failed[job] = nil } }

    private func lead(_ batch: [Ticket]) {
        let outcomes: [Result<Range<UInt64>, any Error>]
        do {
            outcomes = try commit(batch)
        } catch {
            outcomes = batch.map { _ in .failure(error) }
        }
        state.change { state in
            state.isCommitting = false
            for (ticket, outcome) in zip(batch, outcomes) {
                ticket.outcome = outcome
                if case .failure(let error) = outcome, let job = ticket.job { state.failed[job] = error }
            }
            // What is behind a failure may name what was not recorded.
            for ticket in state.waiting {
                guard let job = ticket.job, let error = state.failed[job] else { continue }
                ticket.outcome = .failure(error)
            }
            state.waiting.removeAll { $0.outcome != nil }
        }
    }

    private func commit(_ batch: [Ticket]) throws -> [Result<Range<UInt64>, any Error>] {
        try journal.write(batch.flatMap(\.files).map { ($0.name, $0.bytes) })
        let outcomes = try append(batch)
        try follow()
        return outcomes
    }

    private func append(_ batch: [Ticket]) throws -> [Result<Range<UInt64>, any Error>] {
        do throws(LogError) {
            var next = try log.append(batch.flatMap(\.drafts)).lowerBound
            var outcomes: [Result<Range<UInt64>, any Error>] = []
            for ticket in batch {
                let end = next + UInt64(ticket.drafts.count)
                outcomes.append(.success(next..<end))
                next = end
            }
            return outcomes
        } catch {
            guard error.code == .entry, batch.count > 1 else { throw error }
            // One of them is malformed; the others are not to blame.
            return batch.map(appendAlone)
        }
    }

    private func appendAlone(_ ticket: Ticket) -> Result<Range<UInt64>, any Error> {
        do {
            return .success(try log.append(ticket.drafts))
        } catch {
            return .failure(error)
        }
    }
}

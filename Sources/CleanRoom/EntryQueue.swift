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
        /// Whether the gate changed with it.
        fileprivate let isTurn: Bool
        fileprivate let files: [NamedFile]
        fileprivate let job: String?
        /// Guarded by the queue.
        fileprivate var outcome: Result<Range<UInt64>, any Error>?

        fileprivate init(_ drafts: [EntryDraft], files: [NamedFile], job: String?, isTurn: Bool) {
            self.drafts = drafts
            self.isTurn = isTurn
            self.files = files
            self.job = job
        }
    }

    private struct State {
        var waiting: [Ticket] = []
        var isCommitting = false
        /// Jobs of which something could not be recorded: what they put here later may build on it, and is refused.
        var failed: [String: any Error] = [:]
        var gate = Gate()
        /// Why nothing is taken any more: what the gate lets pass and what the log says may have parted.
        var broken: (any Error)?
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

    /// What holds for the next entry.
    var gate: Gate { state.locked { $0.gate } }

    /// Sets what holds when a room is opened.
    func begin(_ gate: Gate) { state.locked { $0.gate = gate } }

    /// Puts entries into the queue. What comes later stands later in the log, and names the policy that is in force there.
    ///
    /// - Parameters:
    ///   - decided: sequence of the policy by which they were decided; nil where nothing was.
    ///   - turn: changes the gate, for everything behind these entries.
    /// - Throws: what ``Gate/pass(_:decided:)`` throws; the error of an earlier ticket of the same job that could not be
    ///   recorded.
    func put(
        _ drafts: [EntryDraft], files: [NamedFile], job: String?, decided: Int64? = nil,
        turn: ((inout Gate) -> Void)? = nil
    ) throws -> Ticket {
        try state.locked { state in
            if let error = state.broken { throw error }
            if let job, let error = state.failed[job] { throw error }
            try state.gate.pass(drafts, decided: decided)
            let ticket = Ticket(
                drafts.map { draft in
                    var draft = draft
                    draft.policy = state.gate.sequence
                    return draft
                }, files: files, job: job, isTurn: turn != nil)
            turn?(&state.gate)
            state.waiting.append(ticket)
            return ticket
        }
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
                guard case .failure(let error) = outcome else { continue }
                if let job = ticket.job { state.failed[job] = error }
                // Everything behind it was let pass by a gate that the log may not have: the room has to be opened again.
                if ticket.isTurn { state.broken = error }
            }
            // What is behind a failure may name what was not recorded.
            for ticket in state.waiting {
                guard let error = state.broken ?? ticket.job.flatMap({ state.failed[$0] }) else { continue }
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
            var broken: (any Error)?
            return batch.map { ticket in
                if let broken { return .failure(broken) }
                let outcome = appendAlone(ticket)
                if ticket.isTurn, case .failure(let error) = outcome { broken = error }
                return outcome
            }
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

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
public import Sealing
internal import TransparencyLog

/// The airlock looked at: no lock, no content.
extension RoomView {
    /// What waits for reviewers, the oldest first; with `all` also what was decided.
    public func airlock(all: Bool) throws -> [AirlockItem] {
        let log = try LogReader(room: paths.root)
        return try airlockRows().map { try item($0, log) }.filter { all || $0.state == InputState.inReview.rawValue }
    }

    /// One answer of the airlock.
    public func airlock(_ entry: Int64) throws -> AirlockItem {
        guard let row = try airlockRows().first(where: { $0.entry == entry }) else {
            throw RoomError(
                .airlock, "nothing in the airlock has the number \(entry)",
                remedy: "see: atomic airlock list --all --room \(paths.root)", exit: .usage)
        }
        return try item(row, LogReader(room: paths.root))
    }

    /// The sealed answer, opened by a reviewer's identity.
    /// - Throws: `no-match` when it was not sealed to the identity; `airlock` when the file is gone or was changed.
    public func sheet(of item: AirlockItem, identity: borrowing AgeIdentity) throws -> AirlockSheet {
        guard let digest = Digest(string: item.held) else { throw Outbox.damaged(item.held) }
        let bytes = try Outbox.held(digest, in: paths.outbox)
        let secret = try Age.decrypt(bytes, identity: identity)
        // SAFETY: the bytes are copied while they are lent, for the one who may read them.
        let text = unsafe secret.withBytes { unsafe Array($0) }
        return try CanonicalJSON.decode(AirlockSheet.self, from: text)
    }

    private func item(_ row: AirlockRow, _ log: LogReader) throws -> AirlockItem {
        let entry = try log.entry(UInt64(clamping: row.entry))
        let event = try CanonicalJSON.decodeStrict(Event.AirlockQueued.self, from: entry.data)
        let job = try job(row.job)
        let input = try inputs(row.job).first { $0.input == row.input }
        let name = try inputs(of: job).first { $0.digest.description == row.input }?.name ?? ""
        let decisions = try airlockDecisions(row.held)
        return AirlockItem(
            entry: row.entry, job: row.job, message: name, state: input?.state ?? "open", code: input?.code,
            requester: job.requester, purpose: job.purpose, class: entry.label?.class ?? "",
            owners: entry.label?.owners ?? [], bytes: event.bytes, canaries: event.canaries,
            microtasks: event.microtasks.map { result in
                [result.id, result.state, result.model].compactMap(\.self).joined(separator: " ")
            }, approvals: Int64(decisions.count { $0.verdict == "approve" }), needed: row.approvals,
            decisions: decisions.map { .init(reviewer: $0.reviewer, verdict: $0.verdict, reason: $0.reason) },
            input: row.input, held: row.held)
    }
}

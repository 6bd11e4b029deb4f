// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Disclosure
internal import Sealing
internal import SovereignPolicy

/// The way of an answer into the airlock.
extension InputRunner {
    /// An answer that may leave, and after how many approvals.
    struct Releasable {
        var answer: [UInt8]
        let document: JSONValue
        let facts: ReleaseFacts
        let decisions: [RecordedDecision]
    }

    /// How many approvals may be of use: one of each reviewer.
    func approvalsToTry(by policy: SovereignPolicy) -> ClosedRange<Int64> {
        let least = policy.outputBounds(of: run.label.class).reviewers
        let reviewers = policy.reviewers(of: run.request.file.requester, run.runner.recipient.string).count
        return least...max(least, Int64(min(reviewers, 16)))
    }

    /// Seals an answer to the room and to those who may review it, and lets it wait.
    func queue(_ released: Releasable, _ results: [Event.MicrotaskResult], by ruling: JobRuling) throws {
        let sources = try texts()
        let canaries = try canaries()
        let sheet = AirlockSheet(
            answer: released.document, planted: canaries.tokens, leaked: canaries.found(in: released.document),
            longestRun: Int64(VerbatimRun.longest(answer: released.document, sources: sources)),
            smallestCell: CellCounts.smallest(in: released.document), place: run.request.answerPath(item))
        var bytes = try CanonicalJSON.encode(sheet)
        defer { bytes.wipe() }
        let readers = ruling.policy.reviewers(of: run.request.file.requester, run.runner.recipient.string)
        let recipients = try readers.values.map(\.recipient).sorted().map { try AgeRecipient($0) }
        let held = try Age.encrypt(
            SecretBytes(copying: bytes), recipients: [run.runner.identity.recipient] + recipients)
        try run.record(
            [
                Event.AirlockQueued(
                    input: item.digest, held: .sha256(held), bytes: released.facts.bytes,
                    approvals: released.facts.approvals, canaries: released.facts.canaries, microtasks: results,
                    decisions: released.decisions)
            ], files: [NamedFile(answer: held)], decided: ruling)
    }
}

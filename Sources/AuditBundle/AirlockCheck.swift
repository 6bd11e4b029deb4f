// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
internal import TransparencyLog

/// Answers that reviewers had to see: who decided was a reviewer of the policy and not who asked, and what left had as many
/// approvals as the policy demands. That the entries are in a legal order is told by the state.
struct AirlockCheck {
    private struct Waiting {
        let event: Event.AirlockQueued
        let policy: SovereignPolicy
        var approvals: [String] = []
    }

    private let story: Story
    /// By job and held answer.
    private var waiting: [String: Waiting] = [:]
    /// By job and input.
    private var held: [String: String] = [:]

    init(_ story: Story) { self.story = story }

    mutating func queue(_ event: Event.AirlockQueued, _ entry: LogEntry) throws(BundleError) {
        let policy = try story.policy(at: entry, .decision).policy
        let demanded = policy.outputBounds(of: entry.label?.class ?? "").reviewers
        guard event.approvals >= max(demanded, 1) else {
            throw .failed(
                .decision, "entry \(entry.seq) waits for \(event.approvals) approvals, the policy demands \(demanded)")
        }
        for decision in event.decisions {
            try DecisionCheck.require(decision, PolicyAction.release, model: decision.request.model, entry, story)
            try requireAttributes(decision, event, approvals: event.approvals, entry)
        }
        let place = "\(entry.job ?? "")/\(event.held)"
        waiting[place] = Waiting(event: event, policy: policy)
        held["\(entry.job ?? "")/\(event.input)"] = place
    }

    mutating func decide(_ event: Event.AirlockDecided, _ entry: LogEntry) throws(BundleError) {
        let job = try story.job(of: entry, .decision)
        let policy = try story.policy(at: entry, .decision).policy
        let place = "\(job.id)/\(event.held)"
        guard var item = waiting[place] else {
            throw .failed(.decision, "entry \(entry.seq): a decision about an answer that does not wait")
        }
        let statement = AirlockStatement(room: story.room.origin, job: job.id, event)
        let asked = (requester: job.accepted.requester, recipient: job.accepted.recipient)
        if let fault = Self.fault(of: event, statement, after: item.approvals, asked, policy) {
            throw .failed(.decision, "entry \(entry.seq): \(event.reviewer) decided about an answer, \(fault)")
        }
        if event.verdict == "approve" { item.approvals.append(event.reviewer) }
        waiting[place] = item
    }

    /// Why a decision does not count, or nil.
    /// - Parameters:
    ///   - statement: what the reviewer must have signed.
    ///   - approvals: those who approved before.
    ///   - asked: whose answer it is.
    static func fault(
        of event: Event.AirlockDecided, _ statement: AirlockStatement, after approvals: [String],
        _ asked: (requester: String, recipient: String), _ policy: SovereignPolicy
    ) -> String? {
        guard let reviewer = policy.reviewer(event.reviewer, of: asked.requester, asked.recipient) else {
            return "who is no reviewer of the policy, or who asked"
        }
        guard approvals.allSatisfy({ !policy.isSamePerson($0, event.reviewer) }) else {
            return "who had decided before"
        }
        if let key = reviewer.key {
            guard event.uid == nil, let signature = event.signature, statement.isSigned(signature, by: key) else {
                return "and did not sign that"
            }
        } else {
            guard event.signature == nil, event.uid == reviewer.uid, event.uid != nil else {
                return "and somebody else was at the other end"
            }
        }
        return nil
    }

    /// How many of the approvals count under a policy: of those who are reviewers still.
    static func counting(
        _ approvals: [String], _ asked: (requester: String, recipient: String), _ policy: SovereignPolicy
    ) -> Int64 {
        Int64(approvals.count { policy.reviewer($0, of: asked.requester, asked.recipient) != nil })
    }

    /// - Throws: when an answer left that too few approved, or that the policy would have checked otherwise.
    func release(_ event: Event.OutputReleased, _ entry: LogEntry) throws(BundleError) {
        let job = try story.job(of: entry, .decision)
        let policy = try story.policy(at: entry, .decision).policy
        let bounds = policy.outputBounds(of: entry.label?.class ?? "")
        guard let place = held["\(job.id)/\(event.input)"], let item = waiting[place] else {
            guard bounds.reviewers == 0 else {
                throw .failed(.decision, "entry \(entry.seq) releases an answer that nobody reviewed")
            }
            return
        }
        let approvals = Self.counting(
            item.approvals, (job.accepted.requester, job.accepted.recipient), policy)
        let demanded = max(item.event.approvals, bounds.reviewers)
        guard approvals >= demanded else {
            throw .failed(.decision, "entry \(entry.seq) releases an answer with \(approvals) of \(demanded) approvals")
        }
        guard item.policy.outputBounds(of: entry.label?.class ?? "").checks == bounds.checks else {
            throw .failed(
                .decision, "entry \(entry.seq) releases an answer that was checked by another policy's limits")
        }
        for decision in event.decisions { try requireAttributes(decision, item.event, approvals: approvals, entry) }
    }

    /// The policy was told what the log says about the review.
    private func requireAttributes(
        _ decision: RecordedDecision, _ event: Event.AirlockQueued, approvals: Int64, _ entry: LogEntry
    ) throws(BundleError) {
        let expected = ReleaseFacts(bytes: event.bytes, canaries: event.canaries, approvals: approvals).attributes
        guard decision.request.attributes == expected else {
            throw .failed(
                .decision, "entry \(entry.seq): the policy was told something else about the review than there was")
        }
    }
}

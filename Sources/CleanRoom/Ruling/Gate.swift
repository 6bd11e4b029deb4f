// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import SovereignPolicy
internal import TransparencyLog

/// A policy in force, ready to decide.
struct Ruling: Sendable {
    let policy: SovereignPolicy
    let digest: Digest
    let evaluator: PolicyEvaluator

    init(_ policy: SovereignPolicy) throws(PolicyError) {
        self.policy = policy
        digest = try policy.digest
        evaluator = PolicyEvaluator(policy)
    }

    var sequence: Int64 { policy.sequence }
}

/// Another policy came into force between a decision and its entry: decide again.
struct PolicyMoved: Error {}

/// What holds for an entry at the moment when it gets its place in the log: which policy is in force, and whether the room is
/// halted. It changes with the entry that says so, under the same lock, so an entry and what it names cannot part.
struct Gate: Sendable {
    /// Nil before the first policy: nothing is permitted.
    var ruling: Ruling?
    var stops = StopCourse()
    /// The policy that has to be accepted again since the room was restored; nil when none has to.
    var awaited: StatedPolicy?

    var sequence: Int64 { ruling?.sequence ?? 0 }

    /// Lets entries pass, or not.
    /// - Parameter decided: sequence of the policy by which they were decided; nil where nothing was.
    /// - Throws: ``PolicyMoved``; `halted`.
    func pass(_ drafts: [EntryDraft], decided: Int64?) throws {
        if let decided, decided != sequence { throw PolicyMoved() }
        if stops.isHalted, drafts.contains(where: { Event.isPermission($0.type) }) { throw RoomError.halted }
        if let awaited, drafts.contains(where: { Event.isPermission($0.type) }) {
            throw RoomError.waiting(for: awaited)
        }
    }
}

extension RoomError {
    /// A restored room has not got back to the policy that was lost.
    static func waiting(for policy: StatedPolicy) -> RoomError {
        RoomError(
            .restored,
            "the room was restored from a copy, and policy \(policy.sequence) ruled when that was lost: nothing is permitted",
            remedy: "accept the policies up to it again: atomic policy accept", exit: .denied)
    }

    /// Nothing is permitted any more.
    static var halted: RoomError {
        RoomError(
            .halted, "the room is halted: nothing is permitted",
            remedy: "the policy's quorum lets it go on with: atomic resume; then run the same command again",
            exit: .halted)
    }
}

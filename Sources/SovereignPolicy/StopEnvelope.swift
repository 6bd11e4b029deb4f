// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// A signed halt or resume.
///
/// Codes beside those of every envelope: `unknown-signer`, `signature`, `other-room`, `other-policy`, `replay`, `not-halted`, `may`,
/// `threshold`, `role`.
public typealias StopEnvelope = StatementEnvelope<StopStatement>

extension StatementEnvelope where Content == StopStatement {
    /// Checks, in this order: form, signatures, room, policy, place in the course of halts, and whether the signers may.
    ///
    /// A halt may be signed under an earlier policy: what counts is that its keys may under the one that rules, because a halt must
    /// not be lost to a policy that was accepted meanwhile. A resume is about exactly the policy that rules.
    /// - Parameters:
    ///   - room: origin of the room's log.
    ///   - policy: the policy that rules.
    ///   - course: the halts and resumes so far.
    ///   - trusted: of the keys, those that count; by default all of the policy's.
    /// - Throws: `PolicyError` with a one of these codes; exit 4.
    public static func examine(
        _ bytes: [UInt8], room: String, policy: SovereignPolicy, course: StopCourse, trusted: Set<PublicKey>? = nil
    ) throws(PolicyError) -> Examined {
        let (envelope, statement) = try open(bytes)
        let signers = try signers(of: envelope, under: policy)
        guard statement.room == room else {
            throw PolicyError(
                "other-room", "the \(statement.kind.rawValue) is for the room \(statement.room), this is \(room)",
                remedy: "sign one for this room")
        }
        try checkPolicy(statement, policy)
        try course.check(statement)
        let counted = trusted.map { signers.intersection($0) } ?? signers
        if let lack = lack(of: counted, for: statement.kind, under: policy) { throw lack }
        return Examined(statement, in: envelope, signers: signers)
    }

    /// Why these signers may not halt or resume under a policy; nil when they may.
    ///
    /// A halt takes as many of its keys as `emergencyStop` asks for where that says `halt`, or the quorum; a resume the quorum.
    public static func lack(
        of signers: Set<PublicKey>, for kind: StopStatement.Kind, under policy: SovereignPolicy
    ) -> PolicyError? {
        let authority = policy.authority
        let whose = "policy \(policy.sequence)"
        guard let lack = authority.lack(of: signers, whose: whose) else { return nil }
        let more = SignedStatement.more
        guard kind == .halt else { return PolicyError(lack.code, lack.message, remedy: more) }
        guard let stop = authority.emergencyStop, stop.may.contains("halt") else {
            return PolicyError(
                "may", "the emergency stop of \(whose) may not halt, and the signers are no quorum: \(lack.message)",
                remedy: more)
        }
        let present = Int64(authority.distinctKeys.intersection(signers).count)
        guard stop.threshold >= 1, present >= stop.threshold else {
            return PolicyError(
                "threshold", "\(present) distinct keys of \(whose) signed the halt, \(stop.threshold) must",
                remedy: more)
        }
        return nil
    }

    private static func checkPolicy(_ statement: StopStatement, _ policy: SovereignPolicy) throws(PolicyError) {
        let stated = statement.policy
        let isEarlierHalt = statement.kind == .halt && stated.sequence >= 1 && stated.sequence < policy.sequence
        if isEarlierHalt { return }
        guard stated.sequence == policy.sequence, stated.digest == (try policy.digest) else {
            throw PolicyError(
                "other-policy",
                "the \(statement.kind.rawValue) was signed under policy \(stated.sequence), and this is not the policy "
                    + "\(policy.sequence) that rules", remedy: "sign a new one under the policy that rules")
        }
    }
}

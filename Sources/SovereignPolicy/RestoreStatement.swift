// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// What a quorum signs when a room was put back from a copy: from where its history goes on, and what was lost with the rest.
///
/// Without it a restored room is a rolled-back one. It is about one copy at one point: it is good for nothing once the room has worked
/// again.
public struct RestoreStatement: PolicyStatement {
    public static let payloadType = "application/vnd.atomic.restore.v1+json"
    public static let description = (what: "a restore", madeBy: "atomic restore --statement")

    /// A log when it had so many entries.
    public struct Head: Codable, Equatable, Sendable {
        public let size: Int64
        /// RFC 6962 tree hash.
        public let root: Digest

        public init(size: Int64, root: Digest) {
            self.size = size
            self.root = root
        }
    }

    /// Most checkpoints of the lost history.
    public static let mostLost = 4

    public let v: Int64
    /// Origin of the room's log.
    public let room: String
    /// The policy that rules in the copy.
    public let policy: StatedPolicy
    /// The newest policy that had been accepted in what was lost, when that is another: nothing is permitted before it was accepted again.
    public let newest: StatedPolicy?
    /// The log of the copy when the statement was made.
    public let backup: Head
    /// Checkpoints (C2SP signed notes) that somebody kept of what was lost; absent without any.
    public let lost: [String]?
    /// When it was made, by the clock of who made it.
    public let at: WallTime
    /// 32 hexadecimal digits that nobody chose.
    public let nonce: String
    /// In the words of who made it; it stands in the log.
    public let reason: String

    public init(
        room: String, policy: StatedPolicy, newest: StatedPolicy?, backup: Head, lost: [String]?, at: WallTime,
        nonce: String, reason: String
    ) {
        v = 1
        self.room = room
        self.policy = policy
        self.newest = newest
        self.backup = backup
        self.lost = lost
        self.at = at
        self.nonce = nonce
        self.reason = reason
    }

    public var stated: String? { reason }

    public var malformation: String? {
        if let why = SignedStatement.malformation(v: v, nonce: nonce, reason: reason) { return why }
        if backup.size < 1 { return "it is about a copy without entries" }
        if let newest, newest.sequence <= policy.sequence {
            return "the newest policy that it names is not newer than the one that rules"
        }
        if let lost, lost.isEmpty || lost.count > Self.mostLost {
            return "it does not name 1 to \(Self.mostLost) lost checkpoints"
        }
        return nil
    }
}

/// A signed ``RestoreStatement``.
///
/// Codes beside those of every envelope: `unknown-signer`, `signature`, `other-room`, `other-policy`, `threshold`, `role`.
public typealias RestoreEnvelope = StatementEnvelope<RestoreStatement>

extension StatementEnvelope where Content == RestoreStatement {
    /// Checks, in this order: form, signatures, room, policy, and that the signers are the policy's quorum. What it says about the log,
    /// whoever has the log compares.
    /// - Parameters:
    ///   - room: origin of the room's log.
    ///   - policy: the policy that rules in the copy.
    ///   - trusted: of the keys, those that count; by default all of the policy's.
    /// - Throws: `PolicyError` with one of these codes; exit 4.
    public static func examine(
        _ bytes: [UInt8], room: String, policy: SovereignPolicy, trusted: Set<PublicKey>? = nil
    ) throws(PolicyError) -> Examined {
        let (envelope, statement) = try open(bytes)
        let signers = try signers(of: envelope, under: policy)
        guard statement.room == room else {
            throw PolicyError(
                "other-room", "the restore is of the room \(statement.room), this is \(room)",
                remedy: "sign one for this room")
        }
        guard statement.policy == (try StatedPolicy(policy)) else {
            throw PolicyError(
                "other-policy",
                "the restore was signed under policy \(statement.policy.sequence), and this is not the policy \(policy.sequence) "
                    + "that rules", remedy: "sign a new one under the policy that rules")
        }
        let counted = trusted.map { signers.intersection($0) } ?? signers
        if let lack = lack(of: counted, under: policy) { throw lack }
        return Examined(statement, in: envelope, signers: signers)
    }

    /// Why these signers may not restore under a policy; nil when they may.
    public static func lack(of signers: Set<PublicKey>, under policy: SovereignPolicy) -> PolicyError? {
        policy.authority.lack(of: signers, whose: "policy \(policy.sequence)").map {
            PolicyError($0.code, $0.message, remedy: SignedStatement.more)
        }
    }
}

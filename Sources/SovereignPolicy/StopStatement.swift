// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What people sign to stop a room, or to let it go on: one statement, about one room, at one point of its history.
///
/// Its canonical JSON (RFC 8785) is the payload of a ``StopEnvelope``. `after` is what makes an old one useless: a halt names
/// the resume that came before it, a resume the newest halt that it lifts.
public struct StopStatement: PolicyStatement {
    public enum Kind: String, Codable, Sendable {
        case halt, resume
    }

    public static let payloadType = "application/vnd.atomic.stop.v1+json"
    public static let description = (
        what: "a halt or a resume", madeBy: "atomic halt --statement or atomic resume --statement"
    )

    public let v: Int64
    public let kind: Kind
    /// Origin of the room's log.
    public let room: String
    public let policy: StatedPolicy
    /// Digest of the last resume's statement (of a halt), or of the newest halt's (of a resume); absent before the first.
    public let after: Digest?
    /// When it was made, by the clock of who made it.
    public let at: WallTime
    /// 32 hexadecimal digits that nobody chose: two halts for the same reason are two statements.
    public let nonce: String
    /// In the words of who made it; it stands in the log.
    public let reason: String?

    /// - Parameter nonce: 16 random bytes in hexadecimal.
    public init(
        kind: Kind, room: String, policy: StatedPolicy, after: Digest?, at: WallTime, nonce: String,
        reason: String? = nil
    ) {
        v = 1
        self.kind = kind
        self.room = room
        self.policy = policy
        self.after = after
        self.at = at
        self.nonce = nonce
        self.reason = reason
    }

    /// Why a statement cannot be used, whoever signed it; nil when it can.
    public var stated: String? { reason }

    public var malformation: String? { SignedStatement.malformation(v: v, nonce: nonce, reason: reason) }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What people sign to stop a room, or to let it go on: one statement, about one room, at one point of its history.
///
/// Its canonical JSON (RFC 8785) is the payload of a ``StopEnvelope``. `after` is what makes an old one useless: a halt names
/// the resume that came before it, a resume the newest halt that it lifts.
public struct StopStatement: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, Sendable {
        case halt, resume
    }

    /// The policy that ruled when the statement was made.
    public struct Policy: Codable, Equatable, Sendable {
        public let sequence: Int64
        /// Of the canonical policy.
        public let digest: Digest

        public init(sequence: Int64, digest: Digest) {
            self.sequence = sequence
            self.digest = digest
        }
    }

    /// Most characters of a reason.
    public static let longestReason = 500

    public let v: Int64
    public let kind: Kind
    /// Origin of the room's log.
    public let room: String
    public let policy: Policy
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
        kind: Kind, room: String, policy: Policy, after: Digest?, at: WallTime, nonce: String, reason: String? = nil
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
    var malformation: String? {
        if v != 1 { return "it is of version \(v)" }
        if nonce.utf8.count != 32 || Hex.decode(nonce) == nil { return "its nonce is not 32 hexadecimal digits" }
        if let reason, reason.isEmpty || reason.count > Self.longestReason {
            return "its reason has not 1 to \(Self.longestReason) characters"
        }
        return nil
    }
}

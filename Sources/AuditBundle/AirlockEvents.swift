// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

extension Event {
    /// An answer waits for reviewers. Sealed to the room and to those who may review it; durable before this entry.
    public struct AirlockQueued: EventData {
        public static let type = "airlock.queued"
        public var input: Digest
        /// Of the sealed answer that waits; it names the answer in what is decided about it.
        public var held: Digest
        /// Of the answer in plaintext.
        public var bytes: Int64
        /// How many reviewers must approve, at least.
        public var approvals: Int64
        /// `pass`, or `fail`: a canary token of the input comes up in it.
        public var canaries: String
        /// Every microtask of the graph, in its order.
        public var microtasks: [MicrotaskResult]
        /// Action `release`, one for each model whose answer is in it, asked as if it were approved: permitted.
        public var decisions: [RecordedDecision]

        public init(
            input: Digest, held: Digest, bytes: Int64, approvals: Int64, canaries: String,
            microtasks: [MicrotaskResult], decisions: [RecordedDecision]
        ) {
            self.input = input
            self.held = held
            self.bytes = bytes
            self.approvals = approvals
            self.canaries = canaries
            self.microtasks = microtasks
            self.decisions = decisions
        }
    }

    /// A reviewer decided about an answer that waits.
    public struct AirlockDecided: EventData {
        public static let type = "airlock.decided"
        public var input: Digest
        /// As `airlock.queued` names it.
        public var held: Digest
        /// Name of the reviewer in the policy.
        public var reviewer: String
        /// `approve` or `reject`.
        public var verdict: String
        /// The reviewer's own words, one line.
        public var reason: String
        /// Of a reviewer whom the policy knows by user id: who was at the other end.
        public var uid: Int64?
        /// Of a reviewer whom the policy knows by key: over an ``AirlockStatement``; base64.
        public var signature: String?

        public init(
            input: Digest, held: Digest, reviewer: String, verdict: String, reason: String, uid: Int64? = nil,
            signature: String? = nil
        ) {
            self.input = input
            self.held = held
            self.reviewer = reviewer
            self.verdict = verdict
            self.reason = reason
            self.uid = uid
            self.signature = signature
        }
    }
}

extension Event.OutputWithheld {
    /// A reviewer rejected the answer.
    public static let rejected = "review-rejected"
    /// An answer was approved that the policy in force would check otherwise than it was checked.
    public static let outdated = "checks-outdated"

    /// Whether the input counts as denied: the policy or a reviewer said no.
    public var isDenied: Bool { decision != nil || code == Self.rejected }
}

/// What a reviewer with a key signs: which answer of which room, and what about it.
///
/// The signature is DSSE's, over the pre-authentication encoding of this value's canonical JSON.
public struct AirlockStatement: Codable, Equatable, Sendable {
    public static let payloadType = "application/vnd.atomic.airlock-decision.v1+json"

    /// Origin of the room's log.
    public let room: String
    public let job: String
    public let held: Digest
    public let input: Digest
    public let reviewer: String
    public let verdict: String
    public let reason: String

    public init(room: String, job: String, _ event: Event.AirlockDecided) {
        self.room = room
        self.job = job
        held = event.held
        input = event.input
        reviewer = event.reviewer
        verdict = event.verdict
        reason = event.reason
    }

    /// The bytes that are signed.
    public var signedBytes: [UInt8] {
        get throws(BaseError) {
            Envelope.preAuthenticationEncoding(
                payloadType: Self.payloadType, payload: try CanonicalJSON.encode(self))
        }
    }

    /// Base64 of the signature.
    public func sign(by key: borrowing SigningKey) throws -> String { Base64.encode(try key.sign(signedBytes)) }

    public func isSigned(_ signature: String, by key: PublicKey) -> Bool {
        guard let bytes = Base64.decode(signature), let message = try? signedBytes else { return false }
        return key.verify(bytes, of: message)
    }

    /// Whether a text may be a reason: one line that a terminal shows as it is, of 1 to 500 bytes.
    public static func isReason(_ text: String) -> Bool {
        (1...500).contains(text.utf8.count) && TerminalText.line(text) == text
            && text.contains { !$0.isWhitespace }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a reviewer decides.
public struct AirlockOrder: Codable, Equatable, Sendable {
    /// Index of the `airlock.queued` entry.
    public let entry: Int64
    /// Name of the reviewer in the policy; nil for the one with the caller's user id.
    public let reviewer: String?
    /// `approve` or `reject`.
    public let verdict: String
    public let reason: String
    /// Base64 of the signature over an `AirlockStatement`; of a reviewer with a key.
    public let signature: String?

    public init(entry: Int64, reviewer: String?, verdict: String, reason: String, signature: String? = nil) {
        self.entry = entry
        self.reviewer = reviewer
        self.verdict = verdict
        self.reason = reason
        self.signature = signature
    }
}

/// An answer in the airlock, as everybody with the room may see it: no content.
public struct AirlockItem: Codable, Equatable, Sendable {
    public struct Decision: Codable, Equatable, Sendable {
        public let reviewer: String
        public let verdict: String
        public let reason: String
    }

    public let entry: Int64
    public let job: String
    /// The message's file name.
    public let message: String
    /// `in-review`, or how the input ended: `released`, `needs-review`, `denied`, `failed`.
    public let state: String
    public let code: String?
    public let requester: String
    public let purpose: String
    public let `class`: String
    public let owners: [String]
    /// Of the answer.
    public let bytes: Int64
    /// Whether a canary token of the input comes up in it: `pass` or `fail`.
    public let canaries: String
    /// Each microtask, its state and whose answer it is; all of them are valid by their schemas.
    public let microtasks: [String]
    public let approvals: Int64
    public let needed: Int64
    public let decisions: [Decision]
    public let input: String
    public let held: String
}

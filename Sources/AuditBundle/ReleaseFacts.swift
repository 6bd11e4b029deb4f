// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import SovereignPolicy

/// What the policy is told about an answer that passed its checks, when it decides on its release.
public struct ReleaseFacts: Equatable, Sendable {
    /// Of the answer in plaintext.
    public let bytes: Int64
    /// `pass` or `fail`.
    public let canaries: String
    /// How many reviewers approved it; 0 means that it was not in the airlock.
    public let approvals: Int64

    public init(bytes: Int64, canaries: String, approvals: Int64) {
        self.bytes = bytes
        self.canaries = canaries
        self.approvals = approvals
    }

    /// As attributes of the request, as far as the policy's vocabulary has them.
    public var attributes: [String: AttributeValue] {
        let all: [String: AttributeValue] = [
            "output.check": .string("pass"), "output.bytes": .integer(bytes), "output.canaries": .string(canaries),
            "review": .string(approvals > 0 ? "airlock" : "none"), "approvals": .integer(approvals),
        ]
        return all.filter { PolicyAttribute(rawValue: $0.key) != nil }
    }
}

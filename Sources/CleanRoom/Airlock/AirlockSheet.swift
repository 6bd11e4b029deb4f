// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What lies sealed in the airlock: the answer and what its reviewers should know. Sealed to the room and to the reviewers; it is
/// nowhere in plaintext.
public struct AirlockSheet: Codable, Equatable, Sendable {
    public let answer: JSONValue
    /// Canary tokens of the input, and those of them that come up in the answer.
    public let planted: [String]
    public let leaked: [String]
    /// The longest run of letters and digits that answer and input share.
    public let longestRun: Int64
    /// The smallest count in a table of the answer that is not 0.
    public let smallestCell: Int64?
    /// Where the answer goes when it leaves.
    public let place: String
}

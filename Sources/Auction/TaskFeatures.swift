// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// All that a bidder may know about a microtask: metadata, never the input.
public struct TaskFeatures: Codable, Hashable, Sendable {
    /// Declared type of the microtask, such as `spam`.
    public let type: String
    /// Data class of the input.
    public let `class`: String
    /// Purpose the job declares.
    public let purpose: String
    /// Length of the input as a step 0…15: at most 256 · 4^step bytes.
    public let lengthStep: Int
    /// Declared language (BCP 47), `und` when nobody said.
    public let language: String
    /// Digest of the canonical JSON of the output schema.
    public let schema: Digest

    /// - Parameter bytes: exact length of the input; only its step is kept.
    public init(
        type: String, class: String, purpose: String, bytes: Int64, language: String = "und", schema: Digest
    ) {
        self.type = type
        self.class = `class`
        self.purpose = purpose
        self.lengthStep = LogSteps.lengthStep(bytes: bytes)
        self.language = language
        self.schema = schema
    }

    /// What the step lets a bidder believe about the length, in bytes.
    public var lengthUpperBound: Int64 { LogSteps.lengthUpperBound(lengthStep) }
}

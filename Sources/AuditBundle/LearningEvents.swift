// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

extension Event {
    /// A released answer turned out right or wrong.
    public struct FeedbackAdded: EventData {
        public static let type = "feedback.added"
        /// `0007/spam`.
        public var microtask: String
        public var input: Digest
        /// Whose answer it was.
        public var model: String
        /// The `auction` record by which that model ran.
        public var record: Digest
        /// `right` or `wrong`.
        public var outcome: String
        /// `label`, `correction` or `reviewer`.
        public var source: String
        /// Internal credits in 1e-9, for this outcome.
        public var credits: Int64
        /// The sealed blob that was added to the labelled memory.
        public var memory: Digest?
        /// Action `learn`, permitted.
        public var decision: RecordedDecision

        public init(
            microtask: String, input: Digest, model: String, record: Digest, outcome: String, source: String,
            credits: Int64, memory: Digest? = nil, decision: RecordedDecision
        ) {
            self.microtask = microtask
            self.input = input
            self.model = model
            self.record = record
            self.outcome = outcome
            self.source = source
            self.credits = credits
            self.memory = memory
            self.decision = decision
        }
    }

    /// Entries of the labelled memory were erased, with their blobs. Of no job.
    public struct MemoryErased: EventData {
        public static let type = "memory.erased"
        /// Digests, as `feedback.added` named them.
        public var entries: [Digest]
        /// A closed code.
        public var reason: String

        public init(entries: [Digest], reason: String) {
            self.entries = entries
            self.reason = reason
        }
    }
}

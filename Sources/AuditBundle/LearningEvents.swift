// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

extension Event {
    /// An answer to an input that was released turned out right or wrong.
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

    /// What the room kept of data was erased: sealed records with their blobs, ciphertexts of inputs. Of no job.
    public struct MemoryErased: EventData {
        public static let type = "memory.erased"
        /// Sealed records, as `feedback.added` and `output.released` named them.
        public var entries: [Digest]
        /// Inputs that the room had sealed; absent where none was erased.
        public var inputs: [Digest]?
        /// A closed code: `requested`, `replaced`, `retention`.
        public var reason: String

        public init(entries: [Digest], inputs: [Digest]? = nil, reason: String) {
            self.entries = entries
            self.inputs = inputs
            self.reason = reason
        }
    }
}

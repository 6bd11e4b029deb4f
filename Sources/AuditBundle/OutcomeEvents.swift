// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a jail is for.
public enum JailRole: String, Codable, Sendable {
    /// Answers microtasks that it won.
    case executor
    /// Sees features and never data.
    case bidder
    /// Takes one input apart, and no second one.
    case parser
    /// Turns what the parser made into numbers.
    case featurizer
}

/// How one answer was judged.
public enum Verdict: String, Codable, Sendable {
    case valid
    /// Good by the schema, but its confidence is below what the graph asks for: the next model is asked too.
    case unsure
    case rejected

    /// The code of an unsure answer.
    public static let lowConfidence = "low-confidence"
}

/// How one microtask ended on one input.
public enum MicrotaskState: String, Codable, Sendable, CaseIterable {
    /// With a valid answer.
    case answered
    /// With an answer that no model was sure enough of; a person should look at it.
    case unsure
    /// Its condition did not hold.
    case skipped
    /// No model gave an answer.
    case failed
    /// The policy said no.
    case denied

    /// Whether there is a value.
    public var hasAnswer: Bool { self == .answered || self == .unsure }
}

/// How an input ended.
public enum InputState: String, Codable, Sendable, CaseIterable {
    case released
    /// Released, and a person should look at it.
    case needsReview = "needs-review"
    case failed
    case denied
    /// Not ended yet: it waits for reviewers.
    case inReview = "in-review"
}

extension Event {
    /// How one microtask of the graph ended on an input, as the input's outcome lists it.
    public struct MicrotaskResult: Codable, Equatable, Sendable {
        /// As in the graph.
        public var id: String
        /// A ``MicrotaskState``.
        public var state: String
        /// Whose answer it is, of answered and unsure ones; whose release was denied.
        public var model: String?
        /// A closed code; absent for answered and skipped ones.
        public var code: String?
        /// Of denied ones, always: what the policy said.
        public var decision: RecordedDecision?

        public init(
            id: String, state: MicrotaskState, model: String? = nil, code: String? = nil,
            decision: RecordedDecision? = nil
        ) {
            self.id = id
            self.state = state.rawValue
            self.model = model
            self.code = code
            self.decision = decision
        }
    }

    /// An input ended without an answer: no microtask was answered.
    public struct OutputWithheld: EventData {
        public static let type = "output.withheld"
        public var input: Digest
        /// Of the first microtask, in the order of the graph, that failed or was denied.
        public var code: String
        /// That microtask's; the input counts as denied when there is one, else as failed.
        public var decision: RecordedDecision?
        /// Every microtask of the graph, in its order.
        public var microtasks: [MicrotaskResult]

        public init(input: Digest, code: String, decision: RecordedDecision? = nil, microtasks: [MicrotaskResult]) {
            self.input = input
            self.code = code
            self.decision = decision
            self.microtasks = microtasks
        }

        /// The outcome that follows from how the microtasks ended.
        public init(input: Digest, microtasks: [MicrotaskResult]) {
            let first = microtasks.first { [MicrotaskState.failed.rawValue, "denied"].contains($0.state) }
            self.init(
                input: input, code: first?.code ?? "none", decision: first?.decision, microtasks: microtasks)
        }
    }

    /// Durable before the answer leaves: once per input.
    public struct OutputReleased: EventData {
        public static let type = "output.released"
        public var input: Digest
        /// Of the sealed answer.
        public var ciphertext: Digest
        public var bytes: Int64
        /// Whether a person should look at it: a microtask is unsure, failed or denied, or the graph asks for it.
        public var review: Bool
        /// Every microtask of the graph, in its order.
        public var microtasks: [MicrotaskResult]
        /// Action `release`, one for each model whose answer is in it.
        public var decisions: [RecordedDecision]
        /// The sealed blob that learning reads. Never without `learn`.
        public var sidecar: Digest?
        /// Action `learn`, permitted. Never without `sidecar`.
        public var learn: RecordedDecision?

        public init(
            input: Digest, ciphertext: Digest, bytes: Int64, review: Bool, microtasks: [MicrotaskResult],
            decisions: [RecordedDecision], sidecar: Digest? = nil, learn: RecordedDecision? = nil
        ) {
            self.input = input
            self.ciphertext = ciphertext
            self.bytes = bytes
            self.review = review
            self.microtasks = microtasks
            self.decisions = decisions
            self.sidecar = sidecar
            self.learn = learn
        }
    }

    public struct JobEnded: EventData {
        public static let type = "job.ended"
        /// `released` when an answer to every input left, else `denied` when all others were denied, else `failed`;
        /// `cancelled` or `halted` when inputs have no outcome.
        public var state: String
        /// Inputs whose answer left.
        public var released: Int64
        /// How many of those a person should look at.
        public var review: Int64
        public var failed: Int64
        public var denied: Int64
        public var cost: Int64
        public var wallNs: String
        /// The `receipt` record.
        public var receipt: Digest

        public init(
            state: String, released: Int64, review: Int64, failed: Int64, denied: Int64, cost: Int64, wallNs: String,
            receipt: Digest
        ) {
            self.state = state
            self.released = released
            self.review = review
            self.failed = failed
            self.denied = denied
            self.cost = cost
            self.wallNs = wallNs
            self.receipt = receipt
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Records lie beside the log, named by the SHA-256 of their canonical JSON; entries refer to them by that digest.
public enum Record {
    /// The inputs of a job in their order.
    public struct Inputs: Codable, Equatable, Sendable {
        public var kind = "inputs"
        public var v: Int64 = 1
        public var items: [Item]
        /// Hex of 32 bytes that nobody guesses: names of files may say whose they are, and the log has the record's digest.
        public var salt: String?

        public init(items: [Item], salt: String? = nil) {
            self.items = items
            self.salt = salt
        }

        public struct Item: Codable, Equatable, Sendable {
            public var index: Int64
            /// The file's name as the requester gave it, without directories.
            public var name: String
            /// Of the ciphertext.
            public var digest: Digest
            /// Length of the ciphertext.
            public var bytes: Int64
            /// Serial of the label.
            public var serial: Int64?
            /// Of the label file; absent for unlabelled data, which has the top class.
            public var label: Digest?
            public var `class`: String
            public var owner: String?

            /// What the ids of an input's steps begin with: `0007/` for the input with index 7.
            public static func prefix(_ index: Int64) -> String {
                let digits = String(index)
                return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "/"
            }

            public init(
                index: Int64, name: String, digest: Digest, bytes: Int64, label: Digest?,
                serial: Int64?, class: String, owner: String?
            ) {
                self.index = index
                self.name = name
                self.digest = digest
                self.bytes = bytes
                self.label = label
                self.serial = serial
                self.class = `class`
                self.owner = owner
            }
        }
    }

    /// The job file as it was given, so that its digest can be explained.
    public struct Job: Codable, Equatable, Sendable {
        public var kind = "job"
        public var v: Int64 = 1
        /// The file's text.
        public var text: String

        public init(text: String) { self.text = text }
    }

    /// What one job used and cost: the bill, and the evidence for it.
    public struct Receipt: Codable, Equatable, Sendable {
        public var kind = "receipt"
        public var v: Int64 = 1
        public var job: String
        /// The job's digest.
        public var digest: Digest
        public var state: String
        public var policy: Int64
        public var requester: String
        public var `class`: String
        public var purpose: String
        /// The level truly reached: `process`, `measured-boot` or `tee`.
        public var assurance: String
        public var currency: String
        public var budget: Event.Budget
        public var cost: Int64
        public var wallNs: String
        /// One per microtask of each input that has an outcome, in the order of inputs and graph.
        public var items: [Item]
        /// One per input that has an outcome, in the order of the inputs.
        public var answers: [Answer]
        /// What this supervisor destroyed, and what that does not prove.
        public var deletion: Deletion

        /// One microtask on one input.
        public struct Item: Codable, Equatable, Sendable {
            /// `0007/spam`.
            public var microtask: String
            public var input: Digest
            /// A ``MicrotaskState``.
            public var state: String
            /// The reason when neither answered nor skipped.
            public var code: String?
            /// Whose answer it is, when answered or unsure.
            public var model: String?
            /// Of that model's manifest (weights, program and image).
            public var weights: Digest?
            /// Micro-units, failed attempts included.
            public var cost: Int64
            /// Of the last call.
            public var latencyNs: String

            public init(
                microtask: String, input: Digest, state: String, code: String?, model: String?, weights: Digest?,
                cost: Int64, latencyNs: String
            ) {
                self.microtask = microtask
                self.input = input
                self.state = state
                self.code = code
                self.model = model
                self.weights = weights
                self.cost = cost
                self.latencyNs = latencyNs
            }
        }

        /// What left for one input.
        public struct Answer: Codable, Equatable, Sendable {
            public var input: Digest
            /// An ``InputState``.
            public var state: String
            /// The reason when no answer left.
            public var code: String?
            /// Of the sealed answer.
            public var response: Digest?
            /// How often the input's key was released.
            public var attempts: Int64

            public init(input: Digest, state: String, code: String?, response: Digest?, attempts: Int64) {
                self.input = input
                self.state = state
                self.code = code
                self.response = response
                self.attempts = attempts
            }
        }

        public struct Deletion: Codable, Equatable, Sendable {
            public var jailsEnded: Int64
            public var plaintexts: String
            public var doesNotProve: String

            public init(jailsEnded: Int64) {
                self.jailsEnded = jailsEnded
                plaintexts = "held in sealed memory of the supervisor and its jails only, and unmapped"
                doesNotProve = "that root on the host kept no copy"
            }
        }

        public init(
            job: String, digest: Digest, state: String, policy: Int64, requester: String, class: String,
            purpose: String, assurance: String, currency: String, budget: Event.Budget, cost: Int64, wallNs: String,
            items: [Item], answers: [Answer], deletion: Deletion
        ) {
            self.job = job
            self.digest = digest
            self.state = state
            self.policy = policy
            self.requester = requester
            self.class = `class`
            self.purpose = purpose
            self.assurance = assurance
            self.currency = currency
            self.budget = budget
            self.cost = cost
            self.wallNs = wallNs
            self.items = items
            self.answers = answers
            self.deletion = deletion
        }
    }
}

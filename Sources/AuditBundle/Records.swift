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

        public init(items: [Item]) { self.items = items }

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

    /// A task graph with its schemas in place.
    public struct TaskGraph: Codable, Equatable, Sendable {
        public var kind = "task-graph"
        public var v: Int64 = 1
        public var name: String
        public var microtasks: [Microtask]

        public init(name: String, microtasks: [Microtask]) {
            self.name = name
            self.microtasks = microtasks
        }

        public struct Microtask: Codable, Equatable, Sendable {
            public var id: String
            public var type: String
            public var schema: JSONValue
            public var needs: [String]
            /// `message`, `parsed` or `answers`.
            public var input: String

            public init(id: String, type: String, schema: JSONValue, needs: [String], input: String) {
                self.id = id
                self.type = type
                self.schema = schema
                self.needs = needs
                self.input = input
            }
        }
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
        public var items: [Item]
        /// What this supervisor destroyed, and what that does not prove.
        public var deletion: Deletion

        public struct Item: Codable, Equatable, Sendable {
            public var microtask: String
            public var input: Digest
            /// `released`, `failed`, `denied`.
            public var state: String
            /// The reason when not released.
            public var code: String?
            public var model: String?
            /// Of the model's manifest (weights, program and image).
            public var weights: Digest?
            public var response: Digest?
            public var attempts: Int64
            public var cost: Int64
            public var latencyNs: String

            public init(
                microtask: String, input: Digest, state: String, code: String?, model: String?, weights: Digest?,
                response: Digest?, attempts: Int64, cost: Int64, latencyNs: String
            ) {
                self.microtask = microtask
                self.input = input
                self.state = state
                self.code = code
                self.model = model
                self.weights = weights
                self.response = response
                self.attempts = attempts
                self.cost = cost
                self.latencyNs = latencyNs
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
            items: [Item], deletion: Deletion
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
            self.deletion = deletion
        }
    }
}

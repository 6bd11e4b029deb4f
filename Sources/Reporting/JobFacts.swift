// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a run told about itself, without any content: the input of every summary, table, page and plot.
///
/// All of it is in the job's log entries and auction records, but for ``Answer/right``: whether an answer is right is known
/// only to who has both the answer and a label, while the answer is open.
public struct JobFacts: Sendable, Equatable {
    /// What the page and the table say at the top.
    public struct Heading: Sendable, Equatable {
        public var job: String
        /// Of the job: file, inputs and policy.
        public var digest: String
        /// `released`, `failed`, `denied`, or a state of a job that has not ended.
        public var state: String
        public var room: String
        public var task: String
        public var dataClass: String
        public var purpose: String
        public var requester: String
        public var policy: Int64
        public var currency: String
        /// Micro-units.
        public var cost: Int64
        /// Micro-units.
        public var budget: Int64
        public var wallNs: Int64
        /// First and last entry of the log that concern the job.
        public var entries: ClosedRange<Int64>
        /// RFC 3339, of the last of these entries.
        public var ended: String

        public init(
            job: String, digest: String, state: String, room: String, task: String, dataClass: String, purpose: String,
            requester: String, policy: Int64, currency: String, cost: Int64, budget: Int64, wallNs: Int64,
            entries: ClosedRange<Int64>, ended: String
        ) {
            self.job = job
            self.digest = digest
            self.state = state
            self.room = room
            self.task = task
            self.dataClass = dataClass
            self.purpose = purpose
            self.requester = requester
            self.policy = policy
            self.currency = currency
            self.cost = cost
            self.budget = budget
            self.wallNs = wallNs
            self.entries = entries
            self.ended = ended
        }
    }

    /// One input.
    public struct Message: Sendable, Equatable {
        /// The file's name. Others chose it: it is shown to nobody unescaped.
        public var name: String
        /// `released`, `needs-review`, `failed` or `denied`; another word while the job runs.
        public var state: String
        public var code: String?
        /// From the first step on it to its outcome, waiting included; nil where the log cannot tell.
        public var latencyNs: Int64?

        public init(name: String, state: String, code: String? = nil, latencyNs: Int64? = nil) {
            self.name = name
            self.state = state
            self.code = code
            self.latencyNs = latencyNs
        }
    }

    public var heading: Heading
    /// Ids in the order of the graph.
    public var microtasks: [String]
    public var messages: [Message]
    public var answers: [Answer]
    public var attempts: [Attempt] = []
    public var spans: [Span] = []
    public var processes: [Process] = []

    public init(heading: Heading, microtasks: [String], messages: [Message], answers: [Answer]) {
        self.heading = heading
        self.microtasks = microtasks
        self.messages = messages
        self.answers = answers
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

extension JobFacts {
    /// How one microtask on one message ended.
    public struct Answer: Sendable, Equatable {
        public struct Bid: Sendable, Equatable {
            public var model: String
            /// Probability of a right answer in 1e-9, as the auction counted it.
            public var confidence: Int64
            /// Micro-units.
            public var price: Int64

            public init(model: String, confidence: Int64 = 0, price: Int64 = 0) {
                self.model = model
                self.confidence = confidence
                self.price = price
            }
        }

        public struct Exclusion: Sendable, Hashable {
            public var model: String
            /// `forbidden`, `not-permitted` or `error`.
            public var kind: String
            public var rules: [String]

            public init(model: String, kind: String, rules: [String]) {
                self.model = model
                self.kind = kind
                self.rules = rules
            }
        }

        /// Index in ``JobFacts/messages``.
        public var message: Int
        public var microtask: String
        /// `answered`, `unsure`, `skipped`, `failed` or `denied`; another word while the job runs.
        public var state: String
        public var code: String?
        /// Rules that denied it.
        public var rules: [String] = []
        public var bids: [Bid] = []
        public var exclusions: [Exclusion] = []
        /// Whose answer counts; nil when none does.
        public var winner: String?
        /// Why it won, in words.
        public var why: String?
        /// Micro-units, of all attempts.
        public var cost: Int64 = 0
        /// Of the last attempt.
        public var latencyNs: Int64 = 0
        /// 1e-9, of the answer itself.
        public var confidence: Int64?
        /// Whether it is what the label says; nil without a label or an answer.
        public var right: Bool?

        public init(message: Int, microtask: String, state: String, code: String? = nil) {
            self.message = message
            self.microtask = microtask
            self.state = state
            self.code = code
        }
    }

    /// One execution of one model, metered: an entry `auction.settled`.
    public struct Attempt: Sendable, Equatable {
        public var message: Int
        public var microtask: String
        public var model: String
        /// `valid`, `low-confidence`, or the code of the failure.
        public var outcome: String
        /// Micro-units.
        public var cost: Int64
        public var latencyNs: Int64
        public var cpuNs: Int64

        public init(
            message: Int, microtask: String, model: String, outcome: String, cost: Int64, latencyNs: Int64, cpuNs: Int64
        ) {
            self.message = message
            self.microtask = microtask
            self.model = model
            self.outcome = outcome
            self.cost = cost
            self.latencyNs = latencyNs
            self.cpuNs = cpuNs
        }
    }

    /// When a process of a model was at work, in nanoseconds since the job began.
    public struct Span: Sendable, Equatable {
        public var model: String
        /// `executor`, `bidder`, `parser` or `featurizer`.
        public var role: String
        /// `starting` until a process takes its first input, then `working`.
        public var phase: String
        public var startNs: Int64
        public var endNs: Int64

        public init(model: String, role: String, phase: String, startNs: Int64, endNs: Int64) {
            self.model = model
            self.role = role
            self.phase = phase
            self.startNs = startNs
            self.endNs = endNs
        }
    }

    /// A jail whose end is in the log.
    public struct Process: Sendable, Equatable {
        public var model: String
        public var role: String
        /// Cause of a jail's report, such as `exited` or `memory-limit`.
        public var cause: String
        public var cpuNs: Int64
        public var peakBytes: Int64

        public init(model: String, role: String, cause: String, cpuNs: Int64, peakBytes: Int64) {
            self.model = model
            self.role = role
            self.cause = cause
            self.cpuNs = cpuNs
            self.peakBytes = peakBytes
        }
    }
}

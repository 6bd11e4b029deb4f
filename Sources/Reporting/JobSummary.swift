// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A run in figures: per microtask, per model, per rule. What `atomic run --json` prints as `summary`.
///
/// Money is in micro-units, times are nanoseconds as text, rates are integers in 1e-9. Fields are added, never changed.
public struct JobSummary: Codable, Equatable, Sendable {
    /// How messages ended; the four states exclude each other.
    public struct Messages: Codable, Equatable, Sendable {
        public internal(set) var total = 0
        public internal(set) var released = 0
        public internal(set) var needsReview = 0
        public internal(set) var failed = 0
        public internal(set) var denied = 0
        /// Without an outcome yet: the job runs, or died.
        public internal(set) var pending = 0
        /// From the first step on a message to its outcome, waiting included.
        public internal(set) var latency: Latency?
    }

    /// How one microtask ended over all messages.
    public struct Microtask: Codable, Equatable, Sendable {
        public let id: String
        public internal(set) var answered = 0
        public internal(set) var unsure = 0
        public internal(set) var skipped = 0
        public internal(set) var failed = 0
        public internal(set) var denied = 0
        /// Why not answered: messages by closed code.
        public internal(set) var codes: [String: Int] = [:]
        /// Of the answers that have a label.
        public internal(set) var accuracy: Proportion?
    }

    /// What one model did for one microtask.
    public struct Model: Codable, Equatable, Sendable {
        public let microtask: String
        public let model: String
        /// Messages on which it bid.
        public internal(set) var bids = 0
        /// Messages whose answer is its own.
        public internal(set) var wins = 0
        /// Wins after another model had failed or was unsure.
        public internal(set) var takeovers = 0
        /// Executions that were settled, whatever came of them.
        public internal(set) var attempts = 0
        /// Attempts whose answer was valid but not sure enough.
        public internal(set) var unsure = 0
        /// Attempts that failed, and by which code.
        public internal(set) var failed = 0
        public internal(set) var failures: [String: Int] = [:]
        public internal(set) var cost: Int64 = 0
        public internal(set) var cpuNs = "0"
        /// Over all attempts, by nearest rank; absent without one.
        public internal(set) var latency: Latency?
        /// Of its answers that have a label.
        public internal(set) var accuracy: Proportion?
    }

    public struct Latency: Codable, Equatable, Sendable {
        public let p50: String
        public let p99: String

        init?(_ nanoseconds: Quantiles) {
            guard let middle = nanoseconds.at(percent: 50), let high = nanoseconds.at(percent: 99) else { return nil }
            p50 = String(middle)
            p99 = String(high)
        }
    }

    /// A model that the policy kept out of an auction.
    public struct Exclusion: Codable, Equatable, Sendable {
        public let microtask: String
        public let model: String
        public let kind: String
        public let rules: [String]
        public let messages: Int
    }

    /// Jails of one model in one role.
    public struct Processes: Codable, Equatable, Sendable {
        public let role: String
        public let model: String
        public internal(set) var jails = 0
        public internal(set) var cpuNs = "0"
        /// The largest of them.
        public internal(set) var peakBytes: Int64 = 0
        /// How they ended.
        public internal(set) var causes: [String: Int] = [:]
    }

    public struct Totals: Codable, Equatable, Sendable {
        public let cost: Int64
        public let currency: String
        public let wallNs: String
        /// Nanoseconds in which at least one process of a model worked or started; absent where the log cannot tell.
        public let modelNs: String?
        /// The same as a share of the wall time, 1e-9.
        public let modelShare: Int64?
    }

    /// Version of this form.
    public var v = 1
    public let messages: Messages
    public let microtasks: [Microtask]
    public let models: [Model]
    public let exclusions: [Exclusion]
    public let processes: [Processes]
    public let totals: Totals
}

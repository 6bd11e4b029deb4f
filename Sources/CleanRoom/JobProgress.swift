// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a person who waits wants to know. Never content. It travels as JSON from a daemon to its clients.
public enum JobProgress: Codable, Sendable {
    case sealed(count: Int)
    case accepted(job: String, inputs: Int, resumed: Bool)
    case modelStarted(name: String, nanoseconds: UInt64)
    /// A jail could not be built, so nothing of the model ran; the message has the step and the errno.
    case jailFailed(model: String, message: String, remedy: String)
    case finished(JobItem, number: Int, of: Int)
    case ended(state: String)
}

/// One line of a job's table.
public struct JobItem: Codable, Sendable, Equatable {
    public struct Bidder: Codable, Sendable, Equatable {
        public let model: String
        /// 1e-9.
        public let confidence: Int64
        /// Micro-units.
        public let price: Int64
        /// 1e-9; absent when the bid was not ranked.
        public let score: Int64?
    }

    public struct Excluded: Codable, Sendable, Equatable {
        public let model: String
        public let kind: String
        public let rules: [String]
    }

    public let name: String
    public let microtask: String
    /// `answered`, `unsure`, `skipped`, `failed` or `denied`.
    public let state: String
    public let code: String?
    /// The policy's rules that denied the answer; empty when it was not denied by a rule, or before a restart.
    public let rules: [String]
    public let bidders: [Bidder]
    public let excluded: [Excluded]
    public let winner: String?
    /// `best score`, `exploration`, `takeover after …`.
    public let why: String?
    public let cost: Int64
    public let latencyNs: Int64
    /// 1e-9, of the answer; nil when it has none.
    public var confidence: Int64?
    /// Whether the answer is what its label says; nil without a label or an answer.
    public var right: Bool?
}

/// How a job ended, with its table.
public struct JobReport: Codable, Sendable {
    public let job: String
    public let digest: Digest
    public let state: String
    public let exit: ExitStatus
    public let resumed: Bool
    public let items: [JobItem]
    public let cost: Int64
    public let currency: String
    public let wallNs: UInt64
    public let policy: Int64
}

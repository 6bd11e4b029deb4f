// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a person who waits wants to know. Never content.
public enum JobProgress: Codable, Sendable, Equatable {
    case sealed(count: Int)
    case accepted(job: String, inputs: Int, resumed: Bool)
    case modelStarted(name: String, nanoseconds: UInt64)
    /// A jail could not be built, so nothing of the model ran: the step and the errno, and what to do about it.
    case jailFailed(model: String, message: String, remedy: String)
    /// A microtask on one input.
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
    /// Of an answer, in 1e-9: what the answer says of itself, else what the model said of it. Nil after a restart.
    public var confidence: Int64?
    /// Whether the answer is what the labels of the run expect; nil where they say nothing about it.
    public var right: Bool?
}

/// How one input of a job ended.
public struct JobMessage: Codable, Sendable, Equatable {
    public let name: String
    /// `released`, `needs-review`, `failed` or `denied`.
    public let state: String
    /// Why there is no answer.
    public let code: String?
}

/// How a job ended, with its table.
public struct JobReport: Codable, Sendable, Equatable {
    public let job: String
    public let digest: Digest
    public let state: String
    public let exit: ExitStatus
    public let resumed: Bool
    /// One per microtask and input, in the order of inputs and graph.
    public let items: [JobItem]
    /// One per input, in their order.
    public let messages: [JobMessage]
    public let cost: Int64
    public let currency: String
    public let wallNs: UInt64
    public let policy: Int64
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Labels for the answers of a job, as one request.
public struct FeedbackOrder: Codable, Equatable, Sendable {
    /// The job's id, the beginning of it, or `latest`.
    public let job: String
    public let labels: [MessageLabel]
    public let source: MessageLabel.Source

    public init(job: String, labels: [MessageLabel], source: MessageLabel.Source) {
        self.job = job
        self.labels = labels
        self.source = source
    }
}

/// What came of a ``FeedbackOrder``.
public struct FeedbackOutcome: Codable, Sendable {
    /// The job's whole id.
    public let job: String
    public let results: [FeedbackResult]
}

/// Messages of a job that the room should forget; with none all of them.
public struct ForgetOrder: Codable, Equatable, Sendable {
    public let job: String
    public let messages: [String]

    public init(job: String, messages: [String]) {
        self.job = job
        self.messages = messages
    }
}

extension Room {
    /// Takes labels, all or none.
    public func take(_ order: FeedbackOrder) throws -> FeedbackOutcome {
        let intake = try FeedbackIntake(room: self, job: order.job)
        return FeedbackOutcome(job: intake.jobID, results: try intake.add(order.labels, source: order.source))
    }

    /// Erases what the room remembers of messages.
    /// - Returns: how many sealed entries.
    public func forget(_ order: ForgetOrder) throws -> Int {
        try FeedbackIntake(room: self, job: order.job).erase(order.messages)
    }
}

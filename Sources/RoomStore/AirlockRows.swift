// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import GRDB

/// An answer that waits for reviewers, or waited.
public struct AirlockRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "airlock"
    /// Index of its `airlock.queued` entry.
    public var entry: Int64
    public var job: String
    public var input: String
    /// Digest of the sealed answer.
    public var held: String
    /// How many must approve, at least.
    public var approvals: Int64
    /// Sequence of the policy that it was checked by.
    public var policy: Int64

    public init(entry: Int64, job: String, input: String, held: String, approvals: Int64, policy: Int64) {
        self.entry = entry
        self.job = job
        self.input = input
        self.held = held
        self.approvals = approvals
        self.policy = policy
    }
}

/// What one reviewer said about it.
public struct AirlockDecisionRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "airlockDecision"
    public var entry: Int64
    public var held: String
    public var reviewer: String
    /// `approve` or `reject`.
    public var verdict: String
    public var reason: String

    public init(entry: Int64, held: String, reviewer: String, verdict: String, reason: String) {
        self.entry = entry
        self.held = held
        self.reviewer = reviewer
        self.verdict = verdict
        self.reason = reason
    }
}

extension RoomStore {
    /// Everything that is or was in the airlock, the oldest first.
    public func airlock() throws(StoreError) -> [AirlockRow] {
        try read { try AirlockRow.fetchAll($0, sql: "SELECT * FROM airlock ORDER BY entry") }
    }

    public func airlock(entry: Int64) throws(StoreError) -> AirlockRow? {
        try read { try AirlockRow.fetchOne($0, key: entry) }
    }

    /// What was decided about an answer, in order.
    public func airlockDecisions(held: String) throws(StoreError) -> [AirlockDecisionRow] {
        try read {
            try AirlockDecisionRow.fetchAll(
                $0, sql: "SELECT * FROM airlockDecision WHERE held = ? ORDER BY entry", arguments: [held])
        }
    }

    /// Sealed answers in the airlock of jobs that have not ended.
    public func heldAnswers() throws(StoreError) -> [String] {
        try read {
            try String.fetchAll(
                $0, sql: "SELECT held FROM airlock JOIN job ON job.id = airlock.job WHERE job.receipt IS NULL")
        }
    }
}

extension StoreTransaction {
    public func save(_ row: AirlockRow) throws { try row.save(database) }
    public func save(_ row: AirlockDecisionRow) throws { try row.save(database) }
}

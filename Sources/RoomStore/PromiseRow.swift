// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import GRDB

/// A call that was awarded and has no bill yet.
public struct PromiseRow: Codable, Equatable, Sendable, FetchableRecord, PersistableRecord {
    public static let databaseTableName = "promise"

    public let job: String
    public let microtask: String
    public let input: String
    public let attempt: Int64
    /// Digest of the `auction` record.
    public let record: String
    public let model: String
    public let dataClass: String?
    public let owners: String
    /// Whether the model has the input: then it may have used what was promised.
    public var begun = false
    /// How its answer was judged, where it was: what a bill must say as outcome.
    public var verdict: String?

    public init(
        job: String, microtask: String, input: String, attempt: Int64, record: String, model: String,
        dataClass: String?, owners: String
    ) {
        self.job = job
        self.microtask = microtask
        self.input = input
        self.attempt = attempt
        self.record = record
        self.model = model
        self.dataClass = dataClass
        self.owners = owners
    }
}

extension RoomStore {
    /// Calls that had begun and have no bill, in the order of jobs and microtasks.
    public func openCalls() throws(StoreError) -> [PromiseRow] {
        try read {
            try PromiseRow.fetchAll($0, sql: "SELECT * FROM promise WHERE begun = 1 ORDER BY job, microtask")
        }
    }
}

extension StoreTransaction {
    /// A model won a microtask. One that has the input already may begin at once.
    public func promised(_ row: PromiseRow) throws {
        var row = row
        row.begun =
            try Int64.fetchOne(
                database, sql: "SELECT 1 FROM delivery WHERE job = ? AND input = ? AND model = ?",
                arguments: [row.job, row.input, row.model]) != nil
        try row.save(database)
    }

    /// A model gets an input.
    public func delivered(_ job: String, input: String, to model: String) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO delivery (job, input, model) VALUES (?, ?, ?)", arguments: [job, input, model])
        try database.execute(
            sql: "UPDATE promise SET begun = 1 WHERE job = ? AND input = ? AND model = ?",
            arguments: [job, input, model])
    }

    /// An answer was judged.
    public func judged(_ job: String, _ microtask: String, as verdict: String) throws {
        try database.execute(
            sql: "UPDATE promise SET verdict = ? WHERE job = ? AND microtask = ?",
            arguments: [verdict, job, microtask])
    }

    /// A call has its bill, or nobody won.
    public func billed(_ job: String, _ microtask: String) throws {
        try database.execute(
            sql: "DELETE FROM promise WHERE job = ? AND microtask = ?", arguments: [job, microtask])
    }

    /// A supervisor took the room: nothing of before is at work.
    public func forgetCalls() throws {
        try database.execute(sql: "DELETE FROM promise")
        try database.execute(sql: "DELETE FROM delivery")
    }

    /// An input has its outcome.
    public func forgetCalls(_ job: String, input: String) throws {
        try database.execute(sql: "DELETE FROM promise WHERE job = ? AND input = ?", arguments: [job, input])
        try database.execute(sql: "DELETE FROM delivery WHERE job = ? AND input = ?", arguments: [job, input])
    }
}

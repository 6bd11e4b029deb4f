// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import GRDB

extension RoomStore {
    /// What was verified in one scope on one type, by model digest.
    public func learned(_ key: LearningKey) throws(StoreError) -> [LearnedRow] {
        try read {
            try LearnedRow.fetchAll(
                $0,
                sql: """
                    SELECT digest, shown, "right", wrong FROM learned
                    WHERE owners = ? AND dataClass = ? AND purpose = ? AND type = ? ORDER BY digest, shown
                    """, arguments: key.arguments)
        }
    }

    /// The outcomes to learn from in the key's scope, over all types and in the order of the log, that are not known yet.
    ///
    /// - Parameters:
    ///   - known: how far learning had come.
    ///   - entry: the last one that was learned.
    /// - Returns: how far learning has come, and what is behind `entry`; all of it where an earlier word was replaced since.
    public func lessons(
        _ key: LearningKey, beyond known: LessonMark = .none, after entry: Int64 = -1
    ) throws(StoreError) -> (mark: LessonMark, rows: [LessonRow]) {
        // One transaction: rows that a mark does not know of would be learned beside what they replace.
        try read { database in
            let mark =
                try LessonMark.fetchOne(
                    database,
                    sql: "SELECT revision, replaced FROM lessonMark WHERE owners = ? AND dataClass = ? AND purpose = ?",
                    arguments: key.scope) ?? .none
            guard mark != known else { return (mark, []) }
            let rows = try LessonRow.fetchAll(
                database,
                sql: """
                    SELECT entry, record, outcome, lesson FROM feedback
                    WHERE owners = ? AND dataClass = ? AND purpose = ? AND entry > ? ORDER BY entry
                    """, arguments: key.scope + [mark.replaced == known.replaced ? entry : -1])
            return (mark, rows)
        }
    }

    /// What is remembered in one scope for one type, the newest first.
    public func memory(_ key: LearningKey, limit: Int) throws(StoreError) -> [MemoryRow] {
        try read {
            try MemoryRow.fetchAll(
                $0,
                sql: """
                    SELECT * FROM memory WHERE owners = ? AND dataClass = ? AND purpose = ? AND type = ?
                    ORDER BY entry DESC, name LIMIT ?
                    """, arguments: key.arguments + [limit])
        }
    }

    /// How many messages are remembered in one scope for one type.
    public func remembered(_ key: LearningKey) throws(StoreError) -> Int64 {
        try read {
            try Int64.fetchOne($0, sql: StoreTransaction.countMemory, arguments: key.arguments + [Int64.max]) ?? 0
        }
    }

    /// What is remembered of an input, in any scope.
    public func memory(of input: Digest) throws(StoreError) -> [MemoryRow] {
        try read {
            try MemoryRow.fetchAll(
                $0, sql: "SELECT * FROM memory WHERE input = ? ORDER BY entry", arguments: [input.description])
        }
    }

    /// Sidecars of an input, of all jobs that released an answer to it.
    public func sidecars(of input: Digest) throws(StoreError) -> [String] {
        try read {
            try String.fetchAll(
                $0, sql: "SELECT sidecar FROM input WHERE input = ? AND sidecar IS NOT NULL ORDER BY job",
                arguments: [input.description])
        }
    }

    /// Sealed records of jobs that have ended, those of the earliest jobs first.
    public func kept() throws(StoreError) -> [KeptRow] {
        try read {
            try KeptRow.fetchAll(
                $0,
                sql: """
                    SELECT input.sidecar AS name, job.dataClass, job.firstEntry AS accepted
                    FROM input JOIN job ON job.id = input.job
                    WHERE input.sidecar IS NOT NULL AND job.receipt IS NOT NULL
                    UNION
                    SELECT memory.name, memory.dataClass, COALESCE(job.firstEntry, memory.entry)
                    FROM memory LEFT JOIN feedback ON feedback.entry = memory.entry LEFT JOIN job ON job.id = feedback.job
                    WHERE job.id IS NULL OR job.receipt IS NOT NULL
                    ORDER BY accepted, name
                    """)
        }
    }

    public func use(of input: Digest) throws(StoreError) -> InputUse {
        try read {
            try InputUse.fetchOne(
                $0,
                sql: """
                    SELECT count(*) AS jobs, count(job.receipt) AS ended, max(job.lastEntry) AS lastEntry
                    FROM input JOIN job ON job.id = input.job WHERE input.input = ?
                    """, arguments: [input.description]) ?? InputUse(jobs: 0, ended: 0, lastEntry: nil)
        }
    }

    public func feedback(job: String) throws(StoreError) -> [FeedbackRow] {
        try read {
            try FeedbackRow.fetchAll(
                $0, sql: "SELECT * FROM feedback WHERE job = ? ORDER BY microtask", arguments: [job])
        }
    }

    public func erasedCount() throws(StoreError) -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT count(*) FROM erased") ?? 0 }
    }

    /// Sealed blobs that the log says were erased.
    public func erased() throws(StoreError) -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT name FROM erased ORDER BY name") }
    }
}

extension StoreTransaction {
    fileprivate static let countMemory =
        "SELECT count(*) FROM memory WHERE owners = ? AND dataClass = ? AND purpose = ? AND type = ? AND entry < ?"

    /// How many messages were remembered in one scope for one type before an entry of the log.
    public func remembered(_ key: LearningKey, before entry: Int64) throws -> Int64 {
        try Int64.fetchOne(database, sql: Self.countMemory, arguments: key.arguments + [entry]) ?? 0
    }

    /// Takes the newest word about an answer: it replaces an earlier one, and an answer counts once.
    public func save(_ row: FeedbackRow) throws {
        let old = try FeedbackRow.fetchOne(
            database, key: ["job": row.job, "microtask": row.microtask, "model": row.model])
        if let old { try count(old, by: -1) }
        try row.save(database)
        try count(row, by: 1)
        try database.execute(
            sql: """
                INSERT INTO lessonMark (owners, dataClass, purpose, revision, replaced) VALUES (?, ?, ?, 1, ?)
                ON CONFLICT DO UPDATE SET revision = revision + 1, replaced = replaced + excluded.replaced
                """, arguments: row.key.scope + [old == nil ? 0 : 1])
    }

    /// What an award's winner was billed.
    public func settled(_ record: String, cost: Int64, latencyMs: Int64) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO settled (record, cost, latencyMs) VALUES (?, ?, ?)",
            arguments: [record, cost, latencyMs])
    }

    public func settlement(of record: String) throws -> (cost: Int64, latencyMs: Int64)? {
        try Row.fetchOne(database, sql: "SELECT cost, latencyMs FROM settled WHERE record = ?", arguments: [record])
            .map { ($0["cost"], $0["latencyMs"]) }
    }

    private func count(_ row: FeedbackRow, by step: Int64) throws {
        let (right, wrong) = row.outcome == "right" ? (step, 0) : (0, step)
        try database.execute(
            sql: """
                INSERT INTO learned (owners, dataClass, purpose, type, digest, shown, "right", wrong)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET "right" = "right" + excluded."right", wrong = wrong + excluded.wrong
                """, arguments: row.key.arguments + [row.digest, row.shown, right, wrong])
        try database.execute(sql: "DELETE FROM learned WHERE \"right\" <= 0 AND wrong <= 0")
    }

    /// An input is remembered once per scope and type: with its newest label.
    public func save(_ row: MemoryRow) throws { try row.save(database) }

    public func erased(_ names: [String]) throws {
        for name in names {
            try database.execute(sql: "DELETE FROM memory WHERE name = ?", arguments: [name])
            try database.execute(sql: "UPDATE input SET sidecar = NULL WHERE sidecar = ?", arguments: [name])
            try database.execute(sql: "INSERT OR IGNORE INTO erased (name) VALUES (?)", arguments: [name])
        }
    }
}

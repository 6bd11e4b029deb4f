// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import GRDB

/// What following the log may change. Lives inside one transaction.
public struct StoreTransaction: ~Copyable {
    let database: Database

    public func insert(_ row: JobRow) throws { try row.insert(database) }

    public func job(_ id: String) throws -> JobRow? { try JobRow.fetchOne(database, key: id) }

    public func update(_ row: JobRow) throws { try row.update(database) }

    public func microtask(_ job: String, _ id: String) throws -> MicrotaskRow? {
        try MicrotaskRow.fetchOne(database, key: ["job": job, "id": id])
    }

    public func save(_ row: MicrotaskRow) throws { try row.save(database) }

    public func input(_ job: String, _ input: String) throws -> InputRow? {
        try InputRow.fetchOne(database, key: ["job": job, "input": input])
    }

    public func save(_ row: InputRow) throws { try row.save(database) }

    /// Remembers by which record a model won a microtask last.
    public func awarded(_ job: String, _ microtask: String, to model: String, by record: String) throws {
        try database.execute(
            sql: """
                INSERT INTO award (job, id, model, record) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET record = excluded.record
                """, arguments: [job, microtask, model, record])
    }

    /// The record by which a model won a microtask last.
    public func award(_ job: String, _ microtask: String, of model: String) throws -> String? {
        try String.fetchOne(
            database, sql: "SELECT record FROM award WHERE job = ? AND id = ? AND model = ?",
            arguments: [job, microtask, model])
    }

    public func started(_ row: JailRow) throws { try row.insert(database) }

    public func ended(jail id: String) throws { _ = try JailRow.deleteOne(database, key: id) }

    public func save(_ row: ModelRow) throws { try row.save(database) }

    public func accepted(policy sequence: Int64, envelope: String, entry: Int64) throws {
        try database.execute(
            sql: "INSERT INTO policy (sequence, envelope, entry) VALUES (?, ?, ?)",
            arguments: [sequence, envelope, entry])
    }

    /// A lower serial never replaces a higher one.
    public func seen(label serial: Int64, ciphertext: String) throws {
        try database.execute(
            sql: """
                INSERT INTO label (ciphertext, serial) VALUES (?, ?)
                ON CONFLICT DO UPDATE SET serial = max(serial, excluded.serial)
                """, arguments: [ciphertext, serial])
    }

    /// A supervisor took the room: the time since the last entry of any job was nobody's work.
    public func stopClocks() throws { try database.execute(sql: "UPDATE job SET lastMono = NULL") }

    /// Remembers by which entry a supervisor took the room last.
    public func opened(entry: Int64) throws {
        try database.execute(
            sql: "INSERT INTO meta (key, value) VALUES ('opened', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            arguments: [entry])
    }

    /// Remembers the greatest wall time of all entries, in nanoseconds.
    public func saw(wall nanoseconds: Int64) throws {
        try database.execute(
            sql:
                "INSERT INTO meta (key, value) VALUES ('wall', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            arguments: [nanoseconds])
    }

    /// A halt or a resume.
    public func stopped(kind: String, statement: String, entry: Int64) throws {
        try database.execute(
            sql: "INSERT INTO stop (entry, kind, statement) VALUES (?, ?, ?)", arguments: [entry, kind, statement])
    }

    /// The room was restored.
    public func restored(entry: Int64) throws {
        try database.execute(sql: "INSERT INTO restore (entry) VALUES (?)", arguments: [entry])
    }

    /// Whether the newest of halts and resumes is a halt.
    public func isHalted() throws -> Bool {
        try String.fetchOne(database, sql: "SELECT kind FROM stop ORDER BY entry DESC LIMIT 1") == "halt"
    }

    /// The room was halted: so are its jobs that have not ended.
    public func haltJobs() throws { try database.execute(sql: "UPDATE job SET state = 'halted' WHERE receipt IS NULL") }

    public func spend(_ cost: Int64, class: String, day: String) throws {
        try database.execute(
            sql: """
                INSERT INTO spend (class, day, cost) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET cost = cost + excluded.cost
                """, arguments: [`class`, day, cost])
    }
}

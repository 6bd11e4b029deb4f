// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Foundation
internal import GRDB

/// A room's state in SQLite: what the log says, in a form that answers questions quickly.
///
/// The log is the truth. The store remembers up to which entry it has followed it, in the same transaction as what
/// that entry changed, and can be deleted: opening the room reads the log again.
public final class RoomStore: Sendable {
    private let queue: DatabaseQueue
    private let path: String

    /// Opens or creates `state.db`.
    public init(path: String) throws(StoreError) {
        self.path = path
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            // A commit that is lost with the power is read from the log again.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try Schema.migrator.migrate(queue)
            self.queue = queue
        } catch {
            throw Self.wrap(error, path)
        }
    }

    /// An empty store in memory, for a room that may not be written.
    public init() throws(StoreError) {
        path = "state in memory"
        do {
            queue = try DatabaseQueue()
            try Schema.migrator.migrate(queue)
        } catch {
            throw Self.wrap(error, path)
        }
    }

    /// What is in the store now, in memory: it can follow the log further without anybody else's noticing.
    public func copyInMemory() throws(StoreError) -> RoomStore {
        let copy = try RoomStore()
        do {
            try queue.backup(to: copy.queue)
            return copy
        } catch {
            throw Self.wrap(error, path)
        }
    }

    /// Index of the next log entry to follow.
    public func nextEntry() throws(StoreError) -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'next'") ?? 0 }
    }

    /// Changes state for log entries up to, but without, `next`, in one transaction.
    /// - Throws: what `body` explains; `database` or `disk-full`.
    public func follow(next: Int64, _ body: (borrowing StoreTransaction) throws -> Void) throws {
        do {
            try queue.write { database in
                try body(StoreTransaction(database: database))
                try database.execute(
                    sql:
                        "INSERT INTO meta (key, value) VALUES ('next', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                    arguments: [next])
            }
        } catch let error as any ExplainedError {
            throw error
        } catch {
            throw Self.wrap(error, path)
        }
    }

    public func job(_ id: String) throws(StoreError) -> JobRow? { try read { try JobRow.fetchOne($0, key: id) } }

    /// All jobs, the newest first.
    public func jobs() throws(StoreError) -> [JobRow] {
        try read { try JobRow.fetchAll($0, sql: "SELECT * FROM job ORDER BY firstEntry DESC") }
    }

    /// The job of this digest that has not ended.
    public func unfinishedJob(digest: Digest) throws(StoreError) -> JobRow? {
        try read {
            try JobRow.fetchOne(
                $0, sql: "SELECT * FROM job WHERE digest = ? AND receipt IS NULL ORDER BY firstEntry DESC LIMIT 1",
                arguments: [digest.description])
        }
    }

    /// The jobs over exactly these inputs (the digest of their record), the newest first.
    public func jobs(inputs: String) throws(StoreError) -> [JobRow] {
        try read {
            try JobRow.fetchAll(
                $0, sql: "SELECT * FROM job WHERE inputs = ? ORDER BY firstEntry DESC", arguments: [inputs])
        }
    }

    public func microtasks(job: String) throws(StoreError) -> [MicrotaskRow] {
        try read {
            try MicrotaskRow.fetchAll(
                $0, sql: "SELECT * FROM microtask WHERE job = ? ORDER BY number, position, id", arguments: [job])
        }
    }

    /// The inputs of a job in their order.
    public func inputs(job: String) throws(StoreError) -> [InputRow] {
        try read {
            try InputRow.fetchAll($0, sql: "SELECT * FROM input WHERE job = ? ORDER BY number", arguments: [job])
        }
    }

    public func input(job: String, digest: Digest) throws(StoreError) -> InputRow? {
        try read { try InputRow.fetchOne($0, key: ["job": job, "input": digest.description]) }
    }

    /// Ciphertexts of answers that were released in jobs that have not ended: a resumed job may still have to place them.
    public func unplacedAnswers() throws(StoreError) -> [String] {
        try read {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT input.ciphertext FROM input JOIN job ON job.id = input.job
                    WHERE job.receipt IS NULL AND input.ciphertext IS NOT NULL
                    """)
        }
    }

    public func microtask(job: String, id: String) throws(StoreError) -> MicrotaskRow? {
        try read { try MicrotaskRow.fetchOne($0, key: ["job": job, "id": id]) }
    }

    /// Jails that the log saw start and not end.
    public func openJails() throws(StoreError) -> [JailRow] {
        try read { try JailRow.fetchAll($0, sql: "SELECT * FROM jail ORDER BY id") }
    }

    public func models() throws(StoreError) -> [ModelRow] {
        try read { try ModelRow.fetchAll($0, sql: "SELECT * FROM model ORDER BY name, entry") }
    }

    /// Accepted policies in their order, each with the digest of its envelope and the index of its log entry.
    public func policies() throws(StoreError) -> [(sequence: Int64, envelope: Digest, entry: Int64)] {
        let rows = try read { try Row.fetchAll($0, sql: "SELECT * FROM policy ORDER BY sequence") }
        return rows.compactMap { row in
            Digest(string: row["envelope"]).map { (row["sequence"], $0, row["entry"]) }
        }
    }

    /// Halts and resumes in their order, each with the digest of its statement and the index of its entry.
    public func stops() throws(StoreError) -> [(entry: Int64, kind: String, statement: Digest)] {
        let rows = try read { try Row.fetchAll($0, sql: "SELECT * FROM stop ORDER BY entry") }
        return rows.compactMap { row in
            Digest(string: row["statement"]).map { (row["entry"], row["kind"], $0) }
        }
    }

    /// Indices of the entries by which the room was restored, in their order.
    public func restores() throws(StoreError) -> [Int64] {
        try read { try Int64.fetchAll($0, sql: "SELECT entry FROM restore ORDER BY entry") }
    }

    /// Index of the last entry by which a supervisor took the room; nil before the first.
    public func lastOpening() throws(StoreError) -> Int64? {
        try read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'opened'") }
    }

    /// The greatest wall time of all entries, in nanoseconds; 0 before the first.
    public func newestWall() throws(StoreError) -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'wall'") ?? 0 }
    }

    /// Micro-units spent on a class since a day (`2026-11-21`, UTC) began.
    public func spent(class: String, day: String) throws(StoreError) -> Int64 {
        try read {
            try Int64.fetchOne(
                $0, sql: "SELECT cost FROM spend WHERE class = ? AND day = ?", arguments: [`class`, day]) ?? 0
        }
    }

    /// The highest label serial that was seen for a ciphertext.
    public func highestSerial(_ ciphertext: Digest) throws(StoreError) -> Int64? {
        try read {
            try Int64.fetchOne(
                $0, sql: "SELECT serial FROM label WHERE ciphertext = ?", arguments: [ciphertext.description])
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do {
            return try queue.read(body)
        } catch {
            throw Self.wrap(error, path)
        }
    }

    /// SQLite says "disk I/O error" for much of what a full or read-only file system does to its side files.
    private static func wrap(_ error: any Error, _ path: String) -> StoreError {
        let result = (error as? DatabaseError)?.resultCode
        if let result, [.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY].contains(result),
            let state = Files.fileSystem(of: Files.parent(of: path))
        {
            if state.isReadOnly {
                return StoreError(
                    .database, "\(path) cannot be written: read-only file system",
                    remedy: "make the room's file system writable and run the command again", cause: error)
            }
            if result == .SQLITE_FULL || state.availableBytes < 256 << 10 {
                return StoreError(
                    .diskFull, "\(path) cannot be written: no space left on the file system",
                    remedy: "free space on the room's file system and run the command again", cause: error)
            }
        }
        return StoreError(
            .database, "\(path): \(error)",
            remedy: "check the room's file system; state.db can be deleted and is made again from the log", cause: error
        )
    }
}

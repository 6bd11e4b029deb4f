// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Foundation
internal import GRDB
internal import Glibc

/// A room's state in SQLite: what the log says, in a form that answers questions quickly.
///
/// The log is the truth. The store remembers up to which entry it has followed it, in the same transaction as what
/// that entry changed, and can be deleted: opening the room reads the log again.
public final class RoomStore: Sendable {
    private let queue: DatabaseQueue
    private let path: String

    /// Opens or creates `state.db`.
    public init(path: String) throws(StoreError) {
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
            self.path = path
        } catch {
            throw Self.wrap(error, path)
        }
    }

    /// Index of the next log entry to follow.
    public func nextEntry() throws(StoreError) -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'next'") ?? 0 }
    }

    /// Changes state for log entries up to, but without, `next`, in one transaction.
    public func follow(next: Int64, _ body: (borrowing StoreTransaction) throws -> Void) throws(StoreError) {
        do {
            try queue.write { database in
                try body(StoreTransaction(database: database))
                try database.execute(
                    sql:
                        "INSERT INTO meta (key, value) VALUES ('next', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                    arguments: [next])
            }
        } catch let error as StoreError {
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

    public func microtasks(job: String) throws(StoreError) -> [MicrotaskRow] {
        try read {
            try MicrotaskRow.fetchAll($0, sql: "SELECT * FROM microtask WHERE job = ? ORDER BY id", arguments: [job])
        }
    }

    /// Ciphertexts of answers that were released in jobs that have not ended: a resumed job may still have to place them.
    public func unplacedAnswers() throws(StoreError) -> [String] {
        try read {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT microtask.ciphertext FROM microtask JOIN job ON job.id = microtask.job
                    WHERE job.receipt IS NULL AND microtask.ciphertext IS NOT NULL
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

    /// Accepted policies in their order, each with the digest of its envelope.
    public func policies() throws(StoreError) -> [(sequence: Int64, envelope: Digest)] {
        let rows = try read { try Row.fetchAll($0, sql: "SELECT sequence, envelope FROM policy ORDER BY sequence") }
        return rows.compactMap { row in
            Digest(string: row["envelope"]).map { (row["sequence"], $0) }
        }
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

    private func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do {
            return try queue.read(body)
        } catch {
            throw Self.wrap(error, path)
        }
    }

    private static func wrap(_ error: any Error, _ path: String) -> StoreError {
        let full =
            switch (error as? DatabaseError)?.resultCode {
            case .SQLITE_FULL?: true
            // SQLite calls it an I/O error when its shared memory file cannot grow.
            case .SQLITE_IOERR?: isFull(path)
            default: false
            }
        return StoreError(
            full ? .diskFull : .database, full ? "\(path): no space left (\(error))" : "\(path): \(error)",
            remedy: full
                ? "free space on the room's file system and run the command again"
                : "check the room's file system; state.db can be deleted and is made again from the log", cause: error)
    }

    /// Whether less is free than SQLite's shared memory file grows by at once (32 KiB).
    private static func isFull(_ path: String) -> Bool {
        var status = statvfs()
        // SAFETY: the string is passed as a NUL-terminated copy for the call only; `status` is a valid statvfs.
        guard unsafe statvfs(path, &status) == 0 else { return false }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 32 << 10
    }
}

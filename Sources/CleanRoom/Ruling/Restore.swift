// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import Sealing
public import SovereignPolicy
internal import Synchronization
public import TransparencyLog

/// A restore that was recorded.
public struct RestoreResult: Codable, Equatable, Sendable {
    /// Index of its log entry.
    public let entry: UInt64
    /// Key ids of who signed, sorted.
    public let signers: [String]
    public let statement: Digest
    /// Sequence of the policy that has to be accepted before anything is permitted; absent when none has to.
    public let awaits: Int64?
}

/// What the log says of restores.
enum Restore {
    /// The policy that has to be accepted again since the room was restored last; nil when none has to.
    static func awaited(store: RoomStore, log: LogReader, policy: SovereignPolicy?) throws -> StatedPolicy? {
        // Of several the newest counts: its signers knew what ruled.
        guard let last = try store.restores().last else { return nil }
        let entry = try log.entry(UInt64(clamping: last))
        guard entry.type == Event.RoomRestored.type else {
            throw RoomError(
                .inconsistent, "state.db names a restore that is not in the log",
                remedy: "find out who changed it, then delete state.db; it is made again from the log",
                exit: .unverified)
        }
        guard let newest = try statement(of: entry).newest, newest.sequence > policy?.sequence ?? 0 else { return nil }
        return newest
    }

    static func statement(of entry: LogEntry) throws -> RestoreStatement {
        try RestoreEnvelope.inspect(envelope(of: entry)).statement
    }

    static func envelope(of entry: LogEntry) -> [UInt8] { Array((entry.data["statement"]?.stringValue ?? "").utf8) }

    /// Whether a log is what a statement says of it: it goes on from the copy, nothing was permitted in it since, and what was lost is not
    /// in it.
    /// - Throws: `other-history`, `worked`, `lost`.
    static func check(_ statement: RestoreStatement, against log: LogReader) throws {
        let size = UInt64(clamping: statement.backup.size)
        guard size <= log.size, try log.root(at: size) == statement.backup.root else {
            throw PolicyError(
                "other-history", "the restore is about a copy with another log of \(size) entries",
                remedy: "make a new statement for this copy")
        }
        for start in stride(from: size, to: log.size, by: 1_024) {
            for entry in try log.entries(in: start..<min(start + 1_024, log.size)) {
                guard Event.isPermission(entry.type) || entry.type == Event.RoomRestored.type else { continue }
                throw PolicyError(
                    "worked", "the room has gone on since the statement was made: entry \(entry.seq) is \(entry.type)",
                    remedy: "make a new statement, and have it signed before the room works")
            }
        }
        for head in try statement.lostHeads(signedBy: log.keyHistory())
        where try head.size <= size && log.root(at: head.size) == head.root {
            throw PolicyError(
                "lost", "the checkpoint of \(head.size) entries is of this log: nothing of it is lost",
                remedy: "leave it out")
        }
    }
}

extension Room {
    /// Records that the room was put back from a copy.
    /// - Throws: the statement's error; the refusal is logged, and nothing has changed then.
    public func restore(_ bytes: [UInt8]) throws -> RestoreResult {
        try course.withLock { _ in
            do {
                return try restoreAlone(bytes)
            } catch let error as PolicyError {
                try recordRefusal(of: bytes, error)
                throw error
            }
        }
    }

    private func restoreAlone(_ bytes: [UInt8]) throws -> RestoreResult {
        let policy = try requirePolicy()
        let examined = try RestoreEnvelope.examine(bytes, room: configuration.origin, policy: policy)
        let statement = examined.statement
        try Restore.check(statement, against: log.reader())
        let signers = examined.signers.map(\.keyID).sorted()
        let event = Event.RoomRestored(
            reason: statement.reason, signers: signers, statement: String(decoding: bytes, as: UTF8.self))
        let ticket = try enqueue([event], turn: { $0.awaited = statement.newest })
        return RestoreResult(
            entry: try wait(for: ticket).lowerBound, signers: signers, statement: examined.digest,
            awaits: statement.newest?.sequence)
    }
}

/// Makes a restore's statement for a room as it lies there.
public struct RestoreOrder {
    private let view: RoomView

    /// - Parameter directory: the room's.
    public init(room directory: String) throws { view = try RoomView(directory) }

    /// The policy by which the statement will be judged.
    /// - Throws: `no-policy`.
    public func policy() throws -> SovereignPolicy { try view.rulingPolicy(otherwise: "there is nothing to restore") }

    /// - Parameters:
    ///   - lost: checkpoints that somebody kept of the history that is gone.
    ///   - newest: envelope of the newest policy of that history.
    /// - Throws: what is wrong with them.
    public func statement(reason: String, lost: [[UInt8]], newest: [UInt8]?) throws -> RestoreStatement {
        let policy = try policy()
        let stated = try newest.map { try StatedPolicy(PolicyEnvelope.inspect($0).policy) }
        let log = try LogReader(room: view.paths.root)
        let statement = RestoreStatement(
            room: view.configuration.origin, policy: try StatedPolicy(policy),
            newest: stated.flatMap { $0.sequence == policy.sequence ? nil : $0 },
            backup: .init(size: Int64(log.size), root: log.checkpoint.root),
            lost: lost.isEmpty ? nil : lost.map { String(decoding: $0, as: UTF8.self) }, at: SystemClock.real.wall(),
            nonce: SignedStatement.newNonce(), reason: reason)
        try Restore.check(statement, against: log)
        return statement
    }
}

extension RoomView {
    /// A restore of the room that says that a checkpoint was lost, by the quorum of the policy that ruled; nil when none does.
    public func restore(
        thatLost head: Checkpoint
    ) throws -> (entry: UInt64, statement: RestoreStatement, signers: [String])? {
        let log = try LogReader(room: paths.root)
        let indices = try restoreEntries()
        guard !indices.isEmpty else { return nil }
        // Reads the whole log: once.
        let keys = try log.keyHistory()
        for index in indices {
            let entry = try log.entry(UInt64(clamping: index))
            guard entry.type == Event.RoomRestored.type,
                case let statement = try Restore.statement(of: entry),
                try statement.lostHeads(signedBy: keys).contains(where: {
                    $0.size == head.size && $0.root == head.root
                }),
                let ruling = try policies().first(where: { $0.sequence == entry.policy })
            else { continue }
            let policy = try PolicyShelf(paths: paths).policy(ruling.sequence, envelope: ruling.envelope).policy
            let examined = try RestoreEnvelope.examine(
                Restore.envelope(of: entry), room: configuration.origin, policy: policy)
            return (entry.seq, statement, examined.signers.map(\.keyID))
        }
        return nil
    }

    /// The newest policy that was accepted.
    /// - Throws: `no-policy`.
    func rulingPolicy(otherwise remedy: String) throws -> SovereignPolicy {
        guard let last = try policies().last else {
            throw RoomError(
                .noPolicy, "no policy has been accepted in \(paths.root): nothing is permitted", remedy: remedy,
                exit: .denied)
        }
        return try PolicyShelf(paths: paths).policy(last.sequence, envelope: last.envelope).policy
    }
}

extension SignedStatement {
    /// A nonce: 32 hexadecimal digits that nobody chose.
    static func newNonce() -> String { Hex.encode(RandomBytes.make(16)) }
}

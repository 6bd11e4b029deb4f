// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import SovereignPolicy
internal import TransparencyLog

/// A halt or a resume that was carried out.
public struct StopResult: Codable, Equatable, Sendable {
    /// Index of its log entry.
    public let entry: UInt64
    /// Key ids of who signed, sorted; empty when it had been carried out before.
    public let signers: [String]
    public let statement: Digest
}

/// Makes halts and resumes for a room, and gives them to whoever has it.
public struct StopOrder {
    /// How long a process that has the room may take, in nanoseconds. It looks ten times a second.
    private static let patience: UInt64 = 30_000_000_000

    private let view: RoomView
    private let clock: SystemClock

    /// - Parameter directory: the room's.
    public init(room directory: String, clock: SystemClock = .real) throws {
        view = try RoomView(directory)
        self.clock = clock
    }

    /// The policy by which a statement will be judged.
    /// - Throws: `no-policy`.
    public func policy() throws -> SovereignPolicy { try view.rulingPolicy(otherwise: "there is nothing to halt") }

    /// A statement about the room as it is now.
    /// - Throws: `no-policy`; `not-halted` for a resume of a room that is not.
    public func statement(_ kind: StopStatement.Kind, reason: String?) throws -> StopStatement {
        let policy = try policy()
        let course = try view.stops()
        let statement = StopStatement(
            kind: kind, room: view.configuration.origin,
            policy: try StatedPolicy(policy), after: course.predecessor(of: kind),
            at: clock.wall(), nonce: SignedStatement.newNonce(), reason: reason)
        try course.check(statement)
        return statement
    }

    /// Gives a signed statement to whoever has the room; when nobody has it, opens it.
    ///
    /// - Throws: why it was refused; `untaken`, exit 75, when nobody took it in time: it is taken by who opens the room next.
    public func deliver(_ envelope: [UInt8], version: String) throws -> StopResult {
        let (_, digest) = try StopEnvelope.inspect(envelope)
        let drop = StopDrop(directory: view.paths.stops)
        try drop.put(envelope, as: digest.hex)
        let end = clock.monotonic() + Self.patience
        while clock.monotonic() < end {
            if let answer = try drop.takeAnswer(digest.hex) { return try result(answer, digest) }
            do {
                // Whoever opens a room deals first with what waits.
                try Room(opening: view.paths.root, version: version).close()
            } catch let error as LogError where error.code == .locked {
                // Who has the room looks ten times a second.
                _ = Shared(false).wait(atMost: 20_000_000) { $0 ? true : nil }
            }
        }
        throw RoomError(
            .untaken, "nobody took the statement in time; it waits in \(view.paths.stops)",
            remedy: "look at the process that has the room; when it ends, run the same command again", exit: .tryAgain)
    }

    private func result(_ answer: StopDrop.Answer, _ digest: Digest) throws -> StopResult {
        if let refusal = answer.refusal {
            throw PolicyError(
                .init(rawValue: refusal.code), refusal.message, remedy: refusal.remedy, exit: refusal.exit)
        }
        return StopResult(entry: answer.entry ?? 0, signers: answer.signers, statement: digest)
    }
}

extension RoomView {
    /// The room's halts and resumes so far.
    func stops() throws -> StopCourse {
        var course = StopCourse()
        for row in try stopRows() {
            guard let kind = StopStatement.Kind(rawValue: row.kind) else { continue }
            course.follow(kind, row.statement)
        }
        return course
    }

    /// Whether the room is halted.
    public func isHalted() throws -> Bool { try stops().isHalted }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import Synchronization

/// Halts and resumes of an open room.
extension Room {
    /// - Throws: `halted` while the room is; `restored` while it waits for a policy that was lost.
    func requireGoing() throws {
        let gate = gate
        if gate.stops.isHalted { throw RoomError.halted }
        if let awaited = gate.awaited { throw RoomError.waiting(for: awaited) }
    }

    /// Deals with every statement that waits. What cannot be dealt with now waits on, for the next look or the next opening.
    func takeStops() {
        let drop = StopDrop(directory: paths.stops)
        for (name, bytes) in drop.all() {
            let answer: StopDrop.Answer
            do {
                answer = try take(stop: bytes)
            } catch let error as PolicyError {
                // Once per statement: it is settled below. Where the log takes nothing it waits on.
                guard (try? recordRefusal(of: bytes, error)) != nil else { continue }
                answer = .init(
                    refusal: .init(
                        code: error.codeName, message: error.message, remedy: error.remedy, exit: error.exit))
            } catch let error as RoomError where error.code == .noPolicy {
                answer = .init(
                    refusal: .init(
                        code: error.codeName, message: error.message, remedy: error.remedy, exit: error.exit))
            } catch {
                // The log takes nothing now. Whoever waits goes on waiting, and the halt is not lost.
                continue
            }
            try? drop.settle(name, answer)
        }
    }

    /// Checks a signed halt or resume against the policy in force, and carries it out.
    ///
    /// - Throws: the statement's error, and nothing has changed then; what went wrong with the log, and then a halt stopped
    ///   everything all the same.
    func take(stop bytes: [UInt8]) throws -> StopDrop.Answer {
        try course.withLock { _ in
            let policy = try requirePolicy()
            let now = gate.stops
            let (_, digest) = try StopEnvelope.inspect(bytes)
            // Given twice: it is in the log, and has its answer.
            if let known = try store.stops().last(where: { $0.statement == digest }), now.halts.contains(digest) {
                return .init(entry: UInt64(clamping: known.entry))
            }
            let examined = try StopEnvelope.examine(
                bytes, room: configuration.origin, policy: policy, course: now)
            let kind = examined.statement.kind
            let signers = examined.signers.map(\.keyID).sorted()
            let text = String(decoding: bytes, as: UTF8.self)
            let reason = examined.statement.reason
            let event: any EventData =
                switch kind {
                case .halt: Event.Halt(reason: reason, signers: signers, statement: text)
                case .resume: Event.Resume(reason: reason, signers: signers, statement: text)
                }
            // From its place in the log on nothing is permitted, durable or not yet.
            let ticket = try enqueue([event], turn: { $0.stops.follow(kind, digest) })
            // What runs is stopped when the log says why; where the log fails, it is stopped at once.
            defer { if kind == .halt { stopWork() } }
            return .init(entry: try wait(for: ticket).lowerBound, signers: signers)
        }
    }

    /// Records that a policy or a statement was refused.
    func recordRefusal(of envelope: [UInt8], _ error: PolicyError) throws {
        try record(Event.PolicyRefused(code: error.codeName, envelope: .sha256(envelope)))
    }

    private func stopWork() {
        for stop in atWork.withLock({ Array($0.values) }) { stop(.halted) }
    }

    /// Does work that a halt stops.
    /// - Parameter stop: stops it now, from any thread.
    /// - Throws: `halted`, before anything was done, where the room is halted already.
    func working<Result>(
        stop: @escaping @Sendable (RoomError) -> Void, _ body: () throws -> Result
    ) throws -> Result {
        let id = atWork.withLock { work in
            let id = (work.keys.max() ?? 0) + 1
            work[id] = stop
            return id
        }
        defer { atWork.withLock { $0[id] = nil } }
        // Asked behind the registration: a halt comes before it and is seen here, or after it and stops what runs.
        try requireGoing()
        return try body()
    }
}

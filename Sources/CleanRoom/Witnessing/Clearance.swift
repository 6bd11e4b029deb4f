// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Courier
internal import Synchronization
internal import TransparencyLog

/// The right to let leave what the log says was released: it is under a checkpoint with as many cosignatures as the room
/// and its policy demand. Only a ReleaseDesk gives it, and the outbox hands out nothing without it.
struct Clearance: Sendable {
    /// Entries that are covered.
    let size: UInt64

    fileprivate init(size: UInt64) { self.size = size }
}

/// Gives clearance for releases, many at a time: who waits while witnesses are asked shares the next round.
final class ReleaseDesk: Sendable {
    private struct State {
        /// At `k - 1`: entries under a checkpoint that at least *k* witnesses have signed.
        var covered: [UInt64]
        var isAsking = false
        /// The last round that failed, how many entries it was about, and how many signatures were wanted.
        var failure: (size: UInt64, required: Int, error: any Error)?
        var round: UInt64 = 0

        mutating func cover(_ size: UInt64, by signers: Int) {
            for index in 0..<min(signers, covered.count) { covered[index] = max(covered[index], size) }
        }
    }

    private let state: Shared<State>
    private let witnesses: [RoomWitness]
    private let log: TransparencyLog
    private let path: String
    private let round: Mutex<CosigningRound>

    init(_ configuration: RoomConfiguration, paths: RoomPaths, log: TransparencyLog, clock: SystemClock) {
        witnesses = configuration.witnesses
        state = Shared(State(covered: Array(repeating: 0, count: configuration.witnesses.count)))
        self.log = log
        path = paths.cosigned
        round = Mutex(CosigningRound(configuration, paths: paths, clock: clock))
    }

    /// Takes up what an earlier supervisor was given, where it still holds.
    func recall() {
        guard let (covered, signers) = kept() else { return }
        state.change { $0.cover(covered, by: signers) }
    }

    /// Returns when the first `size` entries of the log are under a checkpoint with `required` cosignatures.
    /// - Parameter record: appends the entry that says who signed.
    /// - Throws: `witness`: too few signed, or the room has too few witnesses. Nothing may leave then.
    func clearance(
        for size: UInt64, required: Int, record: (Event.CheckpointCosigned, NamedFile) throws -> Void
    ) throws -> Clearance {
        guard required > 0 else { return Clearance(size: size) }
        guard required <= witnesses.count else { throw WitnessTrouble.tooFew(witnesses.count, required: required) }
        let arrived = state.locked { $0.round }
        while true {
            // Nil: it is this thread's turn to ask for everybody.
            let result: Result<Clearance, any Error>?? = state.wait { state in
                let covered = state.covered[required - 1]
                if covered >= size { return .some(.success(Clearance(size: covered))) }
                if state.isAsking { return nil }
                if let failure = state.failure, failure.size >= size, failure.required <= required,
                    state.round > arrived
                {
                    return .some(.failure(failure.error))
                }
                state.isAsking = true
                return .some(nil)
            }
            if let result = result ?? nil { return try result.get() }
            let asked = log.size
            let outcome = Result { try ask(from: log.publishingReader(), required, record) }
            state.change { state in
                state.isAsking = false
                state.round += 1
                switch outcome {
                case .success(let (covered, signers)):
                    state.cover(covered, by: signers)
                    state.failure = nil
                case .failure(let error): state.failure = (asked, required, error)
                }
            }
        }
    }

    /// Has the log signed as it is, and recorded that it was.
    /// - Returns: how many entries that covers, and how many signed.
    private func ask(
        from head: LogReader, _ required: Int, _ record: (Event.CheckpointCosigned, NamedFile) throws -> Void
    ) throws -> (size: UInt64, signers: Int) {
        var outcome = try round.withLock { try $0.run(head, enough: required) }
        // Somebody else who reads this log may have asked for a newer checkpoint meanwhile.
        if outcome.cosignatures.count < required, outcome.refusals.contains(where: isOvertaken) {
            outcome = try round.withLock { try $0.run(log.publishingReader(), enough: required) }
        }
        guard outcome.cosignatures.count >= required else {
            throw WitnessTrouble.error(outcome, required: required, of: witnesses.count)
        }
        // A crash that loses this file costs one more round.
        try Files.writeVisibly(outcome.note.bytes, to: path, mode: 0o600)
        let bytes = try CanonicalJSON.encode(
            Record.CosignedCheckpoint(note: String(decoding: outcome.note.bytes, as: UTF8.self)))
        try record(
            Event.CheckpointCosigned(
                size: Int64(outcome.head.size), root: outcome.head.root, note: .sha256(bytes),
                witnesses: outcome.cosignatures.map { .init($0) }), NamedFile(record: bytes))
        return (outcome.head.size, outcome.cosignatures.count)
    }

    private func isOvertaken(_ refusal: CosigningRound.Refusal) -> Bool {
        if case .longerHistory(let size) = refusal.why.kind { size <= log.size } else { false }
    }

    /// How far the kept checkpoint reaches, if it is of this log, and how many of today's witnesses signed it.
    private func kept() -> (size: UInt64, signers: Int)? {
        guard let note = try? SignedNote(bytes: Files.read(path, limit: SignedNote.maximumBytes)),
            let head = try? Checkpoint(note: note.bytes, signedBy: log.key),
            let signed = try? note.cosignatures(by: witnesses.map(\.key)), !signed.isEmpty,
            (try? log.reader().root(at: head.size)) == head.root
        else { return nil }
        return (head.size, signed.count)
    }
}

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
        /// How many entries are under a checkpoint that a witness has signed.
        var covered: [CosignatureVerifier: UInt64] = [:]
        var isAsking = false
        /// The last round that failed, how many entries it was about, and what was demanded of it.
        var failure: (size: UInt64, demands: Set<CosignatureDemand>, error: any Error)?
        var round: UInt64 = 0

        mutating func cover(_ size: UInt64, by signers: [CosignatureVerifier]) {
            for signer in signers { covered[signer] = max(covered[signer] ?? 0, size) }
        }
    }

    private let state = Shared(State())
    private let witnesses: [RoomWitness]
    private let log: TransparencyLog
    private let path: String
    private let round: Mutex<CosigningRound>

    init(_ configuration: RoomConfiguration, paths: RoomPaths, log: TransparencyLog, clock: SystemClock) {
        witnesses = configuration.witnesses
        self.log = log
        path = paths.cosigned
        round = Mutex(CosigningRound(configuration, paths: paths, clock: clock))
    }

    /// Takes up what an earlier supervisor was given, where it still holds.
    func recall() {
        guard let (covered, signers) = kept() else { return }
        state.change { $0.cover(covered, by: signers) }
    }

    /// Returns when the first `size` entries of the log are under checkpoints with the cosignatures that are demanded.
    /// - Parameter record: appends the entry that says who signed.
    /// - Throws: `witness`: too few signed, or the room has too few witnesses. Nothing may leave then.
    func clearance(
        for size: UInt64, demands: Set<CosignatureDemand>, record: (Event.CheckpointCosigned, NamedFile) throws -> Void
    ) throws -> Clearance {
        guard !demands.isEmpty else { return Clearance(size: size) }
        for demand in demands where demand.of(witnesses).count < demand.count {
            throw WitnessTrouble.tooFew(demand.of(witnesses).count, demand)
        }
        let arrived = state.locked { $0.round }
        while true {
            // Nil: it is this thread's turn to ask for everybody.
            let result: Result<Clearance, any Error>?? = state.wait { state in
                let covered = demands.map { $0.covered(state.covered) }.min() ?? 0
                if covered >= size { return .some(.success(Clearance(size: covered))) }
                if state.isAsking { return nil }
                if let failure = state.failure, failure.size >= size, failure.demands == demands, state.round > arrived
                {
                    return .some(.failure(failure.error))
                }
                state.isAsking = true
                return .some(nil)
            }
            if let result = result ?? nil { return try result.get() }
            let asked = log.size
            let outcome = Result { try ask(from: log.publishingReader(), demands, record) }
            state.change { state in
                state.isAsking = false
                state.round += 1
                switch outcome {
                case .success(let (covered, signers)):
                    state.cover(covered, by: signers)
                    state.failure = nil
                case .failure(let error): state.failure = (asked, demands, error)
                }
            }
        }
    }

    /// Has the log signed as it is, and recorded that it was.
    /// - Returns: how many entries that covers, and who signed.
    private func ask(
        from head: LogReader, _ demands: Set<CosignatureDemand>,
        _ record: (Event.CheckpointCosigned, NamedFile) throws -> Void
    ) throws -> (size: UInt64, signers: [CosignatureVerifier]) {
        func isEnough(_ signers: [CosignatureVerifier]) -> Bool { demands.allSatisfy { $0.isMet(by: signers) } }
        var outcome = try round.withLock { try $0.run(head, until: isEnough) }
        // Somebody else who reads this log may have asked for a newer checkpoint meanwhile.
        if !isEnough(outcome.signers), outcome.refusals.contains(where: isOvertaken) {
            outcome = try round.withLock { try $0.run(log.publishingReader(), until: isEnough) }
        }
        if let unmet = demands.first(where: { !$0.isMet(by: outcome.signers) }) {
            throw WitnessTrouble.error(outcome, unmet, of: unmet.of(witnesses).count)
        }
        // A crash that loses this file costs one more round.
        try Files.writeVisibly(outcome.note.bytes, to: path, mode: 0o600)
        let bytes = try CanonicalJSON.encode(
            Record.CosignedCheckpoint(note: String(decoding: outcome.note.bytes, as: UTF8.self)))
        try record(
            Event.CheckpointCosigned(
                size: Int64(outcome.head.size), root: outcome.head.root, note: .sha256(bytes),
                witnesses: outcome.cosignatures.map { .init($0) }), NamedFile(record: bytes))
        return (outcome.head.size, outcome.signers)
    }

    private func isOvertaken(_ refusal: CosigningRound.Refusal) -> Bool {
        if case .longerHistory(let size) = refusal.why.kind { size <= log.size } else { false }
    }

    /// How far the kept checkpoint reaches, if it is of this log, and who of today's witnesses signed it.
    private func kept() -> (size: UInt64, signers: [CosignatureVerifier])? {
        guard let note = try? SignedNote(bytes: Files.read(path, limit: SignedNote.maximumBytes)),
            let head = try? Checkpoint(note: note.bytes, signedBy: log.key),
            let signed = try? note.cosignatures(by: witnesses.map(\.key)), !signed.isEmpty,
            (try? log.reader().root(at: head.size)) == head.root
        else { return nil }
        return (head.size, signed.map(\.witness))
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Courier
internal import Jail
internal import TransparencyLog

/// Asks witnesses for cosignatures, all at the same time, through the courier. Not for several threads at once.
///
/// Remembers what each witness signed last, so that a round is one call per witness as a rule, and leaves out for a while
/// those that did not answer when enough others do.
final class CosigningRound {
    /// A witness that did not sign.
    struct Refusal: Sendable {
        let witness: RoomWitness
        let why: WitnessRefusal
    }

    /// What a round brought.
    struct Outcome: Sendable {
        /// The checkpoint with all cosignatures.
        let note: SignedNote
        let head: Checkpoint
        let cosignatures: [Cosignature]
        /// Who did not sign, and why.
        let refusals: [Refusal]

        var signers: [CosignatureVerifier] { cosignatures.map(\.witness) }
    }

    /// How long a witness may take to answer, in milliseconds.
    static let timeoutMs = 10_000
    /// How long a witness that could not answer is left out, in nanoseconds.
    private static let pauseNs: UInt64 = 30_000_000_000

    private let witnesses: [RoomWitness]
    private let paths: RoomPaths
    private let clock: SystemClock
    private var courier: CourierProcess?
    /// By the witness's verifier key.
    private var sizes: [CosignatureVerifier: UInt64] = [:]
    private var resting: [CosignatureVerifier: UInt64] = [:]

    init(_ configuration: RoomConfiguration, paths: RoomPaths, clock: SystemClock = .real) {
        witnesses = configuration.witnesses
        self.paths = paths
        self.clock = clock
    }

    /// Asks for a log's checkpoint.
    /// - Parameter isEnough: whether cosignatures of these witnesses are enough. Who did not answer lately is asked only when the
    ///   others are not.
    /// - Throws: the courier's errors; what a witness did is in the outcome.
    func run(_ log: LogReader, until isEnough: ([CosignatureVerifier]) -> Bool) throws -> Outcome {
        let note = try SignedNote(bytes: log.checkpointNote)
        var asked = witnesses
        let awake = witnesses.filter { (resting[$0.key] ?? 0) <= clock.monotonic() }
        if isEnough(awake.map(\.key)) { asked = awake }
        var outcome = try ask(asked, note, log)
        let left = witnesses.filter { !asked.contains($0) }
        if !left.isEmpty, !isEnough(outcome.signed.map(\.witness)) {
            let more = try ask(left, note, log)
            outcome.signed += more.signed
            outcome.refused += more.refused
        }
        return Outcome(
            note: note.adding(outcome.signed), head: log.checkpoint, cosignatures: outcome.signed,
            refusals: outcome.refused)
    }

    private func ask(
        _ witnesses: [RoomWitness], _ note: SignedNote, _ log: LogReader
    ) throws -> (signed: [Cosignature], refused: [Refusal]) {
        var dialogues = try witnesses.map { try WitnessDialogue(with: $0.key, about: note, known: sizes[$0.key] ?? 0) }
        var signed: [Cosignature] = []
        var refused: [Refusal] = []
        var open = dialogues.indices.map { (index: $0, step: dialogues[$0].beginning) }
        while !open.isEmpty {
            let calls = try open.map { index, step in
                guard case .ask(let oldSize) = step else {
                    throw RoomError(
                        .inconsistent, "a dialogue that has ended goes on", remedy: "report this as a defect")
                }
                let request = WitnessRequest(
                    oldSize: oldSize, proof: oldSize == 0 ? [] : try log.consistencyProof(from: oldSize), note: note)
                return CourierCall(url: witnesses[index].address, body: request.bytes)
            }
            let answers = try carry(calls)
            var next: [(index: Int, step: WitnessDialogue.Step)] = []
            for ((index, _), answer) in zip(open, answers) {
                let witness = witnesses[index]
                let step = Self.step(answer, &dialogues[index])
                switch step {
                case .ask: next.append((index, step))
                case .signed(let cosignature):
                    sizes[witness.key] = log.size
                    resting[witness.key] = nil
                    signed.append(cosignature)
                case .refused(let refusal):
                    // What it signed last is not known any more.
                    sizes[witness.key] = nil
                    resting[witness.key] = clock.monotonic() + Self.pauseNs
                    refused.append(Refusal(witness: witness, why: refusal))
                }
            }
            open = next
        }
        return (signed, refused)
    }

    private static func step(_ answer: CourierAnswer, _ dialogue: inout WitnessDialogue) -> WitnessDialogue.Step {
        guard let status = answer.status, let body = answer.body.flatMap({ Base64.decode($0) }) else {
            return .refused(.init(.unavailable, "cannot be reached: \(answer.trouble ?? "no answer")"))
        }
        return dialogue.receive(
            WitnessAnswer(status: status, contentType: answer.contentType ?? "", body: body))
    }

    private func carry(_ calls: [CourierCall]) throws -> [CourierAnswer] {
        let courier = try courier ?? start()
        self.courier = courier
        do throws(CourierError) {
            return try courier.carry(calls, timeoutMs: Self.timeoutMs)
        } catch {
            // It does not come back by itself; the next round starts another.
            self.courier = nil
            throw error
        }
    }

    private func start() throws -> CourierProcess {
        let places = ["\(Files.parent(of: Executable.path))/atomic-courier", "/usr/libexec/atomic/atomic-courier"]
        return try CourierProcess(
            program: places.first { Files.exists($0) } ?? places[0], allowing: witnesses.map(\.address),
            roots: Array(Set(witnesses.compactMap { $0.roots.map(paths.resolve) })).sorted())
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Courier
public import TransparencyLog

/// What the room's witnesses answered when they were asked by hand.
public struct WitnessReport: Sendable {
    /// One who signed.
    public struct Signed: Sendable {
        public let witness: CosignatureVerifier
        /// Seconds since 1970.
        public let timestamp: UInt64
    }

    /// One who did not.
    public struct Refused: Sendable {
        public let witness: CosignatureVerifier
        public let url: String
        public let why: String
    }

    /// The checkpoint with all cosignatures.
    public let note: SignedNote
    public let checkpoint: Checkpoint
    /// The log's key.
    public let key: NoteVerifier
    public let signed: [Signed]
    public let refused: [Refused]
    /// Set when fewer signed than the room demands, or nobody.
    public let error: RoomError?
}

extension RoomView {
    /// Asks every witness of the room for its signature under the log as it is now. Changes nothing in the room.
    /// - Throws: `configuration` when room.yaml names no witness; the courier's errors.
    public func askWitnesses() throws -> WitnessReport {
        guard !configuration.witnesses.isEmpty else {
            throw RoomError(
                .configuration, "room.yaml names no witness",
                remedy: "add one: witnesses: [{vkey: \"…\", url: \"https://…\"}]",
                exit: .usage)
        }
        let log = try LogReader(publishing: paths.root)
        let demand = CosignatureDemand(of: configuration) ?? .anybody
        let outcome = try CosigningRound(configuration, paths: paths).run(log) { _ in false }
        return WitnessReport(
            note: outcome.note, checkpoint: outcome.head, key: log.key,
            signed: outcome.cosignatures.map { .init(witness: $0.witness, timestamp: $0.timestamp) },
            refused: outcome.refusals.map { .init(witness: $0.witness.key, url: $0.witness.url, why: $0.why.message) },
            error: demand.isMet(by: outcome.signers)
                ? nil : WitnessTrouble.error(outcome, demand, of: configuration.witnesses.count))
    }

    /// The newest checkpoint that enough witnesses had signed when something left; nil when there is none.
    public static func cosignedCheckpoint(in room: String) throws -> SignedNote? {
        let path = RoomPaths(room).cosigned
        guard Files.exists(path) else { return nil }
        return try SignedNote(bytes: Files.read(path, limit: SignedNote.maximumBytes))
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// The error of a round in which too few witnesses signed: one line that names each and why.
enum WitnessTrouble {
    /// The policy demands more witnesses than the room has.
    static func tooFew(_ all: Int, _ demand: CosignatureDemand) -> RoomError {
        let which = demand.witnesses == nil ? "witnesses" : "of the witnesses that the policy lists"
        return RoomError(
            .witness,
            "the policy demands \(demand.count) cosignatures before an answer leaves, and room.yaml names \(all) \(which)",
            remedy:
                "add witnesses to room.yaml (witnesses: [{vkey: \"…\", url: \"https://…\"}]), or ask the policy's quorum",
            exit: .denied)
    }

    static func error(_ outcome: CosigningRound.Outcome, _ demand: CosignatureDemand, of all: Int) -> RoomError {
        let whys = outcome.refusals.map { "\($0.witness.key.name) \($0.why.message)" }
        let refusals = outcome.refusals.map(\.why)
        let message =
            "\(outcome.signers.count(where: demand.counts)) of \(all) witnesses\(demand.witnesses == nil ? "" : " of the policy") "
            + "signed the log, and \(demand.count) must before anything leaves: "
            + whys.joined(separator: "; ")
        if refusals.contains(where: \.isAboutHistory) {
            return RoomError(
                .history, message,
                remedy:
                    "find out who rolled the room back or copied it: restore the newest copy of the room, whose log goes on "
                    + "from what the witness signed", exit: .unverified)
        }
        if refusals.contains(where: { $0.kind == .unavailable }) {
            return RoomError(
                .witness, message,
                remedy:
                    "start or repair it and run the same command again: what was released is staged and then leaves once",
                exit: .tryAgain)
        }
        return RoomError(
            .witness, message,
            remedy:
                "give the witness this log's verifier key (atomic audit checkpoint --json), and room.yaml the witness's key "
                + "and URL; then run the same command again")
    }
}

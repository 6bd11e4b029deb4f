// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import TransparencyLog

/// The room's statement about itself, and that nobody claims more assurance than was reached.
enum AttestationCheck {
    /// - Throws: `attestation`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        guard let bytes = story.bundle[RoomStatement.memberName] else {
            throw .failed(.attestation, "\(RoomStatement.memberName) is missing")
        }
        let statement: RoomStatement
        do throws(BaseError) {
            statement = try CanonicalJSON.decode(RoomStatement.self, from: bytes)
        } catch {
            throw .failed(.attestation, "\(RoomStatement.memberName): \(error.message)", cause: error)
        }
        guard statement.kind == "room", statement.v == 1, statement.origin == story.room.origin,
            statement.vkey == story.log.verifier.vkey, statement.statementKey == story.signer.description
        else { throw .failed(.attestation, "\(RoomStatement.memberName) is of another room or other keys") }
        for read in story.log.entries {
            guard case .roomCreated(let event) = read.event else { continue }
            guard event.name == statement.name, event.origin == statement.origin,
                event.recipient == statement.recipient
            else { throw .failed(.attestation, "entry \(read.seq) created another room than the statement's") }
        }
        let level = story.bundle.predicate.assurance
        guard statement.assurance == level else {
            throw .failed(.attestation, "the manifest claims \(level), the room \(statement.assurance)")
        }
        for receipt in try ReceiptCheck.receipts(of: story, .attestation).values where receipt.assurance != level {
            throw .failed(
                .attestation, "the manifest claims \(level), the receipt of \(receipt.job) \(receipt.assurance)")
        }
        // Nothing in this version shows more than namespaces and filters of one kernel.
        guard level == BundleManifest.assuranceLevels[0] else {
            throw .failed(.attestation, "nothing in the bundle supports the assurance \(level)")
        }
        return .init(
            says: "assurance \(level): root on the host is not excluded",
            signedBy: ["room \(story.signer.keyID.prefix(16))"])
    }
}

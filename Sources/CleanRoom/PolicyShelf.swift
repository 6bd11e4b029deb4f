// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import Sealing
public import SovereignPolicy
internal import Synchronization
internal import TransparencyLog

/// The accepted policies on disk. The log says which envelopes they must be.
struct PolicyShelf {
    let paths: RoomPaths

    /// The newest accepted policy, or nil before the first.
    ///
    /// A file that is missing or is not the one the log accepted stops everything: an operator who puts an older
    /// policy back contradicts the signed log.
    func newest(store: RoomStore, log: LogReader) throws -> SovereignPolicy? {
        let last = try store.policies().last
        // state.db is only a memory of the log: an edited one must not put an older policy back.
        guard log.size > 0, try log.entry(log.size - 1).policySequence == last?.sequence ?? 0 else {
            throw Self.contradiction
        }
        guard let last else { return nil }
        let accepted = try log.entry(UInt64(clamping: last.entry))
        guard accepted.type == Event.PolicyAccepted.type,
            accepted.data["envelope"]?.stringValue == last.envelope.description
        else { throw Self.contradiction }
        return try policy(last.sequence, envelope: last.envelope).policy
    }

    private static let contradiction = RoomError(
        .inconsistent, "state.db names another policy than the log",
        remedy: "find out who changed it, then delete state.db; it is made again from the log", exit: .unverified)

    /// One accepted policy and its envelope's bytes.
    func policy(_ sequence: Int64, envelope: Digest) throws -> (policy: SovereignPolicy, bytes: [UInt8]) {
        let path = paths.policy(sequence)
        let remedy = "restore the file from a backup; a policy changes only by: atomic policy accept"
        let bytes: [UInt8]
        do throws(BaseError) {
            bytes = try Files.read(path)
        } catch {
            throw RoomError(
                .inconsistent, "the policy that the log accepted cannot be read: \(error.message)", remedy: remedy,
                exit: .unverified, cause: error)
        }
        guard Digest.sha256(bytes) == envelope else {
            throw RoomError(
                .inconsistent, "\(path) is not the policy that the log accepted", remedy: remedy, exit: .unverified)
        }
        // Its signatures were checked before it was accepted, and the log has vouched for these bytes since.
        let payload = try Envelope(canonical: bytes).payload
        return (try CanonicalJSON.decode(SovereignPolicy.self, from: payload), bytes)
    }
}

extension LogEntry {
    /// The policy in force once this entry is in the log.
    fileprivate var policySequence: Int64 {
        type == Event.PolicyAccepted.type ? data["sequence"]?.integerValue ?? policy : policy
    }
}

extension Room {
    /// Checks a policy envelope against the one in force and puts it in force.
    ///
    /// - Throws: the policy's error when the quorum, the sequence or the validity do not fit; the refusal is logged.
    public func accept(policyEnvelope bytes: [UInt8]) throws -> SovereignPolicy {
        try course.withLock { _ in try acceptAlone(policyEnvelope: bytes) }
    }

    private func acceptAlone(policyEnvelope bytes: [UInt8]) throws -> SovereignPolicy {
        let digest = Digest.sha256(bytes)
        let examined: PolicyEnvelope.Accepted
        do throws(PolicyError) {
            examined = try PolicyEnvelope.examine(bytes, previous: policy, now: clock.wall())
            if let awaited = gate.awaited, awaited.sequence == examined.policy.sequence,
                awaited.digest != examined.digest
            {
                throw PolicyError(
                    "fork", "the room was restored, and another policy \(awaited.sequence) ruled before",
                    remedy: "accept the policy \(awaited.digest)")
            }
        } catch {
            try recordRefusal(of: bytes, error)
            throw error
        }
        let accepted = examined.policy
        try Files.createDirectory(paths.policies)
        // The file first: an entry must not name a policy that a crash could have lost.
        try Files.writeDurably(bytes, to: paths.policy(accepted.sequence))
        // All who signed: where keys change hands, those of the policy before among them.
        let event = Event.PolicyAccepted(
            sequence: accepted.sequence, digest: examined.digest, envelope: digest,
            signers: examined.signers.map(\.keyID).sorted())
        let ruling = try Ruling(accepted)
        // It rules for everything that gets a place in the log behind this entry, and for nothing before it.
        try wait(
            for: enqueue(
                [event],
                turn: {
                    $0.ruling = ruling
                    if $0.awaited?.sequence == accepted.sequence { $0.awaited = nil }
                }))
        return accepted
    }
}

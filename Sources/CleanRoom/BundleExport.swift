// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Attestation
public import AuditBundle
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// Exports a room's story as one file, and writes down whom its readers should trust.
///
/// Works on a room that is running: it reads the log without its lock and changes nothing.
extension RoomView {
    /// Writes the audit bundle of the whole log, or of the entries in `range`, durably.
    /// - Returns: the bundle's digest.
    public func exportBundle(to path: String, range: Range<UInt64>? = nil) throws -> Digest {
        let key = try SigningKey(uri: Room.uri(configuration.statementKey, in: paths))
        let log = try LogReader(publishing: paths.root)
        try RoomBirth(log).check(statementKey: key.publicKey)
        let envelopes = Dictionary(
            try policies().map { ($0.sequence, $0.envelope) }, uniquingKeysWith: { _, last in last })
        let statement = RoomStatement(
            name: configuration.name, origin: configuration.origin, vkey: log.key.vkey,
            statementKey: key.publicKey.description, recipient: configuration.recipient)
        let shelf = PolicyShelf(paths: paths)
        let sources = BundleSources(
            blob: { [records] in records.contains($0) ? try records.bytes($0) : nil },
            policy: { sequence in try envelopes[sequence].map { try shelf.policy(sequence, envelope: $0).bytes } },
            model: { [paths] in
                let path = "\(paths.models)/\($0.hex)/manifest.json"
                return Files.exists(path) ? try Files.read(path) : nil
            })
        return try BundleWriter.write(
            to: path, log: log, range: range, room: statement, sources: sources, key: key)
    }

    /// The keys of this room and of its policy's people, as a reader of its bundles would collect them.
    ///
    /// A reader who takes this file from the room trusts the room. Who does not, collects the keys from their holders
    /// and compares.
    public func trustFile() throws -> TrustFile {
        let log = try LogReader(room: paths.root)
        let statement = try SigningKey(uri: Room.uri(configuration.statementKey, in: paths)).publicKey
        try RoomBirth(log).check(statementKey: statement)
        let shelf = PolicyShelf(paths: paths)
        // Everybody who was ever in the authority: the chain of policies begins with the first quorum.
        var members: [PolicyAuthority.Member] = []
        for accepted in try policies() {
            for member in try shelf.policy(accepted.sequence, envelope: accepted.envelope).policy.authority.keys
            where !members.contains(member) { members.append(member) }
        }
        let keys = try log.keyHistory().signer(of: log.checkpointNote)
        return TrustFile(
            rooms: [
                .init(
                    origin: configuration.origin, vkey: keys.classical.vkey, statementKeys: [statement],
                    postQuantumVkey: keys.postQuantum?.vkey,
                    witnesses: configuration.witnesses.isEmpty ? nil : configuration.witnesses.map(\.key.vkey))
            ],
            policyKeys: members.map { .init(id: $0.id, role: $0.role, key: $0.key) },
            owners: members.filter { $0.role == "data-owner" }.map { .init(id: $0.id, key: $0.key) })
    }
}

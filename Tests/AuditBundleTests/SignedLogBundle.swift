// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Attestation
import AuditBundle
import Sealing
import TransparencyLog

/// A small room whose log has an ML-DSA-65 key, bundled as its writer wants.
final class SignedLogBundle {
    let directory: TemporaryDirectory
    let origin = "atomic.example/signed"
    let first: [UInt8]
    let second: [UInt8]
    let statementKey: SigningKey
    let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

    init() throws {
        directory = try TemporaryDirectory()
        statementKey = try SigningKey.generate(.ed25519)
        first = try Self.pem(SigningKey.generate(.ed25519).pem())
        second = try Self.pem(MLDSA65SigningKey.generate().pem())
    }

    /// Another log by the same keys.
    init(keysOf other: SignedLogBundle) throws {
        directory = try TemporaryDirectory()
        statementKey = try SigningKey.generate(.ed25519)
        first = other.first
        second = other.second
    }

    static func pem(_ text: consuming SecretBytes) -> [UInt8] {
        // SAFETY: the bytes are copied within the closure.
        unsafe text.withBytes { unsafe Array($0) }
    }

    func signer() throws -> NoteSigner {
        try NoteSigner(
            name: origin, key: SigningKey(pem: first), postQuantum: MLDSA65SigningKey(pem: SecretBytes(copying: second))
        )
    }

    func postQuantum() throws -> PostQuantumNoteSigner {
        try PostQuantumNoteSigner(name: origin, key: MLDSA65SigningKey(pem: SecretBytes(copying: second)))
    }

    /// Makes the log with its first entry.
    /// - Parameter named: whether that entry names the second key.
    func create(naming named: Bool = true) throws -> TransparencyLog {
        try TransparencyLog.create(room: directory.path, signer: signer())
        let log = try TransparencyLog.open(room: directory.path, signer: signer())
        let born = Event.RoomCreated(
            name: "signed", origin: origin, logKey: log.key.publicKey.description,
            statementKey: statementKey.publicKey.description, recipient: recipient,
            postQuantumLogKey: named ? try postQuantum().verifier.publicKey.description : nil)
        try append(born, to: log)
        return log
    }

    func append<E: EventData>(_ event: E, to log: TransparencyLog) throws {
        _ = try log.append([
            EntryDraft(
                type: E.type, actor: EntryActor(id: "room", role: "supervisor"), policy: 0,
                data: CanonicalJSON.value(event))
        ])
    }

    func bundle(_ reader: LogReader, range: Range<UInt64>? = nil) throws -> [UInt8] {
        let statement = RoomStatement(
            name: "signed", origin: origin, vkey: reader.key.vkey, statementKey: statementKey.publicKey.description,
            recipient: recipient)
        return try BundleWriter.encode(
            log: reader, range: range, room: statement,
            sources: BundleSources(blob: { _ in nil }, policy: { _ in nil }, model: { _ in nil }), key: statementKey)
    }

    func trust(_ vkey: String, postQuantum: String? = nil) throws -> [UInt8] {
        try CanonicalJSON.encode(
            TrustFile(
                rooms: [
                    .init(
                        origin: origin, vkey: vkey, statementKeys: [statementKey.publicKey],
                        postQuantumVkey: postQuantum)
                ], policyKeys: [], owners: []))
    }
}

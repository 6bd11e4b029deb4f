// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Glibc
import RoomStore
import Sealing
import SovereignPolicy
import TransparencyLog

@testable import CleanRoom

/// A room in a directory of its own, removed with the fixture.
final class RoomFixture {
    let directory: String
    let owner: SigningKey
    let configuration: RoomConfiguration

    init() throws {
        directory = "/tmp/atomic-room-test-" + Hex.encode(RandomBytes.make(8))
        owner = try SigningKey.generate(.ed25519)
        configuration = try RoomCreation.create(at: directory + "/room", name: "ward-3")
    }

    deinit { removeTree(directory) }

    var path: String { directory + "/room" }

    func open(clock: SystemClock = .real) throws -> Room { try Room(opening: path, version: "test", clock: clock) }

    func policy(_ sequence: Int64, previous: SovereignPolicy? = nil, task: Digest? = nil, roles: [String] = ["auditor"])
        throws -> (SovereignPolicy, [UInt8])
    {
        let policy = SovereignPolicy(
            metadata: PolicyMetadata(
                id: "ward", sequence: sequence, previous: try previous?.digest,
                notBefore: WallTime(nanoseconds: 0), expires: WallTime(nanoseconds: .max / 2)),
            authority: PolicyAuthority(
                threshold: 1, keys: [.init(id: "dpo", role: "data-owner", key: owner.publicKey)],
                requireRoles: ["data-owner"]),
            dataClasses: ["public": DataClass(), "pii": DataClass(above: ["public"])], models: [:], rules: [],
            outputs: [:], tasks: task.map { ["triage": PolicyTask(digest: $0)] } ?? [:],
            requesters: [
                "desk-4": PolicyRequester(
                    recipient: configuration.recipient, uid: Int64(getuid()), roles: roles)
            ],
            auction: PolicyAuction(
                weights: .init(quality: 600_000_000, price: 300_000_000, latency: 100_000_000), explorationFloor: 0,
                minBids: 1))
        return (policy, try PolicyEnvelope.sign(policy, by: owner, previous: previous))
    }

    /// The entries by which a job is accepted and one answer of it released.
    func job(_ id: String, in room: Room) throws -> Digest {
        let digest = Digest.sha256(Array(id.utf8))
        let item = Record.Inputs.Item(
            index: 0, name: "a.eml", digest: digest, bytes: 1, label: nil, serial: nil, class: "pii", owner: nil)
        let inputs = try room.records.put(Record.Inputs(items: [item]))
        try room.record(
            Event.JobAccepted(
                digest: digest, file: digest, task: .init(name: "triage", digest: digest),
                inputs: .init(count: 1, record: inputs), purpose: "support", requester: "desk-4",
                recipient: configuration.recipient, budget: .init(cost: 1, wall: "1")),
            job: id, label: DataLabel(class: "pii", owners: ["dpo"]))
        return digest
    }

    /// Makes the room what rooms were before there was an ML-DSA-65 key: no such key in room.yaml and none in the log.
    func makeOld() throws {
        for name in try Files.list(path) where name.hasPrefix("log") || name.hasPrefix("state.db") {
            removeTree(named: name)
        }
        try Files.remove(path + "/keys/log-mldsa65.pem")
        let file = path + "/room.yaml"
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        let old = text.replacing("  logPostQuantum: \"file:keys/log-mldsa65.pem\"\n", with: "")
        try Files.writeDurably(Array(old.utf8), to: file)
        let key = try SigningKey(uri: "file:" + path + "/keys/log.pem")
        let logKey = key.publicKey.description
        let signer = try NoteSigner(name: configuration.origin, key: key)
        try TransparencyLog.create(room: path, signer: signer)
        let log = try TransparencyLog.open(room: path, signer: signer)
        let born = Event.RoomCreated(
            name: "ward-3", origin: configuration.origin, logKey: logKey,
            statementKey: try SigningKey(uri: path + "/keys/statement.pem").publicKey.description,
            recipient: configuration.recipient)
        _ = try log.append([
            EntryDraft(
                type: Event.RoomCreated.type, actor: EntryActor(id: "uid:0", role: "operator"), policy: 0,
                data: CanonicalJSON.value(born))
        ])
        try log.close()
    }

    /// The room's log without the room, opened with the keys that it goes on with and nothing done to their files.
    func openLog() throws -> TransparencyLog {
        let signer = try NoteSigner(
            name: configuration.origin, key: SigningKey(uri: path + "/keys/log.pem"),
            postQuantum: MLDSA65SigningKey(uri: path + "/keys/log-mldsa65.pem"))
        return try TransparencyLog.open(room: path, signer: signer)
    }

    /// Ends the log, and leaves on disk what lay there before it was closed, as a crash would.
    func freeze(_ log: TransparencyLog) throws {
        let names = ["log", "log-wal"]
        for name in names { try copyTree(path + "/" + name, to: directory + "/" + name) }
        try log.close()
        for name in names {
            removeTree(named: name)
            try copyTree(directory + "/" + name, to: path + "/" + name)
        }
    }

    /// Keeps a copy of the room, which must be closed.
    func keepCopy() throws { try copyTree(path, to: directory + "/copy") }

    /// Puts the kept copy in the room's place.
    func putBack() throws {
        removeTree(path)
        try copyTree(directory + "/copy", to: path)
    }

    private func copyTree(_ source: String, to target: String) throws {
        try Files.createDirectory(target)
        for name in try Files.list(source) {
            if Files.isDirectory(source + "/" + name) {
                try copyTree(source + "/" + name, to: target + "/" + name)
            } else {
                try Files.writeVisibly(Files.read(source + "/" + name), to: target + "/" + name, mode: 0o600)
            }
        }
    }

    /// Removes a directory of the room.
    func removeTree(named name: String) { removeTree(path + "/" + name) }

    private func removeTree(_ path: String) {
        if Files.isDirectory(path) {
            for name in (try? Files.list(path)) ?? [] { removeTree(path + "/" + name) }
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            _ = unsafe rmdir(path)
        } else {
            try? Files.remove(path)
        }
    }
}

/// Code of the error that a step ends with; nil when it ends well.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as any ExplainedError {
        return error.codeName
    } catch {
        return "unexplained: \(error)"
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Glibc
import RoomStore
import Sealing
import SovereignPolicy

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

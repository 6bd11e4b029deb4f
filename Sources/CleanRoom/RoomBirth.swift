// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Sealing
internal import TransparencyLog

/// What the first entry of a room's log says the room is.
///
/// `room.yaml` is a file that anybody with access to the disk may edit; the first entry is under the signed checkpoint.
/// A configuration with another recipient would make people seal their data to somebody else's key.
struct RoomBirth {
    let event: Event.RoomCreated

    /// - Throws: `inconsistent` (exit 4) when the log does not begin with the room's birth.
    init(_ log: LogReader) throws {
        guard log.size > 0, case let first = try log.entry(0), first.type == Event.RoomCreated.type,
            let event = try? CanonicalJSON.decodeStrict(Event.RoomCreated.self, from: first.data)
        else {
            throw RoomError(
                .inconsistent, "the log does not begin with the creation of a room",
                remedy: "restore the room from a backup, or make a new one with: atomic init", exit: .unverified)
        }
        self.event = event
    }

    /// Compares what needs no key.
    /// - Throws: `configuration` (exit 4) naming the first field that is not what the log says.
    func check(_ configuration: RoomConfiguration) throws {
        try demand("name", configuration.name, event.name)
        try demand("origin", configuration.origin, event.origin)
        try demand("recipient", configuration.recipient, event.recipient)
        guard event.postQuantumLogKey == nil || configuration.logPostQuantumKey != nil else {
            throw RoomError(
                .configuration, "room.yaml: keys.logPostQuantum is missing, but the log has such a key",
                remedy: "put the line back", exit: .unverified)
        }
    }

    /// Compares the statement key that bundles are signed with; the log checks its own key.
    /// - Throws: as above.
    func check(statementKey key: PublicKey) throws { try demand("keys/statement", key.description, event.statementKey) }

    private func demand(_ name: String, _ found: String, _ born: String) throws {
        guard found != born else { return }
        throw RoomError(
            .configuration, "room.yaml: \(name) is \(found), but the log was created with \(born)",
            remedy: "put back what the log says, and find out who changed the file", exit: .unverified)
    }
}

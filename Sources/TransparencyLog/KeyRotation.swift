// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

/// One change of a log's keys, as the entry `key.rotated` announces it: who followed the old keys can follow the new ones.
///
/// The statement in the entry is a signed note of its own. Its first line is not the log's origin, so it is no checkpoint, and
/// no checkpoint is a rotation. See `docs/audit-format.md`.
public struct KeyRotation: Hashable, Sendable {
    /// The type of the entry.
    public static let entryType = "key.rotated"
    /// First line of a statement.
    static let header = "urn:atomic:key-rotation:v1"

    /// Index of the entry. The old key signs checkpoints up to the one that first holds it, of size `position + 1`; the new key
    /// signs that one and all later ones.
    public let position: UInt64
    /// The Ed25519 key that retires.
    public let old: NoteVerifier
    /// What signs from now on.
    public let new: LogKeys

    init(position: UInt64, old: NoteVerifier, new: LogKeys) {
        self.position = position
        self.old = old
        self.new = new
    }

    /// The log's origin.
    public var origin: String { old.name }

    /// The text that the old keys sign.
    var text: [UInt8] {
        let lines =
            [Self.header, origin, String(position), old.vkey, new.classical.vkey]
            + [new.postQuantum?.vkey]
            .compactMap { $0 }
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    private init(text: [UInt8]) throws(LogError) {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
        guard (5...6).contains(lines.count), lines[0] == Self.header, let position = UInt64(lines[2]) else {
            throw Self.refused("its statement is not one about a key of a log")
        }
        old = try NoteVerifier(vkey: lines[3])
        new = try LogKeys(
            NoteVerifier(vkey: lines[4]),
            lines.count == 6 ? PostQuantumNoteVerifier(vkey: lines[5]) : nil)
        self.position = position
        guard old.name == lines[1], new.classical.name == lines[1], self.text == text else {
            throw Self.refused("its statement is not about one log")
        }
    }

    // MARK: In an entry

    /// The `data` of the entry.
    func data(statement: SignedNote) -> JSONValue {
        var members: [String: JSONValue] = [
            "purpose": .string("log"), "key": .string(new.classical.publicKey.description),
            "statement": .string(String(decoding: statement.bytes, as: UTF8.self)),
        ]
        if let second = new.postQuantum { members["postQuantumKey"] = .string(second.publicKey.description) }
        return .object(members)
    }

    /// Reads the rotation of an entry, and whether it says of itself what it is. Whether the old keys signed it,
    /// ``verify(_:by:)`` says.
    /// - Throws: `key` (exit 4).
    static func read(_ entry: LogEntry) throws(LogError) -> (rotation: KeyRotation, statement: SignedNote) {
        guard entry.type == entryType, entry.data["purpose"]?.stringValue == "log",
            let text = entry.data["statement"]?.stringValue
        else { throw refused("entry \(entry.seq) is not one about a key of a log") }
        do throws(LogError) {
            let statement = try SignedNote(bytes: Array(text.utf8))
            let rotation = try KeyRotation(text: statement.text)
            guard rotation.position == entry.seq else {
                throw refused("its statement is for entry \(rotation.position)")
            }
            guard entry.data == rotation.data(statement: statement) else {
                throw refused("it names other keys than its statement")
            }
            return (rotation, statement)
        } catch {
            throw refused("entry \(entry.seq) announces no key: \(error.message)")
        }
    }

    /// Checks that the keys of the log before it signed a statement, and that it takes nothing away.
    /// - Throws: `key` (exit 4).
    func verify(_ statement: SignedNote, by keys: LogKeys) throws(LogError) {
        guard old == keys.classical else { throw Self.refused("it retires another key than the log's") }
        guard new.classical != old else { throw Self.refused("it announces the key that it retires") }
        guard keys.postQuantum == nil || new.postQuantum != nil else {
            throw Self.refused("it gives up the ML-DSA-65 signature of the log")
        }
        do throws(LogError) {
            try statement.verified(by: [keys.classical])
            if let second = keys.postQuantum { try second.demand(in: statement) }
        } catch {
            throw Self.refused("its statement is not signed by the key that it retires: \(error.message)")
        }
    }

    /// Whether an entry is one of this type, without decoding it. Its canonical form ends with type, version and wall clock, and
    /// the clock is always of one length.
    static func isIn(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= mark.count + wallBytes else { return false }
        let end = bytes.endIndex - wallBytes
        return bytes[end - mark.count..<end].elementsEqual(mark)
    }

    private static let mark: [UInt8] = Array("\"type\":\"\(entryType)\",\"v\":1,\"wall\":\"".utf8)
    private static let wallBytes = "2026-11-21T10:00:00.000000000Z\"}".utf8.count

    static func refused(_ why: String) -> LogError {
        LogError(
            .key, why, remedy: "do not follow this log; ask the room's operator what happened to its keys",
            exit: .unverified)
    }
}

extension NoteSigner {
    /// The entry with which this signer hands a log over to other keys.
    /// - Throws: `key` when the new keys are of another log, the same, or fewer.
    borrowing func handOver(
        at position: UInt64, to new: LogKeys, by actor: EntryActor, policy: Int64
    ) throws(LogError) -> EntryDraft {
        let keys = keys
        guard new.classical.name == keys.classical.name, new.classical != keys.classical else {
            throw LogError(
                .key, "the next key of \(keys.classical.name) is \(new.classical.vkey)",
                remedy: "rotate to a fresh key of the same log")
        }
        let rotation = KeyRotation(position: position, old: keys.classical, new: new)
        let statement = try SignedNote(bytes: complete(sign(rotation.text).bytes))
        try rotation.verify(statement, by: keys)
        return EntryDraft(
            type: KeyRotation.entryType, actor: actor, policy: policy, data: rotation.data(statement: statement))
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Who caused an entry: an id within the room (a key id, a uid, a component) and the role it acted in.
public struct EntryActor: Codable, Hashable, Sendable {
    /// Identity, such as `uid:1004` or a name the policy knows.
    public var id: String
    /// Role in which it acted, such as `operator`.
    public var role: String

    /// An actor.
    public init(id: String, role: String) {
        self.id = id
        self.role = role
    }
}

/// One entry of the log, as its canonical JSON (RFC 8785) is stored in the entry bundles.
public struct LogEntry: Codable, Equatable, Sendable {
    /// Version of the entry format; 1.
    public let v: Int64
    /// Position in the log, from 0, without gaps; equal to the leaf index.
    public let seq: UInt64
    /// SHA-256 of the previous entry's bytes; 32 zero bytes for the first.
    public let prev: Digest
    /// `/proc/sys/kernel/random/boot_id` of the boot in which the entry was made.
    public let boot: String
    /// Wall clock when the entry was made.
    public let wall: WallTime
    /// Monotonic clock of that boot, nanoseconds.
    public let mono: UInt64
    /// Event type, such as `job.accepted`, or `x.NAME` for outside events.
    public let type: String
    /// Who caused it.
    public let actor: EntryActor
    /// The job it belongs to, if any.
    public let job: String?
    /// The class and owners of the data it is about, if any.
    public let label: DataLabel?
    /// Sequence of the policy in force; 0 before any policy.
    public let policy: Int64
    /// What happened; the schema is fixed per type.
    public let data: JSONValue

    /// Largest entry in bytes: the length prefix of an entry bundle is a uint16.
    public static let maximumBytes = 65_535

    /// Reads the canonical bytes of an entry; anything that does not re-encode to the same bytes is refused.
    public init(bytes: [UInt8]) throws(LogError) {
        guard bytes.count <= Self.maximumBytes else {
            throw LogError(
                .entry, "an entry of \(bytes.count) bytes; the most is \(Self.maximumBytes)",
                remedy: "put the large part into a blob and its digest into the entry", exit: .unverified)
        }
        do {
            self = try CanonicalJSON.decode(LogEntry.self, from: bytes)
        } catch {
            throw LogError(
                .entry, "not a canonical log entry: \(error.message)",
                remedy: "read the entry with the version that wrote it", exit: .unverified, cause: error)
        }
    }

    enum CodingKeys: String, CodingKey {
        case v, seq, prev, boot, wall, mono, type, actor, job, label, policy, data
    }

    /// Reads the object form; `prev` is bare hex and `mono` a decimal string.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        v = try fields.decode(Int64.self, forKey: .v)
        seq = try fields.decode(UInt64.self, forKey: .seq)
        guard let previous = Digest(hex: try fields.decode(String.self, forKey: .prev)) else {
            throw DecodingError.dataCorruptedError(forKey: .prev, in: fields, debugDescription: "not 64 hex digits")
        }
        prev = previous
        boot = try fields.decode(String.self, forKey: .boot)
        wall = try fields.decode(WallTime.self, forKey: .wall)
        guard let nanoseconds = UInt64(try fields.decode(String.self, forKey: .mono)) else {
            throw DecodingError.dataCorruptedError(forKey: .mono, in: fields, debugDescription: "not a decimal")
        }
        mono = nanoseconds
        type = try fields.decode(String.self, forKey: .type)
        actor = try fields.decode(EntryActor.self, forKey: .actor)
        job = try fields.decodeIfPresent(String.self, forKey: .job)
        label = try fields.decodeIfPresent(DataLabel.self, forKey: .label)
        policy = try fields.decode(Int64.self, forKey: .policy)
        data = try fields.decode(JSONValue.self, forKey: .data)
        if let label, label != DataLabel(class: label.class, owners: label.owners) {
            throw DecodingError.dataCorruptedError(forKey: .label, in: fields, debugDescription: "owners not in order")
        }
        guard data.objectValue != nil else {
            throw DecodingError.dataCorruptedError(forKey: .data, in: fields, debugDescription: "not an object")
        }
        guard v == 1 else {
            throw DecodingError.dataCorruptedError(forKey: .v, in: fields, debugDescription: "version \(v), expected 1")
        }
    }

    /// Writes the object form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(v, forKey: .v)
        try fields.encode(seq, forKey: .seq)
        try fields.encode(prev.hex, forKey: .prev)
        try fields.encode(boot, forKey: .boot)
        try fields.encode(wall, forKey: .wall)
        try fields.encode(String(mono), forKey: .mono)
        try fields.encode(type, forKey: .type)
        try fields.encode(actor, forKey: .actor)
        try fields.encodeIfPresent(job, forKey: .job)
        try fields.encodeIfPresent(label, forKey: .label)
        try fields.encode(policy, forKey: .policy)
        try fields.encode(data, forKey: .data)
    }
}

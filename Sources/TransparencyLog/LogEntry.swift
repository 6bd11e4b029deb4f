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
    /// - Throws: `entry`.
    public init(bytes: [UInt8]) throws(LogError) {
        guard bytes.count <= Self.maximumBytes else { throw Self.malformed("it has \(bytes.count) bytes") }
        let value: JSONValue
        let isCanonical: Bool
        do {
            (value, isCanonical) = try JSONValue.parseNotingForm(bytes)
        } catch {
            throw Self.malformed(error.message)
        }
        try self.init(json: value)
        guard isCanonical else { throw Self.malformed("it is not in canonical form (RFC 8785)") }
    }

    /// Reads the object form; `prev` is bare hex and `mono` a decimal text. Unknown and missing members are refused.
    ///
    /// By hand, because a log is verified entry by entry and `Codable` is many times slower.
    init(json: JSONValue) throws(LogError) {
        guard var rest = json.objectValue else { throw Self.malformed("it is not an object") }
        func take<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(LogError) -> Value {
            guard let member = rest.removeValue(forKey: name) else { throw Self.malformed("it has no \(name)") }
            guard let value = read(member) else { throw Self.malformed("its \(name) is malformed") }
            return value
        }
        v = try take("v") { $0.integerValue == 1 ? 1 : nil }
        seq = try take("seq") { $0.integerValue.flatMap { UInt64(exactly: $0) } }
        prev = try take("prev") { $0.stringValue.flatMap { Digest(hex: $0) } }
        boot = try take("boot") { $0.stringValue }
        wall = try take("wall") { member in
            member.stringValue.flatMap { WallTime(rfc3339: $0) }.flatMap {
                $0.rfc3339 == member.stringValue ? $0 : nil
            }
        }
        mono = try take("mono") { member in
            member.stringValue.flatMap { UInt64($0) }.flatMap { String($0) == member.stringValue ? $0 : nil }
        }
        type = try take("type") { $0.stringValue.flatMap { EntryDraft.isType($0) ? $0 : nil } }
        actor = try take("actor") { Self.actor($0) }
        job = rest["job"] == nil ? nil : try take("job") { $0.stringValue }
        label = rest["label"] == nil ? nil : try take("label") { Self.label($0) }
        policy = try take("policy") { $0.integerValue }
        data = try take("data") { $0.objectValue == nil ? nil : $0 }
        if let name = rest.keys.min() {
            throw Self.malformed("it has a member “\(name)” that the format does not know")
        }
    }

    private static func actor(_ value: JSONValue) -> EntryActor? {
        guard let id = value["id"]?.stringValue, let role = value["role"]?.stringValue, value.objectValue?.count == 2
        else { return nil }
        return EntryActor(id: id, role: role)
    }

    private static func label(_ value: JSONValue) -> DataLabel? {
        guard let name = value["class"]?.stringValue, let list = value["owners"]?.arrayValue,
            value.objectValue?.count == 2
        else { return nil }
        let label = DataLabel(class: name, owners: list.compactMap(\.stringValue))
        // Sorted and each once: the text form of a label is unique.
        return json(label) == value ? label : nil
    }

    static func json(_ label: DataLabel) -> JSONValue {
        .object(["class": .string(label.class), "owners": .array(label.owners.map { .string($0) })])
    }

    private static func malformed(_ why: String) -> LogError {
        LogError(
            .entry, "not a log entry: \(why)", remedy: "read the entry with the version that wrote it",
            exit: .unverified)
    }

    /// The object form.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "v": .integer(v), "seq": .integer(Int64(clamping: seq)), "prev": .string(prev.hex), "boot": .string(boot),
            "wall": .string(wall.rfc3339), "mono": .string(String(mono)), "type": .string(type),
            "actor": .object(["id": .string(actor.id), "role": .string(actor.role)]), "policy": .integer(policy),
            "data": data,
        ]
        if let job { members["job"] = .string(job) }
        if let label { members["label"] = Self.json(label) }
        return .object(members)
    }

    /// Reads the object form.
    public init(from decoder: any Decoder) throws { try self.init(json: JSONValue(from: decoder)) }

    /// Writes the object form.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

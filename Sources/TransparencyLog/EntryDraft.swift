// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a caller knows of an entry; the log adds position, previous hash, boot and clocks.
public struct EntryDraft: Sendable {
    /// Event type.
    public var type: String
    /// Who caused it.
    public var actor: EntryActor
    /// The job it belongs to.
    public var job: String?
    /// The class and owners of the data it is about.
    public var label: DataLabel?
    /// Sequence of the policy in force; 0 before any.
    public var policy: Int64
    /// What happened; an object.
    public var data: JSONValue

    /// A draft.
    public init(
        type: String, actor: EntryActor, job: String? = nil, label: DataLabel? = nil, policy: Int64, data: JSONValue
    ) {
        self.type = type
        self.actor = actor
        self.job = job
        self.label = label
        self.policy = policy
        self.data = data
    }

    /// Whether `type` is a name an entry may bear: dotted words of letters, digits and hyphens, at most 64 bytes.
    public static func isType(_ type: String) -> Bool {
        guard type.utf8.count <= 64 else { return false }
        var letters = 0
        for byte in type.utf8 {
            switch byte {
            case 0x2e:
                guard letters > 0 else { return false }
                letters = 0
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: letters += 1
            default: return false
            }
        }
        return letters > 0
    }
}

/// A draft whose canonical JSON is ready but for the four fields that only the committing thread knows.
///
/// RFC 8785 orders the members of an entry as actor, boot, data, job, label, mono, policy, prev, seq, type, v, wall, so
/// the text falls into four fixed pieces around mono, prev, seq and wall. Each appender prepares its own pieces; the
/// thread that commits a batch only concatenates.
struct PreparedEntry: Sendable {
    private let head: [UInt8]
    private let beforePrev: [UInt8]
    private let afterSeq: [UInt8]

    init(_ draft: EntryDraft, boot: String) throws(LogError) {
        guard EntryDraft.isType(draft.type) else {
            throw LogError(
                .entry, "“\(draft.type)” is not an event type",
                remedy: "use dotted words of letters, digits, hyphens and underscores, at most 64 bytes")
        }
        guard draft.data.objectValue != nil else {
            throw LogError(.entry, "the data of an entry is an object", remedy: "wrap the value in an object")
        }
        var text: [UInt8] = []
        text.reserveCapacity(256)
        text += "{\"actor\":{\"id\":".utf8
        JSONValue.string(draft.actor.id).appendCanonical(to: &text)
        text += ",\"role\":".utf8
        JSONValue.string(draft.actor.role).appendCanonical(to: &text)
        text += "},\"boot\":\"".utf8
        text += boot.utf8
        text += "\",\"data\":".utf8
        draft.data.appendCanonical(to: &text)
        if let job = draft.job {
            text += ",\"job\":".utf8
            JSONValue.string(job).appendCanonical(to: &text)
        }
        if let label = draft.label {
            text += ",\"label\":".utf8
            LogEntry.json(label).appendCanonical(to: &text)
        }
        text += ",\"mono\":\"".utf8
        head = text
        beforePrev = Array("\",\"policy\":\(draft.policy),\"prev\":\"".utf8)
        afterSeq = Array(",\"type\":\"\(draft.type)\",\"v\":1,\"wall\":\"".utf8)
    }

    /// The entry's bytes.
    /// - Parameter wall: the wall clock as RFC 3339.
    func encoded(seq: UInt64, prev: Digest, wall: String, mono: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.count + beforePrev.count + afterSeq.count + 160)
        bytes += head
        bytes += String(mono).utf8
        bytes += beforePrev
        for byte in prev.bytes {
            bytes.append(Self.digits[Int(byte >> 4)])
            bytes.append(Self.digits[Int(byte & 15)])
        }
        bytes += "\",\"seq\":".utf8
        bytes += String(seq).utf8
        bytes += afterSeq
        bytes += wall.utf8
        bytes += "\"}".utf8
        return bytes
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

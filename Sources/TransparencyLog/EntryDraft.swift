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
/// the text falls into pieces around mono, prev, seq and wall. Each appender prepares its own pieces; the thread that
/// commits a batch only puts them together.
struct PreparedEntry: Sendable {
    /// The pieces, one behind the other.
    private let text: [UInt8]
    /// Where the piece before `mono` ends, and the one before `prev`; the last is the one before `wall`.
    private let beforeMono: Int
    private let beforePrev: Int

    init(_ draft: EntryDraft, boot: String) throws(LogError) {
        guard EntryDraft.isType(draft.type) else {
            throw LogError(
                .entry, "“\(draft.type)” is not an event type",
                remedy: "use dotted words of letters, digits, hyphens and underscores, at most 64 bytes")
        }
        guard case .object = draft.data else {
            throw LogError(.entry, "the data of an entry is an object", remedy: "wrap the value in an object")
        }
        var text: [UInt8] = []
        text.reserveCapacity(448)
        text.append("{\"actor\":{\"id\":")
        JSONValue.appendCanonical(draft.actor.id, to: &text)
        text.append(",\"role\":")
        JSONValue.appendCanonical(draft.actor.role, to: &text)
        text.append("},\"boot\":\"")
        text += boot.utf8
        text.append("\",\"data\":")
        draft.data.appendCanonical(to: &text)
        if let job = draft.job {
            text.append(",\"job\":")
            JSONValue.appendCanonical(job, to: &text)
        }
        if let label = draft.label {
            text.append(",\"label\":")
            LogEntry.json(label).appendCanonical(to: &text)
        }
        text.append(",\"mono\":\"")
        beforeMono = text.count
        text.append("\",\"policy\":")
        text.appendDecimal(draft.policy)
        text.append(",\"prev\":\"")
        beforePrev = text.count
        text.append(",\"type\":\"")
        text += draft.type.utf8
        text.append("\",\"v\":1,\"wall\":\"")
        self.text = text
    }

    /// Bytes that the entry will have at most.
    var mostBytes: Int { text.count + 20 + 64 + 8 + 20 + 30 + 2 }

    /// Appends the entry.
    /// - Parameters:
    ///   - wall: the wall clock as RFC 3339.
    ///   - mono: the monotonic clock, as decimal digits.
    func write(seq: UInt64, prev: Digest, wall: [UInt8], mono: [UInt8], to bytes: inout [UInt8]) {
        // SAFETY: the pointers do not leave the closure, and the places lie within the text.
        unsafe text.withUnsafeBufferPointer { text in
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<beforeMono]))
            bytes += mono
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[beforeMono..<beforePrev]))
            prev.appendHex(to: &bytes)
            bytes.append("\",\"seq\":")
            bytes.appendDecimal(seq)
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[beforePrev...]))
        }
        bytes += wall
        bytes.append("\"}")
    }
}

extension [UInt8] {
    /// A constant text.
    fileprivate mutating func append(_ text: StaticString) {
        // SAFETY: a static string of more than one scalar is UTF-8 in memory that stays.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

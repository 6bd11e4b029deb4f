// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
public import TransparencyLog

/// An entry of another program, as a line of `atomic audit append` gives it. No decision reads such entries.
public struct OutsideEvent: Codable, Equatable, Sendable {
    /// Longest line in bytes, without its newline.
    public static let maximumBytes = 4_096

    let type: String
    let job: String?
    let data: JSONValue

    /// Reads a line: `{"type":"x.NAME","job":"…" (optional),"data":{…}}`.
    /// - Throws: ``LogError`` `entry`, exit 2.
    public init(line: [UInt8]) throws {
        guard line.count <= Self.maximumBytes else { throw Self.refused("it has more than \(Self.maximumBytes) bytes") }
        let value: JSONValue
        do {
            value = try JSONValue.parse(line)
        } catch {
            throw Self.refused(error.message)
        }
        guard let members = value.objectValue, Set(members.keys).isSubset(of: ["type", "job", "data"]) else {
            throw Self.refused("it is not an object of type, job and data")
        }
        if let job = members["job"], job.stringValue == nil { throw Self.refused("its job is not a text") }
        type = value["type"]?.stringValue ?? ""
        data = value["data"] ?? .null
        job = value["job"]?.stringValue
        try check()
    }

    private func check() throws {
        guard type.hasPrefix("x."), EntryDraft.isType(type) else { throw Self.refused("its type is not x.NAME") }
        guard data.objectValue != nil else { throw Self.refused("its data is not an object") }
    }

    /// - Parameters:
    ///   - uid: the user who appends.
    ///   - policy: sequence of the policy in force.
    public func draft(uid: UInt32, policy: Int64) throws -> EntryDraft {
        try check()
        return EntryDraft(
            type: type, actor: EntryActor(id: "uid:\(uid)", role: "outside"), job: job, policy: policy, data: data)
    }

    private static func refused(_ why: String) -> LogError {
        LogError(
            .entry, "a line is refused: \(why)",
            remedy: "write {\"type\":\"x.NAME\",\"data\":{…}}, one object per line",
            exit: .usage)
    }
}

extension Room {
    /// Appends entries of another program. Durable on return.
    ///
    /// - Parameter uid: the user who appends.
    public func append(outside events: [OutsideEvent], uid: UInt32) throws -> Range<UInt64> {
        // Through the queue, which knows the policy in force at their place.
        try wait(for: enqueue(drafts: events.map { try $0.draft(uid: uid, policy: 0) }))
    }
}

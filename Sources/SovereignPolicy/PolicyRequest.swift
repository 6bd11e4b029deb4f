// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A question to a policy. In JSON all its attributes are flat keys, dotted where they belong to something:
/// `{"action":"release","at":"…","class":"pii","output.check":"pass","requester":"desk-4",…}`.
public struct PolicyRequest: Codable, Equatable, Sendable {
    /// One of `PolicyAction.all`.
    public var action: String
    /// The wall time of the decision; without it every request is denied.
    public var at: WallTime?
    /// Name of the model in the policy.
    public var model: String?
    /// The class of the data; without it the data is unlabelled and has the top class.
    public var `class`: String?
    public var purpose: String?
    /// Name of the requester in the policy.
    public var requester: String?
    /// Digest of the task graph.
    public var task: Digest?
    /// Those that exist at release, and `clock`; see `PolicyAttribute`. What the policy itself knows (`model.…`, `requester.roles`) is not taken from here.
    public var attributes: [String: AttributeValue]

    public init(
        action: String, at: WallTime?, model: String? = nil, class: String?, purpose: String?, requester: String?,
        task: Digest?, attributes: [String: AttributeValue] = [:]
    ) {
        self.action = action
        self.at = at
        self.model = model
        self.class = `class`
        self.purpose = purpose
        self.requester = requester
        self.task = task
        self.attributes = attributes
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let own: Set<String> = ["action", "at", "model", "class", "purpose", "requester", "task"]

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        action = try container.decode(String.self, forKey: Key(stringValue: "action"))
        at = try container.decodeIfPresent(WallTime.self, forKey: Key(stringValue: "at"))
        model = try container.decodeIfPresent(String.self, forKey: Key(stringValue: "model"))
        `class` = try container.decodeIfPresent(String.self, forKey: Key(stringValue: "class"))
        purpose = try container.decodeIfPresent(String.self, forKey: Key(stringValue: "purpose"))
        requester = try container.decodeIfPresent(String.self, forKey: Key(stringValue: "requester"))
        task = try container.decodeIfPresent(Digest.self, forKey: Key(stringValue: "task"))
        attributes = [:]
        for key in container.allKeys where !Self.own.contains(key.stringValue) {
            attributes[key.stringValue] = try container.decode(AttributeValue.self, forKey: key)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(action, forKey: Key(stringValue: "action"))
        try container.encodeIfPresent(at, forKey: Key(stringValue: "at"))
        try container.encodeIfPresent(model, forKey: Key(stringValue: "model"))
        try container.encodeIfPresent(`class`, forKey: Key(stringValue: "class"))
        try container.encodeIfPresent(purpose, forKey: Key(stringValue: "purpose"))
        try container.encodeIfPresent(requester, forKey: Key(stringValue: "requester"))
        try container.encodeIfPresent(task, forKey: Key(stringValue: "task"))
        for (name, value) in attributes where !Self.own.contains(name) {
            try container.encode(value, forKey: Key(stringValue: name))
        }
    }
}

/// The value of a request's attribute.
public enum AttributeValue: Codable, Hashable, Sendable, CustomStringConvertible {
    case string(String)
    case integer(Int64)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .string(text)
        } else {
            self = .integer(try container.decode(Int64.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(text)
        case .integer(let value): try container.encode(value)
        }
    }

    public var description: String {
        switch self {
        case .string(let text): text
        case .integer(let value): String(value)
        }
    }
}

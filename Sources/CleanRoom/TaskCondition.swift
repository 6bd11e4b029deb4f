// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import PolicyFile

/// Conditions of a microtask: `when: {spam.spam: false, category.category: [billing, order]}`, of which all must hold.
enum TaskCondition {
    static func read(
        _ node: YAMLNode, of microtask: Record.TaskGraph.Microtask, in graph: Record.TaskGraph
    ) throws -> [Record.TaskGraph.Condition] {
        let needs = graph.allNeeds(of: microtask)
        let entries = try node.mapping().entries
        guard !entries.isEmpty else { throw node.refusing("value", allowed: "at least one condition") }
        var conditions: [Record.TaskGraph.Condition] = []
        for entry in entries {
            let parts = entry.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            // In the order of the graph, so that the error reads well; a condition on what is not needed could be
            // judged before its microtask has an outcome.
            let allowed = graph.microtasks.map(\.id).filter { needs.contains($0) }
            let id = try entry.keyPlace.name(parts.first ?? "", oneOf: allowed)
            let path = Array(parts.dropFirst())
            guard !path.isEmpty, !path.contains(where: \.isEmpty) else {
                throw entry.keyPlace.refusing("value", found: entry.key, allowed: "\(id).MEMBER")
            }
            let schema = graph.microtasks.first { $0.id == id }?.schema ?? .null
            let place = try walk(path, through: schema, at: entry.keyPlace)
            var values: [JSONValue] = []
            for valueNode in try entry.value.oneOrMany() { values.append(try value(valueNode, of: place)) }
            conditions.append(.init(microtask: id, path: path, anyOf: values))
        }
        return conditions
    }

    /// The schema of the member at a path, as far as schemas list their members.
    private static func walk(
        _ path: [String], through schema: JSONValue, at place: YAMLPlace
    ) throws -> JSONValue {
        var schema = schema
        for member in path {
            guard let properties = schema["properties"]?.objectValue else { return .null }
            schema = properties[try place.name(member, oneOf: properties.keys.sorted())] ?? .null
        }
        return schema
    }

    /// A value that the member can have: a condition that never holds is a misspelling.
    private static func value(_ node: YAMLNode, of schema: JSONValue) throws -> JSONValue {
        let value = try node.json
        switch value {
        case .string, .integer, .bool: break
        default: throw node.refusing("type", allowed: "a string, an integer, true, false, or a list of them")
        }
        if let allowed = schema["enum"]?.arrayValue, !allowed.contains(value) {
            if case .string(let text) = value {
                _ = try node.place.name(text, oneOf: allowed.compactMap(\.stringValue))
            }
            throw node.refusing(
                "value", allowed: allowed.map { String(decoding: $0.canonical, as: UTF8.self) }.joined(separator: ", "))
        }
        let isRight =
            switch schema["type"]?.stringValue {
            case "boolean": value.boolValue != nil
            case "string": value.stringValue != nil
            default: true
            }
        guard isRight else {
            throw node.refusing("type", allowed: "a \(schema["type"]?.stringValue ?? "value"), as the schema says")
        }
        return value
    }
}

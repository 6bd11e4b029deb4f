// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
public import AuditBundle
internal import PolicyFile

/// Task graphs: from the file a person writes to the record whose digest the policy lists.
public enum TaskGraphFile {
    public static let version = "atomic/task/v1"
    /// Microtasks per input.
    public static let maximumMicrotasks = 64

    /// Reads a graph and the schema files it names, which lie relative to it.
    public static func read(_ path: String) throws -> Record.TaskGraph {
        let top = try YAMLNode.read(try Files.read(path, limit: 1 << 20), file: path).mapping()
        _ = try top.required("apiVersion").oneOf([version])
        let name = try top.required("name").string()
        let listNode = try top.required("microtasks")
        let nodes = try listNode.sequence()
        guard (1...maximumMicrotasks).contains(nodes.count) else {
            throw listNode.refusing("value", found: "\(nodes.count) microtasks", allowed: "1 to \(maximumMicrotasks)")
        }
        var microtasks: [Record.TaskGraph.Microtask] = []
        for node in nodes {
            let item = try node.mapping()
            let idNode = try item.required("id")
            let id = try idNode.string()
            guard isIdentifier(id) else {
                throw idNode.refusing(
                    "value", found: "“\(id)”", allowed: "lower-case letters, digits and hyphens, at most 32")
            }
            guard !microtasks.contains(where: { $0.id == id }) else {
                throw idNode.refusing("value", found: "“\(id)” for the second time", allowed: "each id once")
            }
            let schemaNode = try item.required("schema")
            let schema = try JSONValue.parse(
                Files.read(Files.parent(of: path) + "/" + schemaNode.string(), limit: 1 << 20))
            let needs = try item.optional("needs")?.sequence().map { try $0.string() } ?? []
            for need in needs where !microtasks.contains(where: { $0.id == need }) {
                // Only earlier microtasks may be needed, so the graph cannot have a cycle.
                throw node.refusing("value", found: "a need of “\(need)”", allowed: "ids of earlier microtasks")
            }
            // Conditions, parsed input and answers as input come with the graphs that need them.
            let input = try item.optional("input")?.oneOf(["message"]) ?? "message"
            microtasks.append(
                .init(id: id, type: try item.required("type").string(), schema: schema, needs: needs, input: input))
            try item.finish(notYet: ["when", "review"])
        }
        try top.finish()
        // An input has one answer file; how several answers make one comes with the graphs that need it.
        guard microtasks.count == 1 else {
            throw listNode.refusing("value", found: "\(microtasks.count) microtasks", allowed: "one, in this version")
        }
        return Record.TaskGraph(name: name, microtasks: microtasks)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}

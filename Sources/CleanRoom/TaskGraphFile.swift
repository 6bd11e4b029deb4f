// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
public import AuditBundle
internal import PolicyFile

/// Task graphs: from the file a person writes to the record whose digest the policy lists.
public enum TaskGraphFile {
    public static let version = "atomic/task/v1"

    /// Reads a graph and the schema files it names, which lie relative to it.
    public static func read(_ path: String) throws -> Record.TaskGraph {
        let top = try YAMLNode.read(try Files.read(path, limit: 1 << 20), file: path).mapping()
        _ = try top.required("apiVersion").oneOf([version])
        let name = try top.required("name").string()
        let parser = try top.optional("parser")?.string()
        let featurizer = try top.optional("featurizer")?.string()
        let listNode = try top.required("microtasks")
        let nodes = try listNode.sequence()
        let most = Record.TaskGraph.maximumMicrotasks
        guard (1...most).contains(nodes.count) else {
            throw listNode.refusing("value", found: "\(nodes.count) microtasks", allowed: "1 to \(most)")
        }
        var graph = Record.TaskGraph(name: name, parser: parser, featurizer: featurizer, microtasks: [])
        for node in nodes {
            graph.microtasks.append(try microtask(node.mapping(), after: graph, beside: path))
        }
        try top.finish()
        // What was read must be what a verifier takes; the checks above say the same with places.
        if let problem = graph.problem { throw listNode.refusing("value", found: problem, allowed: "a task graph") }
        return graph
    }

    private static func microtask(
        _ item: YAMLMapping, after graph: Record.TaskGraph, beside path: String
    ) throws -> Record.TaskGraph.Microtask {
        let id = try id(item.required("id"), after: graph)
        let typeNode = try item.required("type")
        let type = try typeNode.string()
        guard !type.isEmpty, !Record.TaskGraph.reserved.contains(type) else {
            throw typeNode.refusing(
                "value", allowed: "a type that models bid on; parsing and features are steps before")
        }
        let schemaNode = try item.required("schema")
        let schema = try JSONValue.parse(
            Files.read(Files.parent(of: path) + "/" + schemaNode.string(), limit: 1 << 20))
        let earlier = graph.microtasks.map(\.id)
        var needs: [String] = []
        for node in try item.optional("needs")?.sequence() ?? [] {
            // Only earlier microtasks may be needed, so the graph cannot have a cycle.
            let need = try node.oneOf(earlier)
            guard !needs.contains(need) else {
                throw node.refusing("value", found: "\(need) for the second time", allowed: "each need once")
            }
            needs.append(need)
        }
        var result = Record.TaskGraph.Microtask(id: id, type: type, schema: schema, needs: needs, input: "message")
        if let node = item.optional("input") {
            result.input = try node.oneOf(["message", "parsed", "answers"])
            guard result.input != "answers" || !needs.isEmpty else {
                throw node.refusing("value", found: "answers without needs", allowed: "needs: the microtasks it reads")
            }
        }
        if let node = item.optional("when") {
            result.when = try TaskCondition.read(node, of: result, in: graph)
        }
        if let node = item.optional("review") { result.review = try review(node) }
        try item.finish()
        return result
    }

    private static func id(_ node: YAMLNode, after graph: Record.TaskGraph) throws -> String {
        let id = try node.string()
        guard Record.TaskGraph.isIdentifier(id) else {
            throw node.refusing(
                "value", found: "“\(id)”", allowed: "lower-case letters, digits and hyphens, at most 32")
        }
        guard !Record.TaskGraph.reserved.contains(id), !Record.TaskGraph.answerMembers.contains(id) else {
            throw node.refusing(
                "value", found: "“\(id)”, which names a step or a part of every answer", allowed: "another id")
        }
        guard !graph.microtasks.contains(where: { $0.id == id }) else {
            throw node.refusing("value", found: "“\(id)” for the second time", allowed: "each id once")
        }
        return id
    }

    /// `{below: 0.6}`, `true` or `false`.
    private static func review(_ node: YAMLNode) throws -> Record.TaskGraph.Review? {
        if case .boolean(let always) = node.content { return always ? .init(always: true) : nil }
        let mapping = try node.mapping()
        let belowNode = try mapping.required("below")
        let below = try belowNode.decimal()
        guard (1...1_000_000_000).contains(below) else {
            throw belowNode.refusing("range", allowed: "a confidence above 0 and up to 1")
        }
        try mapping.finish()
        return .init(below: below)
    }
}

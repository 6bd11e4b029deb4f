// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Compiles a schema document. Every keyword is either implemented here or refused with its path.
struct SchemaCompiler {
    private(set) var nodes: [SchemaNode] = []
    private(set) var dynamicAnchors: [[String: Int]] = []
    private(set) var usesUnevaluated = false

    private let document: JSONValue
    /// Node of each JSON Pointer that is a schema.
    private var byPath: [String: Int] = [:]
    /// Base identifier and document path of each resource.
    private var resources: [(base: SchemaURI, path: String)] = []
    private var anchors: [[String: Int]] = []
    private var pending: [PendingReference] = []

    /// A reference is resolved when all nodes, identifiers and anchors are known.
    private struct PendingReference {
        let node: Int
        let check: Int
        let target: String
        let dynamic: Bool
        let path: String
    }

    static func compile(_ document: JSONValue) throws(TypedOutputError) -> CompiledSchema {
        var compiler = SchemaCompiler(document: document)
        let base = SchemaURI("atomic-schema://document/")
        compiler.enter(base, path: "")
        let root = try compiler.schema(document, path: "", resource: 0)
        try compiler.resolve()
        let compiled = CompiledSchema(
            nodes: compiler.nodes, dynamicAnchors: compiler.dynamicAnchors, usesUnevaluated: compiler.usesUnevaluated,
            root: root)
        try compiled.refuseEndlessRecursion()
        return compiled
    }

    private init(document: JSONValue) { self.document = document }

    private mutating func enter(_ base: SchemaURI, path: String) {
        resources.append((base, path))
        anchors.append([:])
        dynamicAnchors.append([:])
    }

    /// Compiles the schema at `path`, adds its node, and returns the node's index.
    mutating func schema(
        _ value: JSONValue, path: String, resource: Int
    ) throws(TypedOutputError) -> Int {
        guard nodes.count < SchemaLimits.nodes else {
            throw .schema(
                .schemaSize, at: path, "more than \(SchemaLimits.nodes) subschemas",
                remedy: "split or shorten the schema")
        }
        let index = nodes.count
        byPath[path] = index
        switch value {
        case .bool(let admits):
            nodes.append(SchemaNode(path: path, resource: resource, checks: admits ? [] : [.never]))
        case .object(let keywords):
            let own = try identify(keywords, path: path, enclosing: resource, node: index)
            nodes.append(SchemaNode(path: path, resource: own))
            var reader = KeywordReader(keywords: keywords, path: path, resource: own, node: index)
            let checks = try reader.read(with: &self)
            nodes[index].checks = checks
        default: throw .malformed(path, "a schema is an object, true or false")
        }
        return index
    }

    /// `$schema`, `$id` and the anchors.
    private mutating func identify(
        _ keywords: [String: JSONValue], path: String, enclosing: Int, node: Int
    ) throws(TypedOutputError) -> Int {
        var own = enclosing
        if let id = keywords["$id"] {
            let uri = SchemaURI(try text(id, path + "/$id")).resolved(against: resources[enclosing].base)
            guard uri.fragment == nil || uri.fragment == "" else {
                throw .malformed(path + "/$id", "an identifier has no fragment")
            }
            if path.isEmpty {
                resources[0].base = uri.resource
            } else {
                guard !resources.contains(where: { $0.base == uri.resource }) else {
                    throw .malformed(path + "/$id", "this identifier is used twice")
                }
                enter(uri.resource, path: path)
                own = resources.count - 1
            }
        }
        if let dialect = keywords["$schema"] {
            let name = try text(dialect, path + "/$schema")
            let draft = "https://json-schema.org/draft/2020-12/schema"
            guard name == draft || name == draft + "#" else {
                throw .schema(
                    .keyword, at: path + "/$schema", "only draft 2020-12 is implemented",
                    remedy: "write the schema for \(draft)")
            }
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let value = keywords[keyword] else { continue }
            let name = try text(value, "\(path)/\(keyword)")
            guard Self.isAnchor(name), anchors[own].updateValue(node, forKey: name) == nil else {
                throw .malformed("\(path)/\(keyword)", "an anchor is a plain name, once per resource")
            }
            if keyword == "$dynamicAnchor" { dynamicAnchors[own][name] = node }
        }
        return own
    }

    private static func isAnchor(_ name: String) -> Bool {
        guard let first = name.utf8.first, first == 0x5f || (0x41...0x5a).contains(first & 0xdf) else { return false }
        return name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0 & 0xdf) || [0x2d, 0x2e, 0x5f].contains($0)
        }
    }

    private func text(_ value: JSONValue, _ path: String) throws(TypedOutputError) -> String {
        guard let text = value.stringValue else { throw .malformed(path, "a string is wanted") }
        return text
    }

    mutating func noteUnevaluated() { usesUnevaluated = true }

    /// Remembers a reference; its check is a placeholder until `resolve`.
    mutating func refer(node: Int, check: Int, target: String, dynamic: Bool, path: String) {
        pending.append(PendingReference(node: node, check: check, target: target, dynamic: dynamic, path: path))
    }

    private mutating func resolve() throws(TypedOutputError) {
        for reference in pending {
            let base = resources[nodes[reference.node].resource].base
            let uri = SchemaURI(reference.target).resolved(against: base)
            guard let resource = resources.firstIndex(where: { $0.base == uri.resource }),
                let fragment = uri.plainFragment
            else { throw lost(reference) }

            var name: String?
            let target: Int?
            if fragment.isEmpty || fragment.hasPrefix("/") {
                target = byPath[resources[resource].path + Self.normalPointer(fragment)]
            } else {
                target = anchors[resource][fragment]
                if dynamicAnchors[resource][fragment] != nil, dynamicAnchors[resource][fragment] == target {
                    name = fragment
                }
            }
            guard let target else { throw lost(reference) }
            nodes[reference.node].checks[reference.check] =
                reference.dynamic ? .dynamicReference(target, name: name) : .reference(target)
        }
    }

    /// A pointer as this compiler writes paths: escapes undone and done again.
    private static func normalPointer(_ pointer: String) -> String {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { token in
            var plain = String.UnicodeScalarView()
            var escaped = false
            for scalar in token.unicodeScalars {
                if escaped {
                    plain.append(scalar == "1" ? "/" : "~")
                    escaped = false
                } else if scalar == "~" {
                    escaped = true
                } else {
                    plain.append(scalar)
                }
            }
            return "/" + PathStep.escaped(String(plain))
        }.joined()
    }

    private func lost(_ reference: PendingReference) -> TypedOutputError {
        .schema(
            .reference, at: reference.path, "the reference leads to no schema of this document",
            remedy: "put what it refers to under $defs; nothing is fetched")
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// A schema document as nodes that refer to each other by index.
struct CompiledSchema: Sendable {
    var nodes: [SchemaNode] = []
    /// Dynamic anchors of each resource.
    var dynamicAnchors: [[String: Int]] = []
    /// Whether anybody needs to know which items and members were evaluated.
    var usesUnevaluated = false
    let root: Int
}

/// The bounds of a schema.
enum SchemaLimits {
    static let nodes = 20_000
    /// Schemas applied to the same place one inside the other (`$ref`, `allOf`, …).
    static let inPlaceDepth = 64
}

extension CompiledSchema {
    /// Refuses a schema that comes back to itself without going deeper into the value: it would never end.
    func refuseEndlessRecursion() throws(TypedOutputError) {
        var depths = [Int?](repeating: nil, count: nodes.count)
        var open = [Bool](repeating: false, count: nodes.count)
        // Explicit stack: the chains are as long as the schema's author likes.
        for start in nodes.indices where depths[start] == nil {
            var stack = [(node: start, children: inPlace(start), depth: 1)]
            open[start] = true
            while var top = stack.popLast() {
                guard let child = top.children.popLast() else {
                    open[top.node] = false
                    depths[top.node] = top.depth
                    if var parent = stack.popLast() {
                        parent.depth = max(parent.depth, top.depth + 1)
                        stack.append(parent)
                    }
                    guard top.depth <= SchemaLimits.inPlaceDepth else {
                        throw endless(top.node, "is applied in place more than \(SchemaLimits.inPlaceDepth) deep")
                    }
                    continue
                }
                if open[child] { throw endless(child, "applies to itself without end") }
                if let known = depths[child] {
                    top.depth = max(top.depth, known + 1)
                    stack.append(top)
                } else {
                    stack.append(top)
                    open[child] = true
                    stack.append((child, inPlace(child), 1))
                }
            }
        }
    }

    private func endless(_ node: Int, _ what: String) -> TypedOutputError {
        .schema(
            .recursion, at: nodes[node].path, "this schema \(what)",
            remedy: "let a reference go through properties or items before it comes back")
    }

    /// The nodes that a node applies to the same value.
    private func inPlace(_ node: Int) -> [Int] {
        nodes[node].checks.flatMap { check -> [Int] in
            switch check {
            case .allOf(let nodes), .anyOf(let nodes), .oneOf(let nodes): nodes
            case .not(let node), .reference(let node): [node]
            case .conditional(let condition, let then, let otherwise):
                [condition] + [then, otherwise].compactMap { $0 }
            case .dependentSchemas(let dependencies): dependencies.map(\.demand)
            case .dynamicReference(let node, let name):
                [node] + (name.map { name in dynamicAnchors.compactMap { $0[name] } } ?? [])
            default: []
            }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Which parts of a value some subschema has looked at; for `unevaluatedItems` and `unevaluatedProperties`.
struct Evaluated {
    var members: Set<String> = []
    var allMembers = false
    /// Items before this index.
    var prefix = 0
    var items: Set<Int> = []

    mutating func merge(_ other: Evaluated) {
        members.formUnion(other.members)
        allMembers = allMembers || other.allMembers
        prefix = max(prefix, other.prefix)
        items.formUnion(other.items)
    }
}

/// The judging of one value. Bounded in work and depth; runs out into a violation, never into acceptance.
struct Evaluation {
    static let maxDepth = 512

    let schema: CompiledSchema
    var work: Int
    /// Whether violations are collected; off inside `anyOf`, `not` and the like, where failing is normal.
    var reporting: Bool
    var violations: [Violation] = []
    var steps: [PathStep] = []
    /// Schema resources entered on the way here, outermost first: the dynamic scope.
    private var scope: [Int] = []
    private var depth = 0
    private var exhausted = false

    init(schema: CompiledSchema, work: Int, reporting: Bool) {
        self.schema = schema
        self.work = work
        self.reporting = reporting
    }

    mutating func run(_ value: JSONValue) -> Bool {
        var evaluated = Evaluated()
        let fits = apply(schema.root, to: value, &evaluated)
        guard !exhausted else {
            violations = [
                Violation(
                    path: "", keyword: "work", schemaPath: "",
                    message: "judging this value takes more work than allowed")
            ]
            return false
        }
        return fits
    }

    /// Applies a node to a value, in place; `evaluated` grows only if the value fits.
    mutating func apply(_ index: Int, to value: JSONValue, _ evaluated: inout Evaluated) -> Bool {
        guard spend(1), depth < Self.maxDepth else {
            exhausted = true
            return false
        }
        depth += 1
        defer { depth -= 1 }
        let node = schema.nodes[index]
        let enters = scope.last != node.resource
        if enters { scope.append(node.resource) }
        defer { if enters { scope.removeLast() } }

        var own = Evaluated()
        var fits = true
        for check in node.checks {
            if !judge(check, value, node, &own) {
                fits = false
                if !reporting || exhausted { return false }
            }
        }
        if fits, schema.usesUnevaluated { evaluated.merge(own) }
        return fits
    }

    /// Applies a node to a part of the value.
    mutating func descend(_ index: Int, to value: JSONValue, _ step: PathStep) -> Bool {
        steps.append(step)
        defer { steps.removeLast() }
        var evaluated = Evaluated()
        return apply(index, to: value, &evaluated)
    }

    /// Applies a node without reporting, for keywords where failing is an answer.
    mutating func attempt(_ index: Int, _ value: JSONValue, _ evaluated: inout Evaluated) -> Bool {
        let reported = reporting
        reporting = false
        defer { reporting = reported }
        return apply(index, to: value, &evaluated)
    }

    mutating func attempt(_ index: Int, item value: JSONValue) -> Bool {
        var evaluated = Evaluated()
        return attempt(index, value, &evaluated)
    }

    /// False when the work is used up; the verdict is then a refusal whatever the keywords say.
    mutating func spend(_ amount: Int) -> Bool {
        work -= amount
        if work < 0 { exhausted = true }
        return !exhausted
    }

    mutating func matches(_ pattern: SafePattern, _ text: String) -> Bool {
        guard let found = pattern.matches(text, work: &work) else {
            exhausted = true
            return false
        }
        return found
    }

    /// The node a dynamic reference means here: the outermost resource with that dynamic anchor, else the static target.
    func dynamicTarget(_ index: Int, _ name: String?) -> Int {
        guard let name else { return index }
        for resource in scope {
            if let node = schema.dynamicAnchors[resource][name] { return node }
        }
        return index
    }

    /// Reports a violation and returns false, so that a judgement can end in it.
    mutating func violated(_ keyword: String, _ node: SchemaNode, _ message: String) -> Bool {
        if reporting, violations.count < OutputSchema.maxViolations {
            let schemaPath = keyword.isEmpty ? node.path : node.path + "/" + keyword
            violations.append(
                Violation(
                    path: PathStep.pointer(steps), keyword: keyword.isEmpty ? "false" : keyword, schemaPath: schemaPath,
                    message: message))
        }
        return false
    }
}

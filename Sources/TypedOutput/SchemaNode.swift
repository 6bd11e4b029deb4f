// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// One compiled (sub)schema. Other nodes are named by their index in `CompiledSchema.nodes`.
struct SchemaNode: Sendable {
    /// JSON Pointer into the schema document.
    let path: String
    /// Which schema resource (`$id`) the node belongs to.
    let resource: Int
    /// In the order in which they are judged; `unevaluated…` last.
    var checks: [SchemaCheck] = []
}

/// One keyword, or a few that only make sense together.
enum SchemaCheck: Sendable {
    case never
    case type(Set<JSONType>)
    case const(ExactValue)
    case `enum`(Set<ExactValue>)
    case multipleOf(ExactDecimal)
    case bound(keyword: String, limit: ExactDecimal, orders: Set<Int>)
    case length(keyword: String, bounds: ClosedRange<Int>)
    case pattern(SafePattern)
    case itemCount(keyword: String, bounds: ClosedRange<Int>)
    case uniqueItems
    case items(prefix: [Int], rest: Int?)
    case contains(Int, bounds: ClosedRange<Int>)
    case memberCount(keyword: String, bounds: ClosedRange<Int>)
    case required([String])
    case dependentRequired([Dependency<[String]>])
    case members(MemberRules)
    case propertyNames(Int)
    case dependentSchemas([Dependency<Int>])
    case allOf([Int])
    case anyOf([Int])
    case oneOf([Int])
    case not(Int)
    case conditional(if: Int, then: Int?, else: Int?)
    case reference(Int)
    /// `name` is set when the static target is a dynamic anchor, so that the dynamic scope may override it.
    case dynamicReference(Int, name: String?)
    case unevaluatedItems(Int)
    case unevaluatedProperties(Int)
}

/// What holds once a member of that name is present.
struct Dependency<Demand: Sendable>: Sendable {
    let member: String
    let demand: Demand
}

/// `properties`, `patternProperties` and `additionalProperties`, which depend on each other.
struct MemberRules: Sendable {
    var named: [String: Int] = [:]
    var patterns: [(pattern: SafePattern, node: Int)] = []
    var additional: Int?
}

/// The seven types of JSON Schema.
enum JSONType: String, Sendable, CaseIterable {
    case null, boolean, object, array, number, string, integer

    func admits(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.object, .object), (.array, .array), (.string, .string): true
        case (.number, .integer), (.number, .double), (.integer, .integer): true
        // 1.0 is an integer; every double from 2^53 on is.
        case (.integer, .double(let number)): number.rounded(.towardZero) == number
        default: false
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A JSON Schema (2020-12), compiled once and then applied to outputs of models.
///
/// The supervisor owns the schema; what an executor says about its own output counts for nothing. Every keyword is
/// implemented or refused when the schema is loaded (`docs/typed-output.md` lists them); nothing is fetched, patterns
/// run in linear time, and the work spent on one value is bounded.
public struct OutputSchema: Sendable {
    /// Work allowed for one value: subschema applications, pattern steps and comparisons together.
    public static let workLimit = 20_000_000
    /// At most so many violations are reported.
    public static let maxViolations = 32

    let compiled: CompiledSchema

    /// - Throws: ``TypedOutputError`` with the JSON Pointer of what cannot be loaded: `schema-keyword`,
    ///   `schema-malformed`, `schema-reference`, `schema-recursion`, `schema-pattern` or `schema-size`.
    public init(_ schema: JSONValue) throws(TypedOutputError) {
        compiled = try SchemaCompiler.compile(schema)
    }

    /// Where the value does not fit, in the order of the schema; empty when it fits. No message has content of the value.
    public func check(_ value: JSONValue) -> [Violation] {
        var evaluation = Evaluation(schema: compiled, work: Self.workLimit, reporting: true)
        return evaluation.run(value) ? [] : evaluation.violations
    }

    /// Whether the value fits; quicker than `check` because it need not say where not.
    public func admits(_ value: JSONValue) -> Bool {
        var evaluation = Evaluation(schema: compiled, work: Self.workLimit, reporting: false)
        return evaluation.run(value)
    }
}

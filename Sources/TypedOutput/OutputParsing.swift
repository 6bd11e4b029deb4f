// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The way from an executor's bytes to a value: strict, bounded, and silent about content.
public enum OutputParsing {
    /// Nesting that no output of a model needs.
    public static let maxDepth = 64

    /// Reads exactly one JSON value (RFC 8259, UTF-8, no duplicate keys, nothing behind it but white space).
    ///
    /// - Throws: `oversize` above `maxBytes`, else `invalid-json`. The message does not say where or what: both would be content.
    public static func parse(
        _ bytes: [UInt8], maxBytes: Int, maxDepth: Int = OutputParsing.maxDepth
    ) throws(TypedOutputError) -> JSONValue {
        guard bytes.count <= maxBytes else {
            throw TypedOutputError(
                .oversize, "the output is longer than \(maxBytes) bytes",
                remedy: "raise the model's output limit or correct the model")
        }
        do {
            return try JSONValue.parse(bytes, limits: JSONLimits(depth: maxDepth, bytes: maxBytes))
        } catch {
            throw TypedOutputError(
                .invalidJSON, "the output is not one strict JSON value",
                remedy: "correct the model: one JSON value, nothing else")
        }
    }
}

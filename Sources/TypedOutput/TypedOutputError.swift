// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The domain of errors of typed output: schemas that cannot be loaded, outputs that are no JSON.
public enum TypedOutputDomain: FailureDomain {
    public static let name = "typed-output"
    public static let exit = ExitStatus.model
}

/// What can go wrong; equal on its code. No message carries content of an output.
public typealias TypedOutputError = Failure<TypedOutputDomain>

extension TypedOutputError.Code {
    /// The output is longer than allowed.
    public static let oversize: Self = "oversize"
    /// The output is not exactly one JSON value within the bounds.
    public static let invalidJSON: Self = "invalid-json"
    /// The schema has a keyword that is unknown or not implemented; it is never ignored.
    public static let keyword: Self = "schema-keyword"
    /// A keyword of the schema has a value it cannot have.
    public static let malformed: Self = "schema-malformed"
    /// A reference of the schema leads nowhere; the network is never asked.
    public static let reference: Self = "schema-reference"
    /// The schema applies to itself in place, or is nested too deeply in place.
    public static let recursion: Self = "schema-recursion"
    /// A pattern is malformed, too large, or needs more than linear time.
    public static let pattern: Self = "schema-pattern"
    /// The schema has more parts than allowed.
    public static let schemaSize: Self = "schema-size"
}

extension TypedOutputError {
    static func schema(_ code: Code, at path: String, _ what: String, remedy: String) -> Self {
        Self(code, "schema at #\(path): \(what)", remedy: remedy, exit: .usage)
    }

    static func malformed(_ path: String, _ what: String) -> Self {
        schema(
            .malformed, at: path, what, remedy: "correct the schema; JSON Schema 2020-12 says what the keyword takes")
    }
}

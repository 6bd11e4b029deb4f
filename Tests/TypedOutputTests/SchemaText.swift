// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

@testable import TypedOutput

/// Schemas and values as text, for the tests.
func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

func schema(_ text: String) throws -> OutputSchema { try OutputSchema(json(text)) }

/// The code and message with which a schema is refused; nil when it loads.
func refusal(_ text: String) throws -> (code: String, message: String)? {
    let tree = try json(text)
    do throws(TypedOutputError) {
        _ = try OutputSchema(tree)
        return nil
    } catch {
        return (error.codeName, error.message)
    }
}

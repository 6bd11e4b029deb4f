// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

/// One case of a file in `Tests/Vectors`: what goes in, and by name what must come out.
struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    let expect: String
    private let fields: JSONValue

    var testDescription: String { name }

    /// The cases of `Tests/Vectors/<path>.json`; none is a failure of whoever asked.
    static func load(_ path: String) -> [Vector] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let bytes = try? Files.read("/\(root)/Tests/Vectors/\(path).json"),
            let cases = try? JSONValue.parse(bytes)["cases"]?.arrayValue
        else { return [] }
        return cases.compactMap { fields in
            guard let name = fields["name"]?.stringValue, let expect = fields["expect"]?.stringValue else { return nil }
            return Vector(name: name, expect: expect, fields: fields)
        }
    }

    subscript(_ field: String) -> JSONValue? { fields[field] }

    func text(_ field: String) throws -> String { try #require(fields[field]?.stringValue, "\(name): \(field)") }

    func bytes(_ field: String) throws -> [UInt8] {
        let text = try text(field)
        return try #require(Base64.decode(text), "\(name): \(field)")
    }

    func strings(_ field: String) throws -> [String] {
        try #require(fields[field]?.arrayValue, "\(name): \(field)").compactMap(\.stringValue)
    }
}

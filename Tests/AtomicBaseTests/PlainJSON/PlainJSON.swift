// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Canonical JSON by trees and dictionaries, as it was first written: the oracle of the differential test.
enum PlainJSON {
    static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(BaseError) -> JSONValue {
        var parser = PlainJSONParser(bytes, limits: limits)
        return try parser.document()
    }

    static func tree(_ value: some Encodable) throws -> JSONValue {
        let box = PlainJSONEncoder.Box()
        try PlainJSONEncoder.fill(box, with: value, path: [])
        return box.resolved
    }

    /// A value from exactly its canonical bytes.
    static func decode<T: Codable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        let value = try decode(type, fromAnyForm: bytes)
        guard try tree(value).canonical == bytes else {
            throw BaseError(
                .json, "the JSON is not in the canonical form of \(type)",
                remedy: "write it by RFC 8785 and without unknown fields")
        }
        return value
    }

    /// A value from any layout of its JSON; what the type does not know is passed over.
    static func decode<T: Decodable>(_ type: T.Type, fromAnyForm bytes: [UInt8]) throws -> T {
        let tree = try parse(bytes)
        do {
            return try PlainJSONDecoder(value: tree, codingPath: []).decode(type)
        } catch let error as DecodingError {
            throw BaseError(.json, "the JSON is not a \(type) at \(describe(error))", remedy: "correct the JSON")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context)): “\(key.stringValue)” is missing"
        case .dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
        default: "\(error)"
        }
    }

    /// One line for an error. A tree has no order: which of several wrong members of a dictionary it finds first is chance.
    static func describe(_ error: any Error) -> String {
        guard let error = error as? BaseError else { return "\(error)" }
        if error.message.contains(" at /table/") { return "\(error.code.rawValue): in /table; \(error.remedy)" }
        return "\(error.code.rawValue): \(error.message); \(error.remedy)"
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { "/" + $0.stringValue }.joined()
        return path.isEmpty ? "the top" : path
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Value types to canonical JSON and back.
///
/// Decoding is strict without any code in the types: what was read is encoded again and compared. An unknown field, a
/// duplicate key, white space or another order of keys therefore cannot pass unnoticed.
public enum CanonicalJSON {
    /// RFC 8785 bytes of a value.
    /// - Throws: ``BaseError`` `json` when the value has no JSON form.
    public static func encode(_ value: some Encodable) throws(BaseError) -> [UInt8] {
        let tape = try tape(value)
        var out: [UInt8] = []
        tape.write(into: &out)
        return out
    }

    /// The value as a tree.
    public static func value(_ value: some Encodable) throws(BaseError) -> JSONValue { try tape(value).tree() }

    private static func tape(_ value: some Encodable) throws(BaseError) -> JSONTape {
        let tape = JSONTape()
        do {
            try value.encode(to: JSONEncoding(tape: tape, place: 0, path: nil))
            return tape
        } catch {
            throw BaseError(
                .json, "a value has no JSON form: \(error)", remedy: "report this as a defect", cause: error)
        }
    }

    /// A value from exactly its canonical bytes.
    /// - Throws: ``BaseError`` `json` when a single byte differs from the canonical form of what was read.
    public static func decode<T: Codable>(_ type: T.Type, from bytes: [UInt8]) throws(BaseError) -> T {
        let result = try read(type, from: JSONDocument(bytes).root)
        try require(result, toBe: bytes)
        return result
    }

    /// The same for types that promise to encode what they decoded, without encoding it again: that every value of a canonical
    /// text was read is noted on the way. Accepts and refuses the same texts with the same errors.
    public static func decode<T: FaithfullyCodable>(_ type: T.Type, from bytes: [UInt8]) throws(BaseError) -> T {
        let document = try JSONDocument(bytes)
        document.noteReading()
        let result = try read(type, from: document.root)
        if !document.isReadWhole { try require(result, toBe: bytes) }
        return result
    }

    private static func require<T: Encodable>(_ result: T, toBe bytes: [UInt8]) throws(BaseError) {
        guard try encode(result) == bytes else {
            throw BaseError(
                .json, "the JSON is not in the canonical form of \(T.self)",
                remedy: "write it by RFC 8785 and without unknown fields")
        }
    }

    /// A value from any layout of its JSON; unknown fields and duplicate keys are still refused.
    public static func decodeRelaxed<T: Codable>(_ type: T.Type, from bytes: [UInt8]) throws(BaseError) -> T {
        try decodeStrict(type, from: JSONValue.parse(bytes))
    }

    /// A value from a tree; unknown fields are refused.
    public static func decodeStrict<T: Codable>(_ type: T.Type, from tree: JSONValue) throws(BaseError) -> T {
        let result = try decode(type, from: tree)
        if let stranger = firstDifference(tree, try value(result), path: "") {
            throw BaseError(
                .json, "\(stranger) is unknown or malformed in \(type)", remedy: "remove it or correct its name")
        }
        return result
    }

    /// A value from a tree; fields that the type does not know are ignored. For foreign formats.
    public static func decode<T: Decodable>(_ type: T.Type, from tree: JSONValue) throws(BaseError) -> T {
        try read(type, from: .tree(tree))
    }

    private static func read<T: Decodable>(_ type: T.Type, from node: JSONNode) throws(BaseError) -> T {
        do {
            return try T(from: JSONDecoding(node: node, path: nil))
        } catch let error as DecodingError {
            throw BaseError(.json, describe(error, type), remedy: "correct the JSON", cause: error)
        } catch {
            throw BaseError(.json, "the JSON is not a \(type): \(error)", remedy: "correct the JSON", cause: error)
        }
    }

    private static func describe(_ error: DecodingError, _ type: Any.Type) -> String {
        let (context, detail): (DecodingError.Context, String)
        switch error {
        case .keyNotFound(let key, let found): (context, detail) = (found, "“\(key.stringValue)” is missing")
        case .typeMismatch(_, let found): (context, detail) = (found, found.debugDescription)
        case .valueNotFound(_, let found): (context, detail) = (found, found.debugDescription)
        case .dataCorrupted(let found): (context, detail) = (found, found.debugDescription)
        @unknown default: return "the JSON is not a \(type)"
        }
        let path = context.codingPath.map { "/" + $0.stringValue }.joined()
        return "the JSON is not a \(type) at \(path.isEmpty ? "the top" : path): \(detail)"
    }

    /// The path of the first place where two trees differ; a null that one of them omits is a difference too.
    private static func firstDifference(_ given: JSONValue, _ known: JSONValue, path: String) -> String? {
        switch (given, known) {
        case (.object(let left), .object(let right)):
            for key in left.keys.sorted() {
                guard let other = right[key], let value = left[key] else { return "\(path)/\(key)" }
                if let found = firstDifference(value, other, path: "\(path)/\(key)") { return found }
            }
            return right.keys.sorted().first { left[$0] == nil }.map { "the absence of \(path)/\($0)" }
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return path }
            for (index, pair) in zip(left, right).enumerated() {
                if let found = firstDifference(pair.0, pair.1, path: "\(path)/\(index)") { return found }
            }
            return nil
        default:
            return given == known ? nil : (path.isEmpty ? "the top" : path)
        }
    }
}

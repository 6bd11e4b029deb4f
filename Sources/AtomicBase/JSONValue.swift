// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A JSON value. Integers and doubles are told apart by their text: `1` is an integer, `1.0` is a double.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var objectValue: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// Strict RFC 8259: UTF-8, no duplicate keys, no lone surrogates, nothing after the value, bounded depth.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(BaseError) -> JSONValue {
        let document = try JSONDocument(bytes, limits: limits)
        return document.tree(0)
    }

    /// Reads as `parse` does, and says whether the bytes are the canonical form (RFC 8785) of what they say.
    public static func parseNotingForm(_ bytes: [UInt8]) throws(BaseError) -> (value: JSONValue, isCanonical: Bool) {
        let document = try JSONDocument(bytes)
        return (document.tree(0), document.isCanonical)
    }

    /// RFC 8785 canonical form.
    public var canonical: [UInt8] {
        var out: [UInt8] = []
        appendCanonical(to: &out)
        return out
    }

    /// Appends the canonical form.
    public func appendCanonical(to out: inout [UInt8]) { JSONCanonicalizer.write(self, into: &out) }

    /// Whether none of eight bytes of a string is a quote, a backslash, a control character or beyond ASCII. It may say no where
    /// there is none.
    @inlinable public static func isPlain(_ word: UInt64) -> Bool {
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let quote = word ^ ones &* 0x22
        let slash = word ^ ones &* 0x5c
        let found = (quote &- ones) | (slash &- ones) | (word &- ones &* 0x20) | word
        return found & tops == 0
    }

    /// Appends the canonical form of a string.
    public static func appendCanonical(_ text: String, to out: inout [UInt8]) {
        JSONCanonicalizer.write(text, into: &out)
    }
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? JSONDecoding else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "JSONValue decodes from CanonicalJSON only"))
        }
        self = decoder.node.value
    }

    public func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? JSONEncoding else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "JSONValue encodes by CanonicalJSON only")
            )
        }
        encoder.tape.set(self, at: encoder.place)
    }
}

/// Bounds of what the parser accepts.
public struct JSONLimits: Sendable {
    /// Nesting of arrays and objects.
    public let depth: Int
    /// Length of the text in bytes.
    public let bytes: Int

    public init(depth: Int, bytes: Int) {
        self.depth = depth
        self.bytes = bytes
    }

    public static let `default` = JSONLimits(depth: 64, bytes: 64 << 20)
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Reads a value out of a tree, with a dictionary for each object: what the decoder of the programs must agree with.
struct PlainJSONDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return KeyedDecodingContainer(Keyed(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw mismatch("an array") }
        return Unkeyed(items: items, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }

    private func mismatch(_ wanted: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: "\(wanted) is expected"))
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        func cast(_ value: Any) throws -> T {
            guard let value = value as? T else { throw mismatch("a \(T.self)") }
            return value
        }
        switch type {
        case is JSONValue.Type: return try cast(value)
        case is String.Type:
            guard case .string(let text) = value else { throw mismatch("a string") }
            return try cast(text)
        case is Bool.Type:
            guard case .bool(let flag) = value else { throw mismatch("true or false") }
            return try cast(flag)
        case is Double.Type:
            switch value {
            case .double(let number): return try cast(number)
            case .integer(let number): return try cast(Double(number))
            default: throw mismatch("a number")
            }
        case let integer as any FixedWidthInteger.Type:
            guard case .integer(let number) = value, let exact = Self.exactly(integer, number) else {
                throw mismatch("an integer in the range of \(T.self)")
            }
            return try cast(exact)
        default: return try T(from: self)
        }
    }

    private static func exactly<Number: FixedWidthInteger>(_ type: Number.Type, _ number: Int64) -> Number? {
        Number(exactly: number)
    }

    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let members: [String: JSONValue]
        let codingPath: [any CodingKey]
        var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

        private func at(_ key: any CodingKey) throws -> PlainJSONDecoder {
            guard let value = members[key.stringValue] else {
                throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "missing"))
            }
            return PlainJSONDecoder(value: value, codingPath: codingPath + [key])
        }

        func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
        func decodeNil(forKey key: Key) throws -> Bool { try at(key).value == .null }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try at(key).decode(type) }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { try at(key).container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try at(key).unkeyedContainer()
        }
        func superDecoder() throws -> any Decoder {
            PlainJSONDecoder(value: .object(members), codingPath: codingPath)
        }
        func superDecoder(forKey key: Key) throws -> any Decoder { try at(key) }
    }

    private struct Unkeyed: UnkeyedDecodingContainer {
        let items: [JSONValue]
        let codingPath: [any CodingKey]
        var currentIndex = 0
        var count: Int? { items.count }
        var isAtEnd: Bool { currentIndex >= items.count }

        init(items: [JSONValue], codingPath: [any CodingKey]) {
            self.items = items
            self.codingPath = codingPath
        }

        private func current() throws -> PlainJSONDecoder {
            let path = codingPath + [PlainIndex(intValue: currentIndex)]
            guard !isAtEnd else {
                throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "the array ends here"))
            }
            return PlainJSONDecoder(value: items[currentIndex], codingPath: path)
        }

        mutating func decodeNil() throws -> Bool {
            guard try current().value == .null else { return false }
            currentIndex += 1
            return true
        }
        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            let result = try current().decode(type)
            currentIndex += 1
            return result
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            let result = try current().container(keyedBy: type)
            currentIndex += 1
            return result
        }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            let result = try current().unkeyedContainer()
            currentIndex += 1
            return result
        }
        mutating func superDecoder() throws -> any Decoder {
            let result = try current()
            currentIndex += 1
            return result
        }
    }

    private struct Single: SingleValueDecodingContainer {
        let decoder: PlainJSONDecoder
        var codingPath: [any CodingKey] { decoder.codingPath }

        func decodeNil() -> Bool { decoder.value == .null }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
    }
}

/// The key of an array's element.
struct PlainIndex: CodingKey {
    let index: Int
    init(intValue: Int) { index = intValue }
    init?(stringValue: String) { return nil }
    var stringValue: String { String(index) }
    var intValue: Int? { index }
}

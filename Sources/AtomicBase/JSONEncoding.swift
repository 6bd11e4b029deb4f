// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Notes what a value encodes, place by place, on a tape that all parts of the value share.
struct JSONEncoding: Encoder {
    let tape: JSONTape
    /// The number on the tape of what is encoded.
    let place: Int
    let path: JSONPath?
    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        tape.begin(.object, at: place)
        return KeyedEncodingContainer(JSONKeyedEncoding<Key>(tape: tape, object: place, path: path))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        tape.begin(.array, at: place)
        return JSONUnkeyedEncoding(tape: tape, array: place, path: path)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleEncoding(encoding: self) }

    /// Any value; see ``JSONDecoding/decode(_:)`` for why the usual types are asked for one by one.
    func encode<T: Encodable>(_ value: T) throws {
        if T.self == String.self, let text = value as? String { return tape.set(.string(text), at: place) }
        if T.self == [String].self, let list = value as? [String] { return encode(list, at: place) }
        if T.self == [String: [String]].self, let lists = value as? [String: [String]] {
            tape.begin(.object, at: place)
            for (name, list) in lists { encode(list, at: tape.append(name, to: place)) }
            return
        }
        if T.self == JSONValue.self, let tree = value as? JSONValue { return tape.set(tree, at: place) }
        if T.self == Bool.self, let flag = value as? Bool { return tape.set(.bool(flag), at: place) }
        if T.self == Double.self, let number = value as? Double { return try encode(number: number, value) }
        if T.self == Float.self, let number = value as? Float { return try encode(number: Double(number), value) }
        if let number = value as? any BinaryInteger {
            guard let exact = Int64(exactly: number) else {
                throw EncodingError.invalidValue(
                    value,
                    .init(codingPath: codingPath, debugDescription: "integers of our formats fit 64 bits signed"))
            }
            return tape.set(.integer(exact), at: place)
        }
        try value.encode(to: self)
    }

    private func encode(_ list: [String], at place: Int) {
        tape.begin(.array, at: place)
        for text in list { tape.append("", .string(text), to: place) }
    }

    private func encode(number: Double, _ value: Any) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: codingPath, debugDescription: "JSON has no infinite or undefined numbers"))
        }
        tape.set(.double(number), at: place)
    }
}

private struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let tape: JSONTape
    let object: Int
    let path: JSONPath?
    var codingPath: [any CodingKey] { JSONPath.keys(path) }

    private func at(_ key: Key) -> JSONEncoding {
        JSONEncoding(tape: tape, place: tape.append(key.stringValue, to: object), path: JSONPath(path, key))
    }

    mutating func encodeNil(forKey key: Key) { tape.append(key.stringValue, .null, to: object) }
    mutating func encode(_ value: String, forKey key: Key) { tape.append(key.stringValue, .string(value), to: object) }
    mutating func encode(_ value: Bool, forKey key: Key) { tape.append(key.stringValue, .bool(value), to: object) }
    mutating func encode(_ value: Int64, forKey key: Key) { tape.append(key.stringValue, .integer(value), to: object) }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try at(key).encode(value) }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { at(key).container(keyedBy: type) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { at(key).unkeyedContainer() }
    // No format of ours has classes that inherit: what they would write goes nowhere.
    mutating func superEncoder() -> any Encoder { JSONEncoding(tape: JSONTape(), place: 0, path: path) }
    mutating func superEncoder(forKey key: Key) -> any Encoder {
        JSONEncoding(tape: JSONTape(), place: 0, path: JSONPath(path, key))
    }
}

private struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let tape: JSONTape
    let array: Int
    let path: JSONPath?
    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var count: Int { tape.count(of: array) }

    /// The next element. Its key in a path is the number of elements with it.
    private func next() -> JSONEncoding {
        let place = tape.append("", to: array)
        return JSONEncoding(tape: tape, place: place, path: JSONPath(path, JSONIndex(intValue: count)))
    }

    mutating func encodeNil() { tape.append("", .null, to: array) }
    mutating func encode(_ value: String) { tape.append("", .string(value), to: array) }
    mutating func encode<T: Encodable>(_ value: T) throws { try next().encode(value) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { JSONEncoding(tape: JSONTape(), place: 0, path: path) }
}

private struct JSONSingleEncoding: SingleValueEncodingContainer {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { encoding.codingPath }

    mutating func encodeNil() { encoding.tape.set(.null, at: encoding.place) }
    mutating func encode(_ value: String) { encoding.tape.set(.string(value), at: encoding.place) }
    mutating func encode<T: Encodable>(_ value: T) throws { try encoding.encode(value) }
}

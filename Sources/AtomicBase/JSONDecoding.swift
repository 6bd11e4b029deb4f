// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Reads a value out of a text or a tree.
struct JSONDecoding: Decoder {
    let node: JSONNode
    let path: JSONPath?
    /// Whether what is read here is read as it stands, and not for a value with a form of its own.
    var isNoted = true
    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try KeyedDecodingContainer(JSONKeyedDecoding<Key>(members: members(), path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedDecoding(items: items(), path: path)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        JSONSingleDecoding(decoder: JSONDecoding(node: node, path: path, isNoted: false))
    }

    private func mismatch(_ wanted: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: "\(wanted) is expected"))
    }

    private func members() throws -> JSONMembers {
        guard let members = node.members else { throw mismatch("an object") }
        if isNoted { node.note() }
        return members
    }

    private func items() throws -> JSONItems {
        guard let items = node.items else { throw mismatch("an array") }
        if isNoted { node.note() }
        return items
    }

    func string() throws -> String {
        guard let text = node.string else { throw mismatch("a string") }
        if isNoted { node.note() }
        return text
    }

    func bool() throws -> Bool {
        guard let flag = node.bool else { throw mismatch("true or false") }
        if isNoted { node.note() }
        return flag
    }

    func double() throws -> Double {
        guard let number = node.double else { throw mismatch("a number") }
        return number
    }

    func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        guard let number = node.integer, let exact = Number(exactly: number) else {
            throw mismatch("an integer in the range of \(type)")
        }
        if isNoted { node.note() }
        return exact
    }

    /// Any type at a node. What policies and labels are made of comes first: strings, lists of them, digests and words are taken
    /// from the text at once, where the standard library's own way costs a container and a dynamic cast for each string. For
    /// whatever is not as it should be the usual way finds the words.
    ///
    /// - Parameter path: made only for what needs it.
    static func decode<T: Decodable>(_ type: T.Type, _ node: JSONNode, _ path: () -> JSONPath?) throws -> T {
        // SAFETY: each value is cast to T where T is the value's own type.
        if type == String.self, let text = node.takeString() { return unsafe unsafeBitCast(text, to: type) }
        if type == [String].self, let texts = node.takeStrings() { return unsafe unsafeBitCast(texts, to: type) }
        if type == [String: [String]].self, let lists = node.takeLists() {
            return unsafe unsafeBitCast(lists, to: type)
        }
        if type == Digest.self, let digest = node.takeDigest() { return unsafe unsafeBitCast(digest, to: type) }
        if let word = type as? any JSONWord.Type, let word = node.takeWord(word, as: type) { return word }
        return try JSONDecoding(node: node, path: path()).decode(type)
    }

    /// Any type. Those that occur most are asked for by equality, which costs nothing beside the dynamic casts it saves.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == String.self { return try cast(string()) }
        if type == JSONValue.self { return try cast(node.value) }
        if type == Bool.self { return try cast(bool()) }
        if type == Double.self { return try cast(double()) }
        if let number = type as? any FixedWidthInteger.Type { return try cast(integer(number)) }
        let value = try T(from: self)
        if isNoted { node.note(value) }
        return value
    }

    private func cast<T>(_ value: Any) throws -> T {
        guard let value = value as? T else { throw mismatch("a \(T.self)") }
        return value
    }
}

private struct JSONKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: JSONMembers
    let path: JSONPath?
    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var allKeys: [Key] { members.names.compactMap(Key.init(stringValue:)) }

    private func node(_ key: Key) throws -> JSONNode {
        guard let node = members[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "missing"))
        }
        return node
    }

    private func at(_ key: Key) throws -> JSONDecoding {
        try JSONDecoding(node: node(key), path: JSONPath(path, key))
    }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try node(key).isNull }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        let node = try node(key)
        guard let text = node.takeString() else { return try at(key).string() }
        return text
    }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try at(key).bool() }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try at(key).double() }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try at(key).integer(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try at(key).integer(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try at(key).integer(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try JSONDecoding.decode(type, node(key)) { JSONPath(path, key) }
    }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try at(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try at(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { JSONDecoding(node: members.object, path: path) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try at(key) }
}

private struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
    private var items: JSONItems
    private let path: JSONPath?
    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    private(set) var currentIndex = 0
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    init(items: JSONItems, path: JSONPath?) {
        self.items = items
        self.path = path
    }

    private var place: JSONPath { JSONPath(path, JSONIndex(intValue: currentIndex)) }

    private func node() throws -> JSONNode {
        guard let node = items.current else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: JSONPath.keys(place), debugDescription: "the array ends here"))
        }
        return node
    }

    private func current() throws -> JSONDecoding { try JSONDecoding(node: node(), path: place) }

    /// Only what was read well is passed: after an error the same element is current.
    private mutating func advance() {
        items.advance()
        currentIndex += 1
    }

    mutating func decodeNil() throws -> Bool {
        guard try node().isNull else { return false }
        advance()
        return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let result = try JSONDecoding.decode(type, node()) { place }
        advance()
        return result
    }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let result = try current().container(keyedBy: type)
        advance()
        return result
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let result = try current().unkeyedContainer()
        advance()
        return result
    }
    mutating func superDecoder() throws -> any Decoder {
        let result = try current()
        advance()
        return result
    }
}

private struct JSONSingleDecoding: SingleValueDecodingContainer {
    let decoder: JSONDecoding
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.node.isNull }
    func decode(_ type: String.Type) throws -> String { try decoder.string() }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}

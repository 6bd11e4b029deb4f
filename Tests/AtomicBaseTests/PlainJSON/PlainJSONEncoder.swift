// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Collects what a value encodes into a tree of boxes: what the encoder of the programs must agree with.
final class PlainJSONEncoder: Encoder {
    let box = Box()
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(codingPath: [any CodingKey] = []) { self.codingPath = codingPath }

    /// One place of the tree: a finished value, or members and items that are still being filled.
    final class Box {
        var value: JSONValue?
        var members: [String: Box]?
        var items: [Box]?

        var resolved: JSONValue {
            if let value { return value }
            if let members { return .object(members.mapValues(\.resolved)) }
            if let items { return .array(items.map(\.resolved)) }
            return .object([:])
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if box.members == nil { box.members = [:] }
        return KeyedEncodingContainer(Keyed<Key>(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if box.items == nil { box.items = [] }
        return Unkeyed(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(box: box, codingPath: codingPath) }

    /// Fills one place with any encodable value.
    static func fill(_ box: Box, with value: some Encodable, path: [any CodingKey]) throws {
        switch value {
        case let value as JSONValue: box.value = value
        case let value as String: box.value = .string(value)
        case let value as Bool: box.value = .bool(value)
        case let value as Double: try number(box, value, path)
        case let value as Float: try number(box, Double(value), path)
        case let value as any BinaryInteger:
            guard let exact = Int64(exactly: value) else {
                throw EncodingError.invalidValue(
                    value, .init(codingPath: path, debugDescription: "integers of our formats fit 64 bits signed"))
            }
            box.value = .integer(exact)
        default:
            let encoder = PlainJSONEncoder(codingPath: path)
            try value.encode(to: encoder)
            box.value = encoder.box.resolved
        }
    }

    private static func number(_ box: Box, _ value: Double, _ path: [any CodingKey]) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: path, debugDescription: "JSON has no infinite or undefined numbers"))
        }
        box.value = .double(value)
    }

    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let box: Box
        let codingPath: [any CodingKey]

        private func place(_ key: any CodingKey) -> Box {
            let fresh = Box()
            box.members?[key.stringValue] = fresh
            return fresh
        }

        mutating func encodeNil(forKey key: Key) { place(key).value = .null }
        mutating func encode(_ value: some Encodable, forKey key: Key) throws {
            try fill(place(key), with: value, path: codingPath + [key])
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            let nested = place(key)
            nested.members = [:]
            return KeyedEncodingContainer(PlainJSONEncoder.Keyed<Nested>(box: nested, codingPath: codingPath + [key]))
        }
        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            let nested = place(key)
            nested.items = []
            return Unkeyed(box: nested, codingPath: codingPath + [key])
        }
        mutating func superEncoder() -> any Encoder { PlainJSONEncoder(codingPath: codingPath) }
        mutating func superEncoder(forKey key: Key) -> any Encoder { PlainJSONEncoder(codingPath: codingPath + [key]) }
    }

    private struct Unkeyed: UnkeyedEncodingContainer {
        let box: Box
        let codingPath: [any CodingKey]
        var count: Int { box.items?.count ?? 0 }

        private func place() -> Box {
            let fresh = Box()
            box.items?.append(fresh)
            return fresh
        }

        mutating func encodeNil() { place().value = .null }
        mutating func encode(_ value: some Encodable) throws {
            try fill(place(), with: value, path: codingPath + [PlainIndex(intValue: count)])
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> {
            let nested = place()
            nested.members = [:]
            return KeyedEncodingContainer(Keyed<Nested>(box: nested, codingPath: codingPath))
        }
        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            let nested = place()
            nested.items = []
            return Unkeyed(box: nested, codingPath: codingPath)
        }
        mutating func superEncoder() -> any Encoder { PlainJSONEncoder(codingPath: codingPath) }
    }

    private struct Single: SingleValueEncodingContainer {
        let box: Box
        let codingPath: [any CodingKey]

        mutating func encodeNil() { box.value = .null }
        mutating func encode(_ value: some Encodable) throws { try fill(box, with: value, path: codingPath) }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a value encodes, in the order in which it said so: one list for the whole value, each place with a link to the next of
/// the same container.
///
/// Keys come in the order of a type's declaration and are sorted when the tape is written.
final class JSONTape {
    enum Content {
        /// Nothing was encoded: an empty object.
        case empty
        case value(JSONValue)
        case array
        case object
    }

    private struct Place {
        /// Of a member; empty in an array.
        let key: String
        var content: Content
        /// Of a container: its parts. 0 for none, because place 0 is the whole.
        var first = 0
        var last = 0
        var count = 0
        var next = 0
    }

    private var places = [Place(key: "", content: .empty)]

    /// Makes a place a container, unless it has a value.
    func begin(_ container: Content, at place: Int) {
        if case .empty = places[place].content { places[place].content = container }
    }

    func set(_ value: JSONValue, at place: Int) { places[place].content = .value(value) }

    /// Adds a part to a container; its number.
    @discardableResult
    func append(_ key: String, _ value: JSONValue? = nil, to container: Int) -> Int {
        let number = places.count
        places.append(Place(key: key, content: value.map(Content.value) ?? .empty))
        if places[container].count == 0 {
            places[container].first = number
        } else {
            places[places[container].last].next = number
        }
        places[container].last = number
        places[container].count += 1
        return number
    }

    func count(of container: Int) -> Int { places[container].count }

    private func parts(of container: Int) -> [Int] {
        var parts: [Int] = []
        parts.reserveCapacity(places[container].count)
        var part = places[container].first
        while part != 0 {
            parts.append(part)
            part = places[part].next
        }
        return parts
    }

    /// The tree below a place.
    func tree(_ place: Int = 0) -> JSONValue {
        switch places[place].content {
        case .empty: return .object([:])
        case .value(let value): return value
        case .array: return .array(parts(of: place).map(tree))
        case .object:
            var members: [String: JSONValue] = [:]
            for part in parts(of: place) { members[places[part].key] = tree(part) }
            return .object(members)
        }
    }

    /// Appends what is below a place by RFC 8785.
    func write(_ place: Int = 0, into out: inout [UInt8]) {
        switch places[place].content {
        case .empty: out.append(contentsOf: [0x7b, 0x7d])
        case .value(let value): JSONCanonicalizer.write(value, into: &out)
        case .array:
            out.append(0x5b)
            var part = places[place].first
            while part != 0 {
                write(part, into: &out)
                part = places[part].next
                if part != 0 { out.append(0x2c) }
            }
            out.append(0x5d)
        case .object:
            out.append(0x7b)
            var isFirst = true
            for part in members(of: place) {
                if !isFirst { out.append(0x2c) }
                isFirst = false
                JSONCanonicalizer.write(places[part].key, into: &out)
                out.append(0x3a)
                write(part, into: &out)
            }
            out.append(0x7d)
        }
    }

    /// The members of an object in the order of RFC 8785. Of a key that was encoded twice the last counts.
    private func members(of object: Int) -> [Int] {
        var parts = parts(of: object)
        var isOrdered = true
        for place in parts.indices.dropFirst() where isOrdered {
            isOrdered = JSONCanonicalizer.precedes(places[parts[place - 1]].key, places[parts[place]].key)
        }
        if isOrdered { return parts }
        parts.sort { left, right in
            let (one, other) = (places[left].key, places[right].key)
            return JSONCanonicalizer.precedes(one, other) || (left < right && !JSONCanonicalizer.precedes(other, one))
        }
        return parts.indices.filter { place in
            place + 1 == parts.count
                || JSONCanonicalizer.precedes(places[parts[place]].key, places[parts[place + 1]].key)
        }.map { parts[$0] }
    }
}

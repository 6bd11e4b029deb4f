// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A JSON text that was read once: where each of its values and keys stands, in the order of the text.
///
/// Nothing is copied out of the text before somebody asks for it. Whoever decodes a type from it pays for what the type
/// takes, not for a tree beside it.
final class JSONDocument {
    /// A value or a key.
    struct Part {
        enum Kind: UInt8 {
            case null, yes, no, integer, double
            /// ASCII without an escape.
            case plainString
            /// With escapes or with other characters.
            case string
            case array, object
        }

        let kind: Kind
        /// Of an object: a key is no plain string, so that keys must be compared as Swift compares strings.
        var hasUnusualKeys = false
        /// Bytes of the text, for strings those between the quotes.
        let start: UInt32
        /// The byte after the last one; of an array or object how many elements or members it has.
        var end: UInt32
        /// Number of the first part that is neither this one nor within it. In an object each key is followed by its value.
        var next: UInt32
    }

    let bytes: [UInt8]
    let parts: [Part]
    /// Whether the text is byte for byte the canonical form (RFC 8785) of its value.
    let isCanonical: Bool
    /// What was read of it, when somebody wants to know.
    private(set) var reading: JSONReading?

    /// Reads a text strictly.
    /// - Throws: `json` with the byte that cannot stand, `tooLarge`.
    convenience init(_ bytes: [UInt8], limits: JSONLimits = .default) throws(BaseError) {
        var parser = JSONParser(bytes, limits: limits)
        try parser.document()
        self.init(parser)
    }

    private init(_ parser: JSONParser) {
        bytes = parser.bytes
        parts = parser.parts
        isCanonical = parser.isCanonical
    }

    var root: JSONNode { .part(self, 0) }

    /// From now on what is decoded is noted.
    func noteReading() { reading = isCanonical ? JSONReading(parts) : nil }

    /// Whether the text is exactly what was read from it. No may mean that it is not known.
    var isReadWhole: Bool { reading?.isWhole ?? false }

    /// Whether a string, a number or a flag is written so.
    func isWritten(_ number: Int, _ text: [UInt8]) -> Bool {
        let part = parts[number]
        switch part.kind {
        // With its quotes.
        case .plainString, .string: return bytes[Int(part.start) - 1..<Int(part.end) + 1].elementsEqual(text)
        case .integer, .yes, .no: return bytes[Int(part.start)..<Int(part.end)].elementsEqual(text)
        case .null, .double, .array, .object: return false
        }
    }

    /// The text of a string.
    func string(_ part: Part) -> String { JSONString.value(bytes, Int(part.start)..<Int(part.end), part.kind) }

    /// What a number says: an integer when its text is one that fits 64 bits.
    func integer(_ part: Part) -> Int64 { JSONNumber.integer(bytes, Int(part.start)..<Int(part.end)) ?? 0 }
    func double(_ part: Part) -> Double { JSONNumber.double(bytes, Int(part.start)..<Int(part.end)) ?? 0 }

    /// The part and all within it as a tree.
    func tree(_ number: Int) -> JSONValue {
        let part = parts[number]
        switch part.kind {
        case .null: return .null
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .integer: return .integer(integer(part))
        case .double: return .double(double(part))
        case .plainString, .string: return .string(string(part))
        case .array:
            var items: [JSONValue] = []
            items.reserveCapacity(Int(part.end))
            var place = number + 1
            while place < Int(part.next) {
                items.append(tree(place))
                place = Int(parts[place].next)
            }
            return .array(items)
        case .object:
            var members: [String: JSONValue] = [:]
            members.reserveCapacity(Int(part.end))
            var place = number + 1
            while place < Int(part.next) {
                members[string(parts[place])] = tree(place + 1)
                place = Int(parts[place + 1].next)
            }
            return .object(members)
        }
    }
}

extension JSONDocument {
    /// The keys of an object.
    func keys(of object: Int) -> [String] {
        var keys: [String] = []
        keys.reserveCapacity(Int(parts[object].end))
        var place = object + 1
        while place < Int(parts[object].next) {
            keys.append(string(parts[place]))
            place = Int(parts[place + 1].next)
        }
        return keys
    }

    /// Where a key of an object is, or nil; looked for from the key at `hint` on and then from the first.
    func key(_ name: String, of object: Int, from hint: Int) -> Int? {
        let (first, end) = (object + 1, Int(parts[object].next))
        var name = name
        // SAFETY: the buffer does not leave the closure.
        return name.withUTF8 { wanted in
            let isUnusual = unsafe parts[object].hasUnusualKeys || !wanted.allSatisfy { $0 < 0x80 }
            // Swift holds different texts equal, such as K and the sign of the kelvin.
            if isUnusual { reading?.spoil() }
            func find(_ from: Int, _ to: Int) -> Int? {
                var place = from
                while place < to {
                    if isUnusual {
                        if unsafe String(decoding: wanted, as: UTF8.self) == string(parts[place]) { return place }
                    } else if unsafe isEqual(parts[place], wanted) {
                        return place
                    }
                    place = Int(parts[place + 1].next)
                }
                return nil
            }
            return find(hint, end) ?? find(first, hint)
        }
    }

    private func isEqual(_ key: Part, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = Int(key.start)
        guard Int(key.end) - start == wanted.count else { return false }
        // SAFETY: the offset is below the count of the buffer, which its owner keeps for the call.
        for offset in 0..<wanted.count where unsafe bytes[start + offset] != wanted[offset] { return false }
        return true
    }
}

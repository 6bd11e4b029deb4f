// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a value is decoded from: a place in a text that was read, or a tree.
///
/// An enumeration and no protocol: what a decoder's containers are generic in is looked up at run time for each value.
enum JSONNode {
    case part(JSONDocument, Int)
    case tree(JSONValue)

    /// The value was read as it stands.
    func note() {
        if case .part(let document, let number) = self { document.reading?.note(number) }
    }

    /// A value of its own form was read, which stands for a string, a number or a flag: as it stands if it would be written so.
    func note(_ value: Any) {
        guard case .part(let document, let number) = self, let reading = document.reading else { return }
        switch document.parts[number].kind {
        case .null, .double, .array, .object: return
        case .yes, .no, .integer, .plainString, .string:
            guard let value = value as? any Encodable, let text = try? CanonicalJSON.encode(value),
                document.isWritten(number, text)
            else { return }
            reading.note(number)
        }
    }

    var isNull: Bool {
        switch self {
        case .part(let document, let number): document.parts[number].kind == .null
        case .tree(let value): value == .null
        }
    }

    var bool: Bool? {
        switch self {
        case .part(let document, let number):
            switch document.parts[number].kind {
            case .yes: true
            case .no: false
            default: nil
            }
        case .tree(let value): value.boolValue
        }
    }

    var integer: Int64? {
        switch self {
        case .part(let document, let number):
            document.parts[number].kind == .integer ? document.integer(document.parts[number]) : nil
        case .tree(let value): value.integerValue
        }
    }

    /// Of any number.
    var double: Double? {
        if let integer { return Double(integer) }
        switch self {
        case .part(let document, let number):
            return document.parts[number].kind == .double ? document.double(document.parts[number]) : nil
        case .tree(let value):
            guard case .double(let number) = value else { return nil }
            return number
        }
    }

    var string: String? {
        switch self {
        case .part(let document, let number):
            switch document.parts[number].kind {
            case .plainString, .string: document.string(document.parts[number])
            default: nil
            }
        case .tree(let value): value.stringValue
        }
    }

    var value: JSONValue {
        switch self {
        case .part(let document, let number): document.tree(number)
        case .tree(let value): value
        }
    }

    /// Of an object.
    var members: JSONMembers? {
        switch self {
        case .part(let document, let number):
            document.parts[number].kind == .object ? JSONMembers(document, number) : nil
        case .tree(let value): value.objectValue.map(JSONMembers.init)
        }
    }

    /// Of an array.
    var items: JSONItems? {
        switch self {
        case .part(let document, let number):
            document.parts[number].kind == .array ? JSONItems(document, number) : nil
        case .tree(let value): value.arrayValue.map(JSONItems.init)
        }
    }
}

/// The elements of an array, one after the other.
struct JSONItems {
    private enum Source {
        case part(JSONDocument)
        case tree([JSONValue])
    }

    private let source: Source
    private var place: Int
    private let end: Int
    let count: Int

    init(_ document: JSONDocument, _ number: Int) {
        let part = document.parts[number]
        source = .part(document)
        (place, end, count) = (number + 1, Int(part.next), Int(part.end))
    }

    init(_ items: [JSONValue]) {
        source = .tree(items)
        (place, end, count) = (0, items.count, items.count)
    }

    /// Nil at the end.
    var current: JSONNode? {
        guard place < end else { return nil }
        return switch source {
        case .part(let document): .part(document, place)
        case .tree(let items): .tree(items[place])
        }
    }

    mutating func advance() {
        switch source {
        case .part(let document): place = Int(document.parts[place].next)
        case .tree: place += 1
        }
    }
}

/// The members of an object. Whoever asks for those of a text in its order finds each at once.
final class JSONMembers {
    private enum Source {
        case part(JSONDocument, Int)
        case tree([String: JSONValue])
    }

    private let source: Source
    /// The key to look at first: the one after that which was found last.
    private var hint = 0

    init(_ document: JSONDocument, _ number: Int) {
        source = .part(document, number)
        hint = number + 1
    }

    init(_ members: [String: JSONValue]) { source = .tree(members) }

    /// The object itself.
    var object: JSONNode {
        switch source {
        case .part(let document, let number): .part(document, number)
        case .tree(let members): .tree(.object(members))
        }
    }

    var names: [String] {
        switch source {
        case .part(let document, let number): document.keys(of: number)
        case .tree(let members): Array(members.keys)
        }
    }

    subscript(name: String) -> JSONNode? {
        switch source {
        case .tree(let members): return members[name].map(JSONNode.tree)
        case .part(let document, let number):
            guard let key = document.key(name, of: number, from: hint) else { return nil }
            hint = Int(document.parts[key + 1].next)
            return .part(document, key + 1)
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// A value as JSON Schema compares it: 1 and 1.0 are equal, strings are equal when their code points are.
struct ExactValue: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ value: JSONValue) {
        bytes = Self.normal(value).canonical
    }

    /// Doubles that are integers become integers, everywhere within.
    private static func normal(_ value: JSONValue) -> JSONValue {
        switch value {
        case .double(let number): Int64(exactly: number).map(JSONValue.integer) ?? value
        case .array(let items): .array(items.map(normal))
        case .object(let members): .object(members.mapValues(normal))
        default: value
        }
    }
}

extension Dictionary where Key == String {
    /// The member with exactly these code points; Swift's own lookup also finds canonically equivalent spellings.
    func exact(_ name: String) -> Value? {
        guard let index = index(forKey: name), self[index].key.utf8.elementsEqual(name.utf8) else { return nil }
        return self[index].value
    }
}

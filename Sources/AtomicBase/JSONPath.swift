// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Where in a value a decoder or an encoder is, as a chain of keys: made for each part, read only for an error.
final class JSONPath {
    private let parent: JSONPath?
    private let key: any CodingKey

    init(_ parent: JSONPath?, _ key: any CodingKey) {
        self.parent = parent
        self.key = key
    }

    /// From the top down.
    static func keys(_ path: JSONPath?) -> [any CodingKey] {
        var keys: [any CodingKey] = []
        var next = path
        while let step = next {
            keys.append(step.key)
            next = step.parent
        }
        return keys.reversed()
    }
}

/// The key of an array's element.
struct JSONIndex: CodingKey {
    let index: Int
    init(intValue: Int) { index = intValue }
    init?(stringValue: String) { return nil }
    var stringValue: String { String(index) }
    var intValue: Int? { index }
}

/// The key of a dictionary's member.
struct JSONName: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
    var intValue: Int? { nil }
}

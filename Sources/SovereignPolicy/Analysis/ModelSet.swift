// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A set of numbers below a count: which of a policy's models something is true for.
struct ModelSet: Equatable, Sendable {
    private var words: [UInt64]

    private init(words: [UInt64]) { self.words = words }

    /// None of `count`.
    static func none(_ count: Int) -> ModelSet { ModelSet(words: Array(repeating: 0, count: (count + 63) / 64)) }

    /// All of `count`.
    static func all(_ count: Int) -> ModelSet {
        var words = Array(repeating: UInt64.max, count: (count + 63) / 64)
        if !count.isMultiple(of: 64) { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
        return ModelSet(words: words)
    }

    /// Those of `count` that `isMember` is true for.
    init(_ count: Int, where isMember: (Int) -> Bool) {
        self = .none(count)
        for number in 0..<count where isMember(number) { insert(number) }
    }

    mutating func insert(_ number: Int) { words[number / 64] |= 1 << UInt64(number % 64) }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    func contains(_ number: Int) -> Bool { words[number / 64] & 1 << UInt64(number % 64) != 0 }

    /// Its numbers, rising.
    var members: [Int] {
        var found: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                found.append(64 * index + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return found
    }

    mutating func formUnion(_ other: ModelSet) { for index in words.indices { words[index] |= other.words[index] } }

    mutating func formIntersection(_ other: ModelSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: ModelSet) { for index in words.indices { words[index] &= ~other.words[index] } }

    func subtracting(_ other: ModelSet) -> ModelSet {
        var result = self
        result.subtract(other)
        return result
    }

    func intersection(_ other: ModelSet) -> ModelSet {
        var result = self
        result.formIntersection(other)
        return result
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a featurizer makes of a message: small integers, so that likeness is the same number on every machine.
public struct FeatureVector: Hashable, Sendable {
    /// Longer vectors are refused: the sums below stay within 64 bits, and a plan within its time.
    public static let limit = 4_096

    public let values: [Int8]
    /// Sum of squares, at most 2^26.
    let square: Int64

    public init?(_ values: [Int64]) {
        guard (1...Self.limit).contains(values.count), values.allSatisfy({ (-127...127).contains($0) }) else {
            return nil
        }
        self.init(small: values.map { Int8($0) })
    }

    /// - Parameter values: 1 to ``limit`` of them.
    init(small values: [Int8]) {
        self.values = values
        square = values.reduce(0) { $0 + Int64($1) * Int64($1) }
    }

    /// A JSON array of integers from −127 to 127; nil for anything else.
    public init?(_ value: JSONValue?) {
        guard let items = value?.arrayValue else { return nil }
        let numbers = items.compactMap(\.integerValue)
        guard numbers.count == items.count else { return nil }
        self.init(numbers)
    }

    public var json: JSONValue { .array(values.map { .integer(Int64($0)) }) }

    /// The cosine of the angle between two vectors in 1e-9, cut off towards zero; nil when they have other lengths, and so
    /// come from other featurizers. A vector of zeros is like nothing.
    public func similarity(to other: FeatureVector) -> Int64? {
        guard values.count == other.values.count else { return nil }
        var dot: Int64 = 0
        for index in values.indices { dot += Int64(values[index]) * Int64(other.values[index]) }
        let length = Self.root(square * other.square)
        guard length > 0 else { return 0 }
        // |dot| ≤ 2^26, so the product stays below 2^56. The root is rounded down, so that the quotient may pass one.
        return min(max(dot * 1_000_000_000 / length, -1_000_000_000), 1_000_000_000)
    }

    /// floor(√n) for 0 ≤ n < 2^62, by Newton's method from above: no libm, whose last bit differs between machines.
    static func root(_ n: Int64) -> Int64 {
        guard n > 1 else { return n }
        var guess = Int64(1) << ((Int64(64 - n.leadingZeroBitCount) + 1) / 2)
        while true {
            let next = (guess + n / guess) / 2
            if next >= guess { return guess }
            guess = next
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

@testable import Adaptation

/// SplitMix64: the tests' own chance, reproducible.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func vector(_ length: Int = 8) -> FeatureVector {
        FeatureVector(small: (0..<length).map { _ in Int8(below(255) - 127) })
    }
}

enum Fixture {
    static let scope = MemoryScope(owners: ["owner-a"], class: "pii", purpose: "customer-support")

    static func entry(
        _ name: String, scope: MemoryScope = Fixture.scope, type: String = "spam", order: Int64,
        vector: FeatureVector? = nil
    ) -> LabelledMemory.Entry {
        .init(name: .sha256(Array(name.utf8)), scope: scope, type: type, order: order, vector: vector)
    }

    static func context(_ vector: FeatureVector?, scope: MemoryScope = Fixture.scope, attempt: Int64 = 1)
        -> ContextAnalyser.Context
    {
        .init(scope: scope, type: "spam", vector: vector, attempt: attempt)
    }

    /// Entries of several scopes and types, in no particular order.
    static func random(_ dice: inout Dice, count: Int) -> [LabelledMemory.Entry] {
        (0..<count).map { number in
            let scope = MemoryScope(
                owners: [["owner-a"], ["owner-b"], ["owner-b", "owner-a"]][dice.below(3)],
                class: ["pii", "internal"][dice.below(2)],
                purpose: ["customer-support", "research"][dice.below(2)])
            return entry(
                "entry \(number)", scope: scope, type: ["spam", "category"][dice.below(2)],
                order: Int64(dice.below(count)),
                vector: dice.below(5) == 0 ? nil : dice.vector(dice.below(9) == 0 ? 4 : 8))
        }
    }
}

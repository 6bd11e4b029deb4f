// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How hard a type of task is, and how dear, beside what its models usually do.
public struct TypeOffset: Codable, Hashable, Sendable {
    public private(set) var count: Int64 = 0
    /// Sum of outcomes less what their models usually reach, in 1e-9.
    public private(set) var surplus: Int64 = 0
    /// Metered cost, and what the same models usually cost, in money units.
    public private(set) var metered: Int64 = 0
    public private(set) var usual: Int64 = 0

    static let memory: Int64 = 65_536

    public init() {}

    mutating func add(surplus: Int64, metered: Int64, usual: Int64) {
        count += 1
        self.surplus += surplus
        self.metered += metered
        self.usual += usual
        guard count >= Self.memory else { return }
        count /= 2
        self.surplus = Fixed.quotient(self.surplus, 2)
        self.metered /= 2
        self.usual /= 2
    }

    /// What the type adds to a model's usual quality, in 1e-9.
    func quality(worth: Int64) -> Int64 {
        Fixed.share(surplus, 1_000, over: count * 1_000 + worth)
    }

    /// `cost` on this type, when it is that of a usual task: (metered · n + usual · w) / (usual · (n + w)) of it.
    func cost(of cost: Int64, worth: Int64) -> Int64 {
        guard count > 0, usual > 0 else { return cost }
        let scaled = Fixed.share(cost, metered, over: usual)
        let weight = count * 1_000 + worth
        return Fixed.share(scaled, count * 1_000, over: weight) + Fixed.share(cost, worth, over: weight)
    }
}

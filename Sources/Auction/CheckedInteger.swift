// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Integer steps that report overflow as an error: the award must neither trap nor wrap on hostile numbers.
enum Checked {
    /// Integers in a record stay exact in every JSON reader: ±(2^53 − 1).
    static let limit: Int64 = 9_007_199_254_740_991
    static let billion: Int64 = 1_000_000_000

    /// ceil(a * b / divisor) for a, b ≥ 0 and divisor > 0.
    @inline(__always)
    static func ceilProduct(_ a: Int64, _ b: Int64, over divisor: Int64, _ what: @autoclosure () -> String)
        throws(AuctionError) -> Int64
    {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        guard !overflow, a >= 0, b >= 0 else { throw .overflow(what()) }
        return try kept(product / divisor + (product % divisor == 0 ? 0 : 1), what())
    }

    /// floor(probability · value / 10^9) for a probability 0…10^9 and value ≥ 0, by a product of 128 bits: cannot overflow.
    @inline(__always)
    static func share(_ probability: Int64, of value: Int64) -> Int64 {
        let (small, overflow) = UInt64(value).multipliedReportingOverflow(by: UInt64(probability))
        if !overflow { return Int64(small / UInt64(billion)) }
        let product = UInt64(value).multipliedFullWidth(by: UInt64(probability))
        return Int64(UInt64(billion).dividingFullWidth(product).quotient)
    }

    /// ceil(a / divisor) for a ≥ 0 and divisor > 0; cannot overflow.
    @inline(__always)
    static func ceil(_ a: Int64, over divisor: Int64) -> Int64 {
        a / divisor + (a % divisor == 0 ? 0 : 1)
    }

    static func sum(_ a: Int64, _ b: Int64, _ what: @autoclosure () -> String) throws(AuctionError) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        guard !overflow else { throw .overflow(what()) }
        return try kept(sum, what())
    }

    /// Whether a record keeps the value exactly.
    @inline(__always)
    static func fits(_ value: Int64) -> Bool { value >= -limit && value <= limit }

    @inline(__always)
    static func kept(_ value: Int64, _ what: @autoclosure () -> String) throws(AuctionError) -> Int64 {
        guard fits(value) else { throw .overflow(what()) }
        return value
    }
}

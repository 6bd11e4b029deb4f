// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Integer steps of learning: fractions in 1e-9, products through 128 bits, everything rounded towards minus infinity, so
/// that another language with exact integers computes the same (`docs/auction.md`, "Learning").
enum Fixed {
    /// One, in 1e-9.
    static let one: Int64 = 1_000_000_000
    /// Results are held within ±2^62, so that a sum of two cannot leave 64 bits. The documented bounds keep them far below.
    static let limit: Int64 = 1 << 62

    /// floor(a · b / divisor) for divisor > 0.
    @inline(__always)
    static func share(_ a: Int64, _ b: Int64, over divisor: Int64) -> Int64 {
        let (small, overflow) = a.multipliedReportingOverflow(by: b)
        // Mostly the product fits, and a division of 64 bits takes a fraction of one of 128.
        if !overflow, small > -limit, small < limit { return quotient(small, divisor) }
        let product = a.magnitude.multipliedFullWidth(by: b.magnitude)
        let isNegative = (a < 0) != (b < 0)
        guard product.high < divisor.magnitude else { return isNegative ? -limit : limit }
        let (quotient, remainder) = divisor.magnitude.dividingFullWidth(product)
        guard quotient < UInt64(limit) else { return isNegative ? -limit : limit }
        return isNegative ? -Int64(quotient) - (remainder == 0 ? 0 : 1) : Int64(quotient)
    }

    /// floor(a · b) for fractions in 1e-9.
    @inline(__always)
    static func times(_ a: Int64, _ b: Int64) -> Int64 {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        // A division by a constant, where the product fits: most do.
        return overflow ? share(a, b, over: one) : quotient(product, one)
    }

    /// floor(a / divisor), towards minus infinity, for divisor > 0.
    @inline(__always)
    static func quotient(_ a: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// floor(√value) for value ≥ 0, by Newton's steps from above.
    static func root(_ value: Int64) -> Int64 {
        guard value > 1 else { return max(0, value) }
        // One step from a power of two within √2 of the root needs no division; it ends above the root, as every step does.
        let power = (64 - value.leadingZeroBitCount) / 2
        var estimate = ((value >> power) + (1 << power)) / 2 + 1
        while true {
            let next = (estimate + value / estimate) / 2
            if next >= estimate { return estimate }
            estimate = next
        }
    }

    /// The root of a fraction in 1e-9, in 1e-9.
    static func rootOfFraction(_ value: Int64) -> Int64 { root(min(max(0, value), 4 * one) * one) }

    /// A fraction moved by a step, and bent where it would leave 0…1, so that of two that are nearly sure one stays surer.
    ///
    /// With e = min(0.02, 1 − value), a result r above 1 − e becomes 1 − e² / (r − 1 + 2e); below likewise.
    static func moved(_ value: Int64, by step: Int64) -> Int64 {
        step < 0 ? one - raised(one - value, by: -step) : raised(value, by: step)
    }

    private static func raised(_ value: Int64, by step: Int64) -> Int64 {
        let edge = min(one / 50, one - value)
        let result = value + step
        guard result > one - edge else { return result }
        return edge <= 0 ? one : one - share(edge, edge, over: result - one + 2 * edge)
    }

    static func fraction(_ value: Int64) -> Int64 { min(one, max(0, value)) }
}

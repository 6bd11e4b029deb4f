// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The 16 logarithmic steps in which bidders speak; a step counts as its upper bound (`docs/auction.md`).
public enum LogSteps {
    /// Upper bound of each cost step in micro-units of the room's currency; the same numbers are the latency steps in milliseconds.
    public static let upperBounds: [Int64] = [
        1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000,
        30_000_000,
    ]

    /// The upper bound of a step, or nil when there is no such step.
    public static func upperBound(_ step: Int) -> Int64? {
        upperBounds.indices.contains(step) ? upperBounds[step] : nil
    }

    /// The first step whose upper bound is not below `value`; nil when `value` is negative or above the last step.
    public static func step(for value: Int64) -> Int? {
        guard value >= 0 else { return nil }
        return upperBounds.firstIndex { $0 >= value }
    }

    /// The step in which a bidder is told an input's length: the first k with `bytes` ≤ 256 · 4^k, at most 15.
    public static func lengthStep(bytes: Int64) -> Int {
        (0..<15).first { bytes <= lengthUpperBound($0) } ?? 15
    }

    /// Upper bound in bytes of a length step 0…15.
    public static func lengthUpperBound(_ step: Int) -> Int64 {
        256 << (2 * Int64(Swift.min(Swift.max(step, 0), 15)))
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How often the labelled examples that a model can be shown have doubled since it answered: with each doubling what it did
/// before counts half.
public enum ExampleGrowth {
    /// More doublings than this count as this many: who was wrong all the time stays known for it.
    static let most: Int64 = 3

    public static func doublings(from then: Int64, to now: Int64) -> Int64 {
        min(max(width(now) - width(then), 0), most)
    }

    /// Binary digits of a count: it grows by one with each doubling.
    private static func width(_ count: Int64) -> Int64 { Int64(Int64.bitWidth - max(0, count).leadingZeroBitCount) }
}

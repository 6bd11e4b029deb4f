// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Values in order, with quantiles by nearest rank: the q-quantile is the smallest value that at least q of all values do
/// not exceed. It is always a value that was measured, and with few values the 99th percentile is the largest.
public struct Quantiles: Sendable, Equatable {
    public let sorted: [Int64]

    public init(_ values: some Sequence<Int64>) { sorted = values.sorted() }

    /// - Parameter percent: 1…100.
    public func at(percent: Int) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        let rank = (sorted.count * percent + 99) / 100
        return sorted[min(sorted.count, max(1, rank)) - 1]
    }
}

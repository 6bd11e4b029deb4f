// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Measured values of one thing, in one unit.
public struct Samples: Sendable {
    /// Which way is better decides what the bad tail is.
    public enum Better: Sendable { case low, high }

    private let sorted: [Double]
    private let better: Better

    public init(_ values: [Double], better: Better = .low) {
        sorted = better == .low ? values.sorted() : values.sorted(by: >)
        self.better = better
    }

    public var p50: Double { at(0.50) }

    /// The value that 99 of 100 are at least as good as: for a rate this is its slow end.
    public var p99: Double { at(0.99) }

    private func at(_ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
    }
}

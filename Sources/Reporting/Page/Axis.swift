// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// Where a value lies on an axis, and which values the axis names.
struct Axis {
    let isLogarithmic: Bool
    let low: Double
    let high: Double
    /// Coordinates of the ends.
    let from: Double
    let to: Double

    /// Linear from `low` to `high`.
    init(linear low: Double, _ high: Double, from: Double, to: Double) {
        (isLogarithmic, self.low, self.high) = (false, low, high > low ? high : low + 1)
        (self.from, self.to) = (from, to)
    }

    /// Logarithmic over whole decades that hold the values, which are above 0.
    init(decadesOf values: [Double], from: Double, to: Double) {
        let first = floor(log10(values.min() ?? 1))
        let last = ceil(log10(values.max() ?? 10))
        (isLogarithmic, low, high) = (true, first, max(first + 1, last))
        (self.from, self.to) = (from, to)
    }

    func at(_ value: Double) -> Double {
        let place = isLogarithmic ? log10(max(value, pow(10, low))) : value
        return from + (to - from) * min(1, max(0, (place - low) / (high - low)))
    }

    /// Values with a line: powers of ten, or about five round steps.
    var ticks: [Double] {
        if isLogarithmic { return stride(from: low, through: high, by: 1).map { pow(10, $0) } }
        let raw = (high - low) / 5
        let power = pow(10, floor(log10(raw)))
        let step = ([1, 2, 5, 10].first { $0 * power >= raw * 0.999 } ?? 10) * power
        return stride(from: ceil(low / step) * step, through: high * 1.000_001, by: step).map { $0 }
    }
}

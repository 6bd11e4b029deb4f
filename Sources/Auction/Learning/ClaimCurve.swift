// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a straight slope of claims gets wrong: how outcomes differed from forecasts, by how high the forecast was.
public struct ClaimCurve: Codable, Hashable, Sendable {
    static let bins = 16
    /// Outcomes per bin, and the sum of how much better they were than forecast, in 1e-9.
    public private(set) var counts = [Int64](repeating: 0, count: ClaimCurve.bins)
    public private(set) var surpluses = [Int64](repeating: 0, count: ClaimCurve.bins)

    public init() {}

    /// - Parameters: 0…1 in 1e-9.
    mutating func add(forecast: Int64, outcome: Int64) {
        let bin = Int(min(Int64(Self.bins) - 1, Fixed.fraction(forecast) * Int64(Self.bins) / Fixed.one))
        counts[bin] += 1
        surpluses[bin] += outcome - forecast
    }

    mutating func halve() {
        for bin in counts.indices {
            counts[bin] /= 2
            surpluses[bin] = Fixed.quotient(surpluses[bin], 2)
        }
    }

    /// What the curve adds to a forecast, in 1e-9: on a line from the middle of one bin to that of the next.
    ///
    /// - Parameter worth: each bin's mean is shrunk to 0 as by so many thousandths of an outcome.
    func correction(of forecast: Int64, worth: Int64) -> Int64 {
        let width = Fixed.one / Int64(Self.bins)
        let last = Int64(Self.bins) - 1
        let place = min(max(0, Fixed.fraction(forecast) - width / 2), last * width)
        let bin = Int(min(place / width, last - 1))
        let share = place - Int64(bin) * width
        let (low, high) = (mean(bin, worth), mean(bin + 1, worth))
        return low + Fixed.share(high - low, share, over: width)
    }

    private func mean(_ bin: Int, _ worth: Int64) -> Int64 {
        Fixed.share(surpluses[bin], 1_000, over: counts[bin] * 1_000 + worth)
    }
}

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

    /// The bins' means, each shrunk to 0 as by `worth` thousandths of an outcome.
    func means(worth: Int64) -> ClaimCurveMeans {
        ClaimCurveMeans(values: InlineArray { mean($0, worth) })
    }

    private func mean(_ bin: Int, _ worth: Int64) -> Int64 {
        Fixed.share(surpluses[bin], 1_000, over: counts[bin] * 1_000 + worth)
    }
}

/// What a curve adds to forecasts.
struct ClaimCurveMeans: Sendable {
    let values: InlineArray<16, Int64>

    /// In 1e-9: on a line from the middle of one bin to that of the next.
    func correction(of forecast: Int64) -> Int64 {
        let width = Fixed.one / Int64(ClaimCurve.bins)
        let last = Int64(ClaimCurve.bins) - 1
        let place = min(max(0, Fixed.fraction(forecast) - width / 2), last * width)
        let bin = Int(min(place / width, last - 1))
        let share = place - Int64(bin) * width
        let (low, high) = (values[bin], values[bin + 1])
        return low + Fixed.share(high - low, share, over: width)
    }
}

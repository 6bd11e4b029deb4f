// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How often something was right, with the Wilson score interval at 95 %.
///
/// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927): unlike the textbook
/// interval it stays within 0…1 and is not empty when everything was right.
public struct Proportion: Codable, Equatable, Sendable {
    public let right: Int
    /// Of how many.
    public let of: Int
    /// 1e-9.
    public let rate: Int64
    /// Ends of the interval, 1e-9.
    public let low: Int64
    public let high: Int64

    /// Nil when nothing was counted: there is no rate of nothing.
    public init?(right: Int, of count: Int) {
        guard count > 0, (0...count).contains(right) else { return nil }
        let (n, p, z) = (Double(count), Double(right) / Double(count), 1.959_963_984_540_054)
        let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        func nano(_ value: Double) -> Int64 { Int64((min(1, max(0, value)) * 1e9).rounded()) }
        self.right = right
        of = count
        rate = nano(p)
        low = right == 0 ? 0 : nano(middle - half)
        high = right == count ? 1_000_000_000 : nano(middle + half)
    }

    init?(_ outcomes: some Sequence<Bool>) {
        let outcomes = Array(outcomes)
        self.init(right: outcomes.count { $0 }, of: outcomes.count)
    }
}

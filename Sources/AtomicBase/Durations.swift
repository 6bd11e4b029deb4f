// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Durations as people write them, in nanoseconds.
public enum Durations {
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ]

    /// From a whole number and a unit `ms s m h d`, for example `30s`; nil for anything else or above 292 years.
    public static func parse(_ text: String) -> Int64? {
        for unit in units where text.hasSuffix(unit.suffix) {
            let digits = text.dropLast(unit.suffix.count)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let count = Int64(digits)
            else { continue }
            let (value, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            return overflow ? nil : value
        }
        return nil
    }
}

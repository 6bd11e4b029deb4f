// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How long at least one of many overlapping spans lasted.
enum BusyTime {
    /// Nanoseconds of the union.
    static func union(_ spans: some Sequence<(start: Int64, end: Int64)>) -> Int64 {
        var total: Int64 = 0
        var open: (start: Int64, end: Int64)?
        for span in spans.sorted(by: { $0.start < $1.start }) where span.end > span.start {
            if let current = open, span.start <= current.end {
                open = (current.start, max(current.end, span.end))
            } else {
                if let current = open { total += current.end - current.start }
                open = span
            }
        }
        if let current = open { total += current.end - current.start }
        return total
    }
}

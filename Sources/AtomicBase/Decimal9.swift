// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Decimals as integers in 1e-9, so that nothing on a decision path is a floating-point number.
public enum Decimal9 {
    public static let one: Int64 = 1_000_000_000

    /// From a plain decimal: optional minus, digits, optionally a point and one to nine digits. No exponent.
    public static func parse(_ text: String) -> Int64? {
        var bytes = Array(text.utf8)[...]
        let negative = bytes.first == 0x2d
        if negative { bytes = bytes.dropFirst() }
        let parts = bytes.split(separator: 0x2e, omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 2, let whole = parts.first, !whole.isEmpty,
            whole.count == 1 || whole.first != 0x30
        else { return nil }
        var value: Int64 = 0
        func push(_ digit: UInt8) -> Bool {
            guard (0x30...0x39).contains(digit) else { return false }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = scaled.addingReportingOverflow(Int64(digit - 0x30))
            value = sum
            return !overflow && !carried
        }
        for digit in whole { guard push(digit) else { return nil } }
        let fraction = parts.count == 2 ? parts[1] : []
        if parts.count == 2 { guard (1...9).contains(fraction.count) else { return nil } }
        for digit in fraction { guard push(digit) else { return nil } }
        for _ in fraction.count..<9 { guard push(0x30) else { return nil } }
        return negative ? -value : value
    }

    /// The shortest plain decimal that ``parse(_:)`` reads back.
    public static func format(_ value: Int64) -> String {
        let whole = value.magnitude / 1_000_000_000
        let digits = String(value.magnitude % 1_000_000_000)
        var fraction = String(repeating: "0", count: 9 - digits.count) + digits
        while fraction.last == "0" { fraction.removeLast() }
        return "\(value < 0 ? "-" : "")\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }
}

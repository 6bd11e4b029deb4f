// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Quantities as a person reads them.
enum Shown {
    /// `0.4 ms`, `37 ms`, `1.25 s`, `4 min 05 s`.
    static func time(_ nanoseconds: Int64) -> String {
        let tenths = (nanoseconds + 50_000) / 100_000
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10) ms" }
        let ms = (nanoseconds + 500_000) / 1_000_000
        if ms < 1_000 { return "\(ms) ms" }
        if ms < 100_000 { return decimal(Double(ms) / 1_000, places: ms < 10_000 ? 2 : 1) + " s" }
        let seconds = (ms + 500) / 1_000
        return "\(seconds / 60) min \(seconds % 60 < 10 ? "0" : "")\(seconds % 60) s"
    }

    static func time(_ nanoseconds: String) -> String { time(Int64(nanoseconds) ?? 0) }

    /// Micro-units as a decimal.
    static func money(_ micro: Int64) -> String { Money(micro: micro).description }

    /// 1e-9 as whole percent, with one decimal where whole ones would hide a difference from 0 or 100.
    static func percent(_ nano: Int64) -> String {
        let whole = (nano + 5_000_000) / 10_000_000
        guard (whole == 0 && nano > 0) || (whole == 100 && nano < 1_000_000_000) || (1...99_000_000).contains(nano)
        else { return "\(whole) %" }
        let tenths = min(nano + 500_000, 999_000_000) / 1_000_000
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// `97 % (140/144, 93–99)`.
    static func accuracy(_ proportion: Proportion?) -> String {
        guard let proportion else { return "-" }
        let (low, high) = (proportion.low / 10_000_000, (proportion.high + 9_999_999) / 10_000_000)
        return "\(percent(proportion.rate)) (\(low)–\(high))  \(proportion.right)/\(proportion.of)"
    }

    static func bytes(_ count: Int64) -> String {
        count < 1 << 20 ? "\((count + 1_023) >> 10) KiB" : "\((count + (1 << 20) - 1) >> 20) MiB"
    }

    /// `timeout 3, schema 1`.
    static func counts(_ counts: [String: Int]) -> String {
        counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    /// `1 message`, `2 messages`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Rounded half away from zero, in plain digits.
    static func decimal(_ value: Double, places: Int) -> String {
        var scale: Int64 = 1
        for _ in 0..<places { scale *= 10 }
        let whole = Int64((abs(value) * Double(scale)).rounded())
        let digits = String(whole % scale)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(whole)" }
        return "\(sign)\(whole / scale).\(String(repeating: "0", count: places - digits.count))\(digits)"
    }
}

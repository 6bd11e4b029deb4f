// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Formatting for people, without Foundation and without floating point.
enum Text {
    static func head<T>(_ items: [T], _ count: Int) -> [T] { Array(items.prefix(count)) }

    static func rest(_ count: Int) -> [String] { count > 0 ? ["    … and \(count) more"] : [] }

    /// `value` in 10^-unit with `places` decimals, rounded half away from zero.
    static func fixed(_ value: Int64, _ places: Int, unit: Int = 9) -> String {
        var divisor: UInt64 = 1
        for _ in 0..<(unit - places) { divisor *= 10 }
        let rounded = (value.magnitude + divisor / 2) / divisor
        var digits = String(rounded)
        while digits.utf8.count <= places { digits = "0" + digits }
        let sign = value < 0 && rounded > 0 ? "-" : ""
        return places == 0 ? sign + digits : "\(sign)\(digits.dropLast(places)).\(digits.suffix(places))"
    }

    /// Milliseconds below a second, tenths below ten, whole seconds above.
    static func time(_ milliseconds: Int64) -> String {
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        return "\(fixed(milliseconds, milliseconds < 10_000 ? 1 : 0, unit: 3)) s"
    }

    static func size(_ bytes: Int64) -> String {
        for (unit, shift) in [("GiB", Int64(30)), ("MiB", 20), ("KiB", 10)] where bytes >> shift > 0 {
            return "\(bytes >> shift) \(unit)"
        }
        return "\(bytes) bytes"
    }

    /// Printable ASCII, at most `width` columns; the last one says that something is missing.
    static func clip(_ text: String, _ width: Int) -> String {
        let safe = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0x20...0x7e).contains(scalar.value) || scalar == "…" ? scalar : "?"
                }))
        return safe.unicodeScalars.count <= width ? safe : safe.prefix(width - 1) + "…"
    }

    static func pad(_ text: String, _ width: Int) -> String {
        let clipped = clip(text, width)
        return clipped + String(repeating: " ", count: width - clipped.unicodeScalars.count)
    }

    static func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.unicodeScalars.count)) + text
    }
}

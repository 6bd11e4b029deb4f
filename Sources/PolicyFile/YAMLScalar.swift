// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What a plain (unquoted) scalar means. Whatever YAML 1.1, YAML 1.2 and JSON read differently is refused, so that
/// nobody's `NO` for Norway becomes false and nobody's `010` becomes eight.
enum YAMLScalar {
    static func resolve(plain text: String, at place: YAMLPlace) throws(PolicyFileError) -> YAMLNode.Content {
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "", "~", "null", "Null", "NULL":
            throw place.refusing(
                "null", found: text.isEmpty ? "no value" : text, allowed: "a value",
                remedy: "remove the key, or write \"\" for an empty string")
        default: break
        }
        if isImplicitBoolean(text) {
            throw place.refusing(
                "ambiguous", found: "\(text), which some YAML readers take for true or false",
                allowed: "true, false, or \"\(text)\" in quotes for the string")
        }
        let bytes = Array(text.utf8)
        if isInteger(bytes) {
            guard let value = Int64(text) else {
                throw place.refusing("range", found: text, allowed: "integers of 64 bits")
            }
            return .integer(value)
        }
        if isDecimal(bytes) {
            guard let value = Decimal9.parse(text) else {
                throw place.refusing(
                    "range", found: text, allowed: "decimals with at most nine places, below 9223372036")
            }
            return .decimal(value)
        }
        if isOtherNumber(bytes) {
            throw place.refusing(
                "ambiguous", found: "\(quoted(text)), which some YAML readers take for a number",
                allowed: "a plain integer, or the string in quotes")
        }
        return .string(text)
    }

    /// The booleans of YAML 1.1 (yaml.org/type/bool.html) other than `true` and `false`.
    private static func isImplicitBoolean(_ text: String) -> Bool {
        guard text.utf8.count <= 5 else { return false }
        return ["y", "yes", "n", "no", "true", "false", "on", "off"].contains(text.lowercased())
    }

    /// `0`, or digits without a leading zero, with an optional minus; never `-0`.
    private static func isInteger(_ bytes: [UInt8]) -> Bool {
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return false }
        return digits.first != UInt8(ascii: "0") || (bytes.count == 1)
    }

    /// An integer part as above (or 0) and at least one decimal place.
    private static func isDecimal(_ bytes: [UInt8]) -> Bool {
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return false }
        return parts[0].first != UInt8(ascii: "0") || parts[0].count == 1
    }

    /// Everything else that YAML 1.1 or 1.2 resolves to a number: other radices, underscores, signs, exponents, leading
    /// zeros and points, infinities, sexagesimals.
    private static func isOtherNumber(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard let first = rest.first else { return false }
        if [".inf", ".nan"].contains(String(decoding: rest, as: UTF8.self).lowercased()) { return true }
        let pointThenDigit = first == UInt8(ascii: ".") && rest.dropFirst().first.map(isDigit) == true
        guard isDigit(first) || pointThenDigit else { return false }
        if first == UInt8(ascii: "0"), let radix = rest.dropFirst().first, rest.count > 2 {
            let tail = rest.dropFirst(2)
            if radix == UInt8(ascii: "x"), tail.allSatisfy({ isHex($0) || $0 == UInt8(ascii: "_") }) { return true }
            if radix == UInt8(ascii: "o") || radix == UInt8(ascii: "b"), tail.allSatisfy(isDigitOrUnderscore) {
                return true
            }
        }
        // Sexagesimals: groups of one or two digits after the first, with an optional fraction in the last.
        let groups = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        if groups.count > 1 {
            return groups.dropFirst().allSatisfy { group in
                let whole = group.prefix { $0 != UInt8(ascii: ".") }
                return (1...2).contains(whole.count) && group.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
            } && groups[groups.startIndex].allSatisfy(isDigitOrUnderscore)
        }
        return isFloat(rest)
    }

    /// Digits and underscores, at most one point, an optional exponent at the end.
    private static func isFloat(_ bytes: ArraySlice<UInt8>) -> Bool {
        let mantissa = bytes.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        var exponent = bytes.dropFirst(mantissa.count)
        guard mantissa.allSatisfy({ isDigitOrUnderscore($0) || $0 == UInt8(ascii: ".") }) else { return false }
        guard mantissa.count(where: { $0 == UInt8(ascii: ".") }) <= 1 else { return false }
        if exponent.isEmpty { return true }
        exponent = exponent.dropFirst()
        if let sign = exponent.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            exponent = exponent.dropFirst()
        }
        return !exponent.isEmpty && exponent.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "_") }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
    }
}

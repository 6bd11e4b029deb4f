// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// A finite decimal number, digits · 10^exponent: enough of arithmetic to judge `multipleOf` and bounds exactly.
struct ExactDecimal: Sendable {
    let negative: Bool
    /// At most 20 digits, no trailing zeros unless it is zero.
    let digits: UInt128
    let exponent: Int

    /// nil unless the value is a number. A double stands for its shortest decimal form, which is what its author wrote.
    init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self.init(text: String(number))
        case .double(let number): self.init(text: number.description)
        default: return nil
        }
    }

    private init?(text: String) {
        var digits: UInt128 = 0
        var exponent = 0
        var afterPoint = false
        var negative = false
        var rest = Substring(text)
        if rest.first == "-" {
            negative = true
            rest = rest.dropFirst()
        }
        while let character = rest.first, character != "e" {
            rest = rest.dropFirst()
            if character == "." {
                afterPoint = true
            } else if let digit = character.wholeNumberValue {
                digits = digits * 10 + UInt128(digit)
                if afterPoint { exponent -= 1 }
            } else {
                return nil
            }
        }
        if rest.first == "e" {
            guard let power = Int(rest.dropFirst()) else { return nil }
            exponent += power
        }
        while digits != 0, digits % 10 == 0 {
            digits /= 10
            exponent += 1
        }
        self.negative = negative
        self.digits = digits
        self.exponent = digits == 0 ? 0 : exponent
    }

    var isInteger: Bool { exponent >= 0 }

    /// Whether self is `divisor` times an integer, exactly.
    func isMultiple(of divisor: ExactDecimal) -> Bool {
        if digits == 0 { return true }
        let shift = exponent - divisor.exponent
        if shift >= 0 {
            // digits · 10^shift mod divisor.digits, both below 2^67, so products stay within 134 bits: reduce first.
            var remainder = digits % divisor.digits
            for _ in 0..<shift {
                remainder = remainder * 10 % divisor.digits
                if remainder == 0 { return true }
            }
            return remainder == 0
        }
        // The divisor ends in more zeros than self, whose digits have none left to give.
        return false
    }

    /// -1, 0 or 1.
    static func compare(_ a: ExactDecimal, _ b: ExactDecimal) -> Int {
        let signs = (a.sign, b.sign)
        if signs.0 != signs.1 { return signs.0 < signs.1 ? -1 : 1 }
        if signs.0 == 0 { return 0 }
        return signs.0 * compareMagnitudes(a, b)
    }

    private var sign: Int { digits == 0 ? 0 : negative ? -1 : 1 }

    private static func compareMagnitudes(_ a: ExactDecimal, _ b: ExactDecimal) -> Int {
        let (textA, textB) = (Array(String(a.digits).utf8), Array(String(b.digits).utf8))
        let places = (textA.count + a.exponent, textB.count + b.exponent)
        if places.0 != places.1 { return places.0 < places.1 ? -1 : 1 }
        for index in 0..<max(textA.count, textB.count) {
            let left = index < textA.count ? textA[index] : 0x30
            let right = index < textB.count ? textB[index] : 0x30
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }
}

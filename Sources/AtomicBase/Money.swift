// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// An amount in micro-units of the room's one currency; an integer in JSON.
public struct Money: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let micro: Int64

    public init(micro: Int64) { self.micro = micro }

    /// From a written amount such as `0.05 EUR`: at most six decimals, an upper-case ISO 4217 code.
    public static func parse(_ text: String) throws(BaseError) -> (amount: Money, currency: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 3, parts[1].utf8.allSatisfy({ (0x41...0x5a).contains($0) }),
            let nano = Decimal9.parse(String(parts[0])), nano >= 0, nano.isMultiple(of: 1_000)
        else {
            throw BaseError(
                .format, "“\(text)” is not an amount",
                remedy: "write a decimal with at most six places, a space and a currency, such as 0.05 EUR")
        }
        return (Money(micro: nano / 1_000), String(parts[1]))
    }

    /// The amount as a decimal with six places, without a currency.
    public var description: String {
        let digits = String(micro.magnitude % 1_000_000)
        let sign = micro < 0 ? "-" : ""
        return "\(sign)\(micro.magnitude / 1_000_000).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
    }

    public static func < (left: Money, right: Money) -> Bool { left.micro < right.micro }

    public init(from decoder: any Decoder) throws {
        micro = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(micro)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A duration in nanoseconds; in JSON a decimal string, because it may pass 2^53.
public struct Nanoseconds: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let value: Int64

    public init(_ value: Int64) { self.value = value }

    public var description: String { String(value) }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Int64(text), String(value) == text else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a duration is a decimal string of nanoseconds")
        }
        self.value = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(value))
    }
}

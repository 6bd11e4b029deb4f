// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Bytes, with K, M or G for powers of 1024.
package struct ByteSize: Sendable, CustomStringConvertible {
    package let bytes: UInt64

    package init(_ bytes: UInt64) { self.bytes = bytes }

    package init?(argument: String) {
        let factors: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let factor = argument.last.flatMap { factors[$0] }
        guard let number = UInt64(factor == nil ? argument : String(argument.dropLast())), number > 0 else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor ?? 1)
        guard !overflow, bytes < 1 << 62 else { return nil }
        self.bytes = bytes
    }

    package var description: String {
        for (name, size) in [("G", UInt64(1) << 30), ("M", 1 << 20), ("K", 1 << 10)] where bytes % size == 0 {
            return "\(bytes / size)\(name)"
        }
        return "\(bytes)"
    }
}

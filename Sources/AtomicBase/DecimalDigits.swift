// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

extension [UInt8] {
    /// Appends a number in decimal, with a minus where it is below zero.
    public mutating func appendDecimal(_ number: Int64) {
        if number < 0 { append(0x2d) }
        appendDecimal(number.magnitude)
    }

    /// Appends the decimal digits of a number.
    public mutating func appendDecimal(_ number: UInt64) {
        // SAFETY: 20 bytes hold any number of 64 bits; those from `start` on were written.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var start = 20
            repeat {
                start -= 1
                unsafe digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            unsafe append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }
}

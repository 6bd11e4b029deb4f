// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The parts of canonical JSON, written into a buffer whose room is known: one look at it for many of them.
extension OutputSpan<UInt8> {
    @inline(__always)
    mutating func literal(_ text: StaticString) {
        // SAFETY: the literal lends its UTF-8 for the call.
        text.withUTF8Buffer { unsafe copy($0) }
    }

    /// A string in quotes; false, and nothing written, where something in it has to be escaped.
    mutating func string(_ text: String) -> Bool {
        var text = text
        // SAFETY: the text lends its UTF-8 for the call.
        return text.withUTF8 { letters in
            if unsafe letters.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }) { return false }
            append(0x22)
            unsafe copy(letters)
            append(0x22)
            return true
        }
    }

    @inline(__always)
    private mutating func copy(_ letters: UnsafeBufferPointer<UInt8>) {
        precondition(freeCapacity >= letters.count)
        // SAFETY: there is room for so many bytes, and neither pointer leaves its call.
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            _ = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...]).update(fromContentsOf: letters)
            count += letters.count
        }
    }

    mutating func integer(_ value: Int64) {
        if value < 0 { append(0x2d) }
        digits(value.magnitude)
    }

    private mutating func digits(_ number: UInt64) {
        if number < 10 { return append(0x30 + UInt8(truncatingIfNeeded: number)) }
        if number >= 100_000_000 {
            digits(number / 100_000_000)
            return put(Self.eightDigits(number % 100_000_000), last: 8)
        }
        // Counted beside the digits and not from them, so that where the next number begins does not wait for these.
        var (count, power): (Int, UInt64) = (2, 100)
        for _ in 0..<6 {
            count += number >= power ? 1 : 0
            power &*= 10
        }
        put(Self.eightDigits(number), last: count)
    }

    /// The eight decimal digits of a number below 10^8, a byte each, the first one lowest: pairs of four, of two and of one.
    private static func eightDigits(_ number: UInt64) -> UInt64 {
        var word = number / 10_000 | (number % 10_000) << 32
        let hundreds = ((word &* 10_486) >> 20) & 0x0000_007f_0000_007f
        word = hundreds | (word &- hundreds &* 100) << 16
        let tens = ((word &* 103) >> 10) & 0x000f_000f_000f_000f
        return tens | (word &- tens &* 10) << 8
    }

    /// Writes the last `count` of eight digits.
    @inline(__always)
    private mutating func put(_ digits: UInt64, last count: Int) {
        precondition(freeCapacity >= 8)
        let text = (digits | 0x3030_3030_3030_3030) &>> UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        // SAFETY: there is room for eight bytes; those that count are initialized.
        unsafe withUnsafeMutableBufferPointer { buffer, filled in
            unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: text.littleEndian, toByteOffset: filled, as: UInt64.self)
            filled += count
        }
    }

    mutating func hex(_ digest: Digest) { digest.appendHex(to: &self) }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// RFC 4648 §4 base64, canonical: padded, no line breaks, unused bits zero.
public enum Base64 {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let reverse: [UInt8] = {
        var table = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let source = Array(bytes)
        let alphabet = alphabet
        let length = (source.count + 2) / 3 * 4
        // SAFETY: four characters are written for each three bytes begun, which is the capacity asked for.
        return unsafe String(unsafeUninitializedCapacity: length) { out in
            var place = 0
            func write(_ group: UInt32, _ characters: Int) {
                for character in 0..<4 {
                    unsafe out[place + character] =
                        character < characters ? alphabet[Int(group >> UInt32(18 - 6 * character) & 63)] : 0x3d
                }
                place += 4
            }
            let whole = source.count / 3 * 3
            for start in stride(from: 0, to: whole, by: 3) {
                write(UInt32(source[start]) << 16 | UInt32(source[start + 1]) << 8 | UInt32(source[start + 2]), 4)
            }
            switch source.count - whole {
            case 1: write(UInt32(source[whole]) << 16, 2)
            case 2: write(UInt32(source[whole]) << 16 | UInt32(source[whole + 1]) << 8, 3)
            default: break
            }
            return length
        }
    }

    /// The bytes, or nil unless `text` is exactly what ``encode(_:)`` makes of them.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let source = Array(text.utf8)
        guard source.count.isMultiple(of: 4) else { return nil }
        if source.isEmpty { return [] }
        let padding = source.last == 0x3d ? (source[source.count - 2] == 0x3d ? 2 : 1) : 0
        let reverse = reverse
        let whole = padding > 0 ? source.count - 4 : source.count
        // Only what is no character of the alphabet has the top bit.
        var seen: UInt8 = 0
        func value(_ place: Int) -> UInt32 {
            let value = reverse[Int(source[place])]
            seen |= value
            return UInt32(value)
        }
        let length = source.count / 4 * 3 - padding
        // SAFETY: three bytes are written for each four whole characters and the rest for the last four, which is the capacity.
        let out = unsafe [UInt8](unsafeUninitializedCapacity: length) { out, count in
            count = length
            var place = 0
            for start in stride(from: 0, to: whole, by: 4) {
                let group = value(start) << 18 | value(start + 1) << 12 | value(start + 2) << 6 | value(start + 3)
                unsafe out[place] = UInt8(truncatingIfNeeded: group >> 16)
                unsafe out[place + 1] = UInt8(truncatingIfNeeded: group >> 8)
                unsafe out[place + 2] = UInt8(truncatingIfNeeded: group)
                place += 3
            }
            guard padding > 0 else { return }
            let group = value(whole) << 18 | value(whole + 1) << 12 | (padding == 1 ? value(whole + 2) << 6 : 0)
            // Bits that no byte uses are zero.
            if group & (padding == 1 ? 0xff : 0xffff) != 0 { seen |= 0x80 }
            unsafe out[place] = UInt8(truncatingIfNeeded: group >> 16)
            if padding == 1 { unsafe out[place + 1] = UInt8(truncatingIfNeeded: group >> 8) }
        }
        return seen < 0x80 ? out : nil
    }
}

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
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                for shift in [18, 12, 6, 0] { out.append(alphabet[Int(group >> UInt32(shift) & 63)]) }
                group = 0
                held = 0
            }
        }
        if held == 1 {
            out.append(alphabet[Int(group >> 2 & 63)])
            out.append(alphabet[Int(group << 4 & 63)])
            out.append(contentsOf: [0x3d, 0x3d])
        } else if held == 2 {
            out.append(alphabet[Int(group >> 10 & 63)])
            out.append(alphabet[Int(group >> 4 & 63)])
            out.append(alphabet[Int(group << 2 & 63)])
            out.append(0x3d)
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes, or nil unless `text` is exactly what ``encode(_:)`` makes of them.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let source = Array(text.utf8)
        guard source.count.isMultiple(of: 4) else { return nil }
        if source.isEmpty { return [] }
        let padding = source.last == 0x3d ? (source[source.count - 2] == 0x3d ? 2 : 1) : 0
        var out: [UInt8] = []
        out.reserveCapacity(source.count / 4 * 3)
        var group: UInt32 = 0
        for (index, character) in source.dropLast(padding).enumerated() {
            let value = reverse[Int(character)]
            guard value != 0xff else { return nil }
            group = group << 6 | UInt32(value)
            if index % 4 == 3 {
                out.append(UInt8(truncatingIfNeeded: group >> 16))
                out.append(UInt8(truncatingIfNeeded: group >> 8))
                out.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        if padding == 1 {
            guard group & 3 == 0 else { return nil }
            out.append(UInt8(truncatingIfNeeded: group >> 10))
            out.append(UInt8(truncatingIfNeeded: group >> 2))
        } else if padding == 2 {
            guard group & 15 == 0 else { return nil }
            out.append(UInt8(truncatingIfNeeded: group >> 4))
        }
        return out
    }
}

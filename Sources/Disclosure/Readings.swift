// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a text may mean to whoever takes off a simple encoding: URL escapes, hexadecimal, base64 of both alphabets, and
/// reading it backwards.
enum Readings {
    /// Calls `body` with the text and with everything that up to `depth` encodings hide in it.
    static func visit(_ text: [UInt8], depth: Int, _ body: ([UInt8]) -> Void) {
        body(text)
        guard depth > 0 else { return }
        if text.contains(0x25) { visit(unescaped(text), depth: depth - 1, body) }
        visit(text.reversed(), depth: depth - 1, body)
        // Where a run begins nobody knows: each alignment is tried.
        for offset in 0..<2 { visit(decoded(text, hexDigits, perByte: 2, offset), depth: depth - 1, body) }
        for offset in 0..<4 { visit(decoded(text, base64Digits, perByte: 4, offset), depth: depth - 1, body) }
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == 0x25, index + 2 < text.count, hexDigits[Int(text[index + 1])] < 16,
                hexDigits[Int(text[index + 2])] < 16
            {
                out.append(hexDigits[Int(text[index + 1])] << 4 | hexDigits[Int(text[index + 2])])
                index += 3
            } else {
                out.append(text[index])
                index += 1
            }
        }
        return out
    }

    /// Decodes every run of digits; white space within a run is passed over, anything else ends it.
    /// - Parameters:
    ///   - values: of each byte; 254 for white space, 255 for what is no digit.
    ///   - perByte: 2 for hexadecimal, 4 digits for three bytes of base64.
    private static func decoded(_ text: [UInt8], _ values: [UInt8], perByte group: Int, _ offset: Int) -> [UInt8] {
        let bits: UInt32 = group == 2 ? 4 : 6
        var out: [UInt8] = []
        var pending: UInt32 = 0
        var held: UInt32 = 0
        var skip = offset
        for byte in text {
            let value = values[Int(byte)]
            if value == 254 { continue }
            guard value < 64 else {
                (pending, held, skip) = (0, 0, offset)
                // Runs do not run into each other.
                if out.last != 0x0a { out.append(0x0a) }
                continue
            }
            guard skip == 0 else {
                skip -= 1
                continue
            }
            pending = pending << bits | UInt32(value)
            held += bits
            if held >= 8 {
                held -= 8
                out.append(UInt8(truncatingIfNeeded: pending >> held))
            }
        }
        return out
    }

    private static func table(_ alphabets: [String], caseless: Bool) -> [UInt8] {
        var table = [UInt8](repeating: 255, count: 256)
        for alphabet in alphabets {
            for (value, byte) in alphabet.utf8.enumerated() {
                table[Int(byte)] = UInt8(value)
                if caseless, byte >= 0x61 { table[Int(byte & 0xdf)] = UInt8(value) }
            }
        }
        for byte in [0x20, 0x09, 0x0a, 0x0d] { table[byte] = 254 }
        return table
    }

    private static let hexDigits = table(["0123456789abcdef"], caseless: true)
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let base64Digits = table([letters + "+/", letters + "-_"], caseless: false)
}

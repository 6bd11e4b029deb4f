// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The strings of a JSON text: where they end, what their escapes mean.
enum JSONString {
    struct Malformed: Error {
        let what: String
    }

    /// The place of the first byte, from `start` on, that is no printable ASCII, or is a quote or a backslash.
    static func endOfPlain(_ bytes: [UInt8], from start: Int) -> Int {
        // SAFETY: the buffer does not leave the closure, and eight bytes are read only where there are eight.
        unsafe bytes.withUnsafeBytes { raw in
            var place = start
            while place + 8 <= raw.count,
                JSONValue.isPlain(unsafe raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            {
                place += 8
            }
            while place < raw.count {
                let byte = unsafe raw[place]
                guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5c else { break }
                place += 1
            }
            return place
        }
    }

    /// Whether the bytes are UTF-8. Escapes in them are ASCII, so that they change nothing about it.
    static func isUTF8(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        String(validating: bytes[range], as: UTF8.self) != nil
    }

    /// The text that a string stands for, which the parser has accepted.
    static func value(_ bytes: [UInt8], _ range: Range<Int>, _ kind: JSONDocument.Part.Kind) -> String {
        guard kind == .string else { return text(bytes, range) }
        guard var slash = bytes[range].firstIndex(of: 0x5c) else { return text(bytes, range) }
        var out = Array(bytes[range.lowerBound..<slash])
        while slash < range.upperBound {
            var place = slash + 1
            guard let scalar = try? escape(bytes, &place) else { break }
            out.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            slash = bytes[place..<range.upperBound].firstIndex(of: 0x5c) ?? range.upperBound
            out.append(contentsOf: bytes[place..<slash])
        }
        return text(out, 0..<out.count)
    }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        // SAFETY: the buffer does not leave the closure.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe String(decoding: UnsafeBufferPointer(rebasing: buffer[range]), as: UTF8.self)
        }
    }

    /// Reads an escape from after its backslash, and the second one of a pair of surrogates.
    static func escape(_ bytes: [UInt8], _ at: inout Int) throws(Malformed) -> Unicode.Scalar {
        guard at < bytes.count else { throw Malformed(what: "the string does not end") }
        at += 1
        switch bytes[at - 1] {
        case 0x22: return "\""
        case 0x5c: return "\\"
        case 0x2f: return "/"
        case 0x62: return "\u{8}"
        case 0x66: return "\u{c}"
        case 0x6e: return "\n"
        case 0x72: return "\r"
        case 0x74: return "\t"
        case 0x75:
            var code = try hexUnit(bytes, &at)
            if (0xd800...0xdbff).contains(code) {
                guard at + 1 < bytes.count, bytes[at] == 0x5c, bytes[at + 1] == 0x75 else {
                    throw Malformed(what: "a surrogate stands alone")
                }
                at += 2
                let low = try hexUnit(bytes, &at)
                guard (0xdc00...0xdfff).contains(low) else { throw Malformed(what: "a surrogate stands alone") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw Malformed(what: "a surrogate stands alone") }
            return scalar
        default: throw Malformed(what: "no such escape")
        }
    }

    private static func hexUnit(_ bytes: [UInt8], _ at: inout Int) throws(Malformed) -> UInt32 {
        guard at + 4 <= bytes.count else { throw Malformed(what: "four hexadecimal digits are due") }
        var unit: UInt32 = 0
        for byte in bytes[at..<at + 4] {
            let digit: UInt32
            switch byte {
            case 0x30...0x39: digit = UInt32(byte) - 0x30
            case 0x41...0x46: digit = UInt32(byte) - 0x41 + 10
            case 0x61...0x66: digit = UInt32(byte) - 0x61 + 10
            default: throw Malformed(what: "four hexadecimal digits are due")
            }
            unit = unit << 4 | digit
        }
        at += 4
        return unit
    }

    /// Whether an escape, with its backslash, is how RFC 8785 writes the character.
    static func isCanonical(_ escape: ArraySlice<UInt8>, _ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value < 0x20 || scalar == "\"" || scalar == "\\" else { return false }
        var written: [UInt8] = []
        JSONCanonicalizer.escape(UInt8(scalar.value), into: &written)
        return escape.elementsEqual(written)
    }
}

/// The numbers of a JSON text.
enum JSONNumber {
    /// An integer of 64 bits, or nil when it is larger, or minus zero, which only a double has. The text must be digits with
    /// or without a minus.
    static func integer(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        let isNegative = bytes[range.lowerBound] == 0x2d
        let digits = isNegative ? range.lowerBound + 1 : range.lowerBound
        guard range.upperBound - digits <= 18 else { return Int64(text(bytes, range)) }
        var value: Int64 = 0
        for place in digits..<range.upperBound { value = value &* 10 &+ Int64(bytes[place] &- 0x30) }
        if isNegative { return value == 0 ? nil : -value }
        return value
    }

    static func double(_ bytes: [UInt8], _ range: Range<Int>) -> Double? { Double(text(bytes, range)) }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

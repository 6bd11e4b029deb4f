// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// RFC 8785 (JSON Canonicalization Scheme): keys by UTF-16 code units, ECMAScript numbers, minimal escapes.
enum JSONCanonicalizer {
    static func write(_ value: JSONValue, into out: inout [UInt8]) {
        switch value {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): out.appendDecimal(number)
        case .double(let number): out.append(contentsOf: ecmaScript(number).utf8)
        case .string(let text): write(text, into: &out)
        case .array(let items):
            out.append(0x5b)
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(0x2c) }
                write(item, into: &out)
            }
            out.append(0x5d)
        case .object(let members):
            out.append(0x7b)
            var sorted = Array(members)
            if sorted.count > 1 { sorted.sort { precedes($0.key, $1.key) } }
            var isFirst = true
            for member in sorted {
                if !isFirst { out.append(0x2c) }
                isFirst = false
                write(member.key, into: &out)
                out.append(0x3a)
                write(member.value, into: &out)
            }
            out.append(0x7d)
        }
    }

    /// By UTF-16 code units. Bytes of UTF-8 sort alike up to U+E000, where UTF-16 has its surrogates below.
    static func precedes(_ left: String, _ right: String) -> Bool {
        var (one, other) = (left, right)
        // SAFETY: the buffers do not leave the closures, and places lie within both.
        return one.withUTF8 { ones in
            other.withUTF8 { others in
                let count = min(ones.count, others.count)
                var place = 0
                while place < count, unsafe ones[place] == others[place] { place += 1 }
                guard place < count else { return ones.count < others.count }
                let (one, other) = unsafe (ones[place], others[place])
                return one < 0xee && other < 0xee ? one < other : left.utf16.lexicographicallyPrecedes(right.utf16)
            }
        }
    }

    static func write(_ text: String, into out: inout [UInt8]) {
        out.append(0x22)
        var text = text
        // SAFETY: the buffer does not leave the closure, and places lie within it.
        text.withUTF8 { utf8 in
            // Runs without anything to escape are copied whole.
            var start = 0
            var place = 0
            let raw = UnsafeRawBufferPointer(utf8)
            while place < utf8.count {
                while place + 8 <= utf8.count,
                    unsafe JSONValue.isPlain(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                {
                    place += 8
                }
                guard place < utf8.count else { break }
                let byte = unsafe utf8[place]
                place += 1
                if byte >= 0x20, byte != 0x22, byte != 0x5c { continue }
                unsafe out.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<place - 1]))
                start = place
                escape(byte, into: &out)
            }
            unsafe out.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        out.append(0x22)
    }

    static func escape(_ byte: UInt8, into out: inout [UInt8]) {
        switch byte {
        case 0x22: out.append(contentsOf: [0x5c, 0x22])
        case 0x5c: out.append(contentsOf: [0x5c, 0x5c])
        case 0x08: out.append(contentsOf: [0x5c, 0x62])
        case 0x09: out.append(contentsOf: [0x5c, 0x74])
        case 0x0a: out.append(contentsOf: [0x5c, 0x6e])
        case 0x0c: out.append(contentsOf: [0x5c, 0x66])
        case 0x0d: out.append(contentsOf: [0x5c, 0x72])
        default:
            out.append(contentsOf: "\\u00".utf8)
            out.append(contentsOf: Hex.encode([byte]).utf8)
        }
    }

    /// `Number::toString` of ECMA-262: the shortest digits that read back, which Swift's description has too, laid
    /// out by ECMAScript's rules for the place of the point.
    private static func ecmaScript(_ number: Double) -> String {
        if number == 0 { return "0" }
        let negative = number < 0
        var mantissa = Array(number.magnitude.description.utf8)
        var exponent = 0
        if let mark = mantissa.firstIndex(of: 0x65) {
            exponent = Int(String(decoding: mantissa[(mark + 1)...], as: UTF8.self)) ?? 0
            mantissa.removeSubrange(mark...)
        }
        let point = mantissa.firstIndex(of: 0x2e) ?? mantissa.count
        var digits = mantissa.filter { $0 != 0x2e }
        var place = point + exponent
        let leading = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(leading)
        place -= leading
        while digits.last == 0x30 { digits.removeLast() }
        let text = String(decoding: digits, as: UTF8.self)
        let count = digits.count
        let body: String
        if count <= place, place <= 21 {
            body = text + String(repeating: "0", count: place - count)
        } else if place > 0, place <= 21 {
            body = "\(text.prefix(place)).\(text.dropFirst(place))"
        } else if place > -6, place <= 0 {
            body = "0." + String(repeating: "0", count: -place) + text
        } else {
            let power = place - 1
            let fraction = count > 1 ? ".\(text.dropFirst())" : ""
            body = "\(text.prefix(1))\(fraction)e\(power < 0 ? "-" : "+")\(power.magnitude)"
        }
        return negative ? "-" + body : body
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What the chain needs to know of an entry, found in one pass over its bytes and without a value for any of them.
///
/// It answers only for what it surely knows: an entry in canonical form (RFC 8785) whose text is plain ASCII without escapes, whose
/// numbers are integers of at most 15 digits and whose nesting is small, which nearly every entry is. For any other it
/// says nothing, and ``LogEntry/init(bytes:)`` decides. What it accepts, that accepts too.
struct EntryScan {
    let seq: UInt64

    /// - Parameter previous: what `prev` must be, where that is known.
    init?(_ bytes: Span<UInt8>, previous: Digest?) {
        guard bytes.count <= LogEntry.maximumBytes else { return nil }
        var cursor = 0
        guard let seq = Self.read(bytes, &cursor, previous), cursor == bytes.count else { return nil }
        self.seq = seq
    }

    private static func read(_ text: Span<UInt8>, _ at: inout Int, _ previous: Digest?) -> UInt64? {
        guard take("{\"actor\":{\"id\":", text, &at), string(text, &at), take(",\"role\":", text, &at),
            string(text, &at),
            take("},\"boot\":", text, &at), string(text, &at),
            take(",\"data\":", text, &at), at < text.count, text[at] == 0x7b, value(text, &at, depth: 0)
        else { return nil }
        if take(",\"job\":", text, &at) { guard string(text, &at) else { return nil } }
        if take(",\"label\":", text, &at) { guard label(text, &at) else { return nil } }
        guard take(",\"mono\":\"", text, &at), decimal(text, &at, most: 19) != nil,
            take("\",\"policy\":", text, &at), integer(text, &at), take(",\"prev\":\"", text, &at)
        else { return nil }
        guard previous.map({ digest($0, text, &at) }) ?? hex(text, &at, 64), take("\",\"seq\":", text, &at),
            let seq = decimal(text, &at, most: 15), take(",\"type\":\"", text, &at), type(text, &at),
            take(",\"v\":1,\"wall\":\"", text, &at), wall(text, &at), take("\"}", text, &at)
        else { return nil }
        return seq
    }

    /// Goes past the hexadecimal digits of this digest.
    private static func digest(_ digest: Digest, _ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard digest.isHex(text, at: at) else { return false }
        at += 2 * Digest.count
        return true
    }

    /// Goes past a constant text, if that comes next.
    @inline(__always)
    private static func take(_ expected: StaticString, _ text: Span<UInt8>, _ at: inout Int) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard at + count <= text.count else { return false }
        // SAFETY: the constant has `count` bytes.
        let start = unsafe expected.utf8Start
        for offset in 0..<count where unsafe text[at + offset] != start[offset] { return false }
        at += count
        return true
    }

    @inline(__always)
    private static func take(_ expected: UInt8, _ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at < text.count, text[at] == expected else { return false }
        at += 1
        return true
    }

    /// A string with its quotes.
    private static func string(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at < text.count, text[at] == 0x22 else { return false }
        at += 1
        // SAFETY: eight bytes are loaded only where there are eight.
        return unsafe text.withUnsafeBytes { text in
            while at + 8 <= text.count {
                let word = unsafe text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                guard JSONValue.isPlain(word) else { break }
                at += 8
            }
            while at < text.count {
                let byte = unsafe text[at]
                at += 1
                if byte == 0x22 { return true }
                if byte < 0x20 || byte >= 0x80 || byte == 0x5c { return false }
            }
            return false
        }
    }

    private static func value(_ text: Span<UInt8>, _ at: inout Int, depth: Int) -> Bool {
        guard at < text.count, depth < 16 else { return false }
        switch text[at] {
        case 0x22: return string(text, &at)
        case 0x7b:
            at += 1
            if take(0x7d, text, &at) { return true }
            var last = 0..<0
            while true {
                let start = at
                guard string(text, &at) else { return false }
                // Rising, hence each once. ASCII sorts by bytes as it does by UTF-16.
                let key = start + 1..<at - 1
                if last.lowerBound > 0, !rises(text, last, key) { return false }
                last = key
                guard take(0x3a, text, &at), value(text, &at, depth: depth + 1) else { return false }
                if take(0x7d, text, &at) { return true }
                guard take(0x2c, text, &at) else { return false }
            }
        case 0x5b:
            at += 1
            if take(0x5d, text, &at) { return true }
            while true {
                guard value(text, &at, depth: depth + 1) else { return false }
                if take(0x5d, text, &at) { return true }
                guard take(0x2c, text, &at) else { return false }
            }
        case 0x74: return take("true", text, &at)
        case 0x66: return take("false", text, &at)
        case 0x6e: return take("null", text, &at)
        default: return integer(text, &at)
        }
    }

    private static func rises(_ text: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
        for offset in 0..<min(left.count, right.count) {
            let (one, other) = (text[left.lowerBound + offset], text[right.lowerBound + offset])
            if one != other { return one < other }
        }
        return left.count < right.count
    }

    private static func integer(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        let negative = take(0x2d, text, &at)
        guard let number = decimal(text, &at, most: 15) else { return false }
        return !negative || number != 0
    }

    /// Digits without a leading zero, and what follows is no further part of a number.
    private static func decimal(_ text: Span<UInt8>, _ at: inout Int, most: Int) -> UInt64? {
        let start = at
        var number: UInt64 = 0
        while at < text.count, text[at] >= 0x30, text[at] <= 0x39 {
            guard at - start < most else { return nil }
            number = number &* 10 &+ UInt64(text[at] - 0x30)
            at += 1
        }
        guard at > start, at - start == 1 || text[start] != 0x30, at < text.count else { return nil }
        let next = text[at]
        return next == 0x2e || next | 0x20 == 0x65 ? nil : number
    }

    private static func hex(_ text: Span<UInt8>, _ at: inout Int, _ count: Int) -> Bool {
        guard at + count <= text.count else { return false }
        for place in at..<at + count {
            let byte = text[place]
            guard byte >= 0x30 && byte <= 0x39 || byte >= 0x61 && byte <= 0x66 else { return false }
        }
        at += count
        return true
    }

    /// A class and its owners, which rise.
    private static func label(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard take("{\"class\":", text, &at), string(text, &at), take(",\"owners\":[", text, &at) else { return false }
        if take("]}", text, &at) { return true }
        var last = 0..<0
        while true {
            let start = at
            guard string(text, &at) else { return false }
            let owner = start + 1..<at - 1
            if last.lowerBound > 0, !rises(text, last, owner) { return false }
            last = owner
            if take("]}", text, &at) { return true }
            guard take(0x2c, text, &at) else { return false }
        }
    }

    /// An event type and the quote after it (``EntryDraft/isType(_:)``).
    private static func type(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        let start = at
        var word = 0
        while at < text.count {
            let byte = text[at]
            at += 1
            switch byte {
            case 0x22: return word > 0 && at - 1 - start <= 64
            case 0x2e:
                guard word > 0 else { return false }
                word = 0
            case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x2d, 0x5f: word += 1
            default: return false
            }
        }
        return false
    }

    /// `2026-11-21T10:00:00.000000000Z`
    private static func wall(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at + 30 <= text.count, let year = number(text, at, 4), text[at + 4] == 0x2d,
            let month = number(text, at + 5, 2), text[at + 7] == 0x2d, let day = number(text, at + 8, 2),
            text[at + 10] == 0x54, let hour = number(text, at + 11, 2), text[at + 13] == 0x3a,
            let minute = number(text, at + 14, 2), text[at + 16] == 0x3a, let second = number(text, at + 17, 2),
            text[at + 19] == 0x2e, number(text, at + 20, 9) != nil, text[at + 29] == 0x5a,
            year >= 1970, year <= 2261, month >= 1, month <= 12, day >= 1, day <= shortest(month), hour < 24,
            minute < 60, second < 60
        else { return false }
        at += 30
        return true
    }

    private static func number(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for place in start..<start + count {
            guard text[place] >= 0x30, text[place] <= 0x39 else { return nil }
            value = value * 10 + Int(text[place] - 0x30)
        }
        return value
    }

    /// Days that the month has in every year.
    private static func shortest(_ month: Int) -> Int {
        month == 2 ? 28 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A strict RFC 8259 reader. Every refusal says at which byte and why.
///
/// It notes where the values stand and copies nothing; see ``JSONDocument``. On the way it sees whether the text is in
/// canonical form (RFC 8785): no white space, keys in order, numbers and escapes as they would be written.
struct JSONParser {
    let bytes: [UInt8]
    private let limits: JSONLimits
    private var at = 0
    private(set) var parts: [JSONDocument.Part] = []
    private(set) var isCanonical = true

    init(_ bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(BaseError) {
        // Places are numbers of 32 bits.
        let allowed = min(limits.bytes, Int(UInt32.max))
        guard bytes.count <= allowed else {
            throw BaseError(
                .tooLarge, "the JSON text has \(bytes.count) bytes, allowed are \(allowed)",
                remedy: "make it smaller")
        }
        parts.reserveCapacity(min(bytes.count, 64 + bytes.count / 16))
        try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw refuse("there is text after the value") }
    }

    private func refuse(_ what: String) -> BaseError {
        BaseError(.json, "not valid JSON at byte \(at): \(what)", remedy: "give one RFC 8259 value in UTF-8")
    }

    private mutating func skipSpace() {
        let start = at
        while at < bytes.count, bytes[at] <= 0x20, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
        if at > start { isCanonical = false }
    }

    private mutating func add(_ kind: JSONDocument.Part.Kind, from start: Int, to end: Int) {
        parts.append(
            JSONDocument.Part(
                kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: parts.count + 1)))
    }

    private mutating func value(depth: Int) throws(BaseError) {
        skipSpace()
        guard at < bytes.count else { throw refuse("the text ends where a value is due") }
        switch bytes[at] {
        case 0x7b: try object(depth: depth)
        case 0x5b: try array(depth: depth)
        case 0x22: try string()
        case 0x74: try word("true", .yes)
        case 0x66: try word("false", .no)
        case 0x6e: try word("null", .null)
        case 0x2d, 0x30...0x39: try number()
        default: throw refuse("no value begins so")
        }
    }

    private mutating func word(_ text: String, _ kind: JSONDocument.Part.Kind) throws(BaseError) {
        let end = at + text.utf8.count
        guard end <= bytes.count, bytes[at..<end].elementsEqual(text.utf8) else { throw refuse("expected \(text)") }
        add(kind, from: at, to: end)
        at = end
    }

    private mutating func enter(_ kind: JSONDocument.Part.Kind, _ depth: Int) throws(BaseError) {
        guard depth < limits.depth else { throw refuse("nested deeper than \(limits.depth)") }
        add(kind, from: at, to: 0)
        at += 1
        skipSpace()
    }

    private mutating func leave(_ number: Int, _ count: UInt32) {
        parts[number].end = count
        parts[number].next = UInt32(truncatingIfNeeded: parts.count)
    }

    private mutating func array(depth: Int) throws(BaseError) {
        let number = parts.count
        try enter(.array, depth)
        if at < bytes.count, bytes[at] == 0x5d {
            at += 1
            return
        }
        var count: UInt32 = 0
        while true {
            try value(depth: depth + 1)
            count += 1
            skipSpace()
            guard at < bytes.count else { throw refuse("the array does not end") }
            at += 1
            if bytes[at - 1] == 0x5d { return leave(number, count) }
            guard bytes[at - 1] == 0x2c else {
                at -= 1
                throw refuse("expected , or ]")
            }
        }
    }

    private mutating func object(depth: Int) throws(BaseError) {
        let number = parts.count
        try enter(.object, depth)
        if at < bytes.count, bytes[at] == 0x7d {
            at += 1
            return
        }
        var keys = JSONKeyOrder(object: number)
        var count: UInt32 = 0
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == 0x22 else { throw refuse("expected a key in quotes") }
            let key = parts.count
            try string()
            skipSpace()
            guard at < bytes.count, bytes[at] == 0x3a else { throw refuse("expected :") }
            at += 1
            try value(depth: depth + 1)
            guard keys.add(key, bytes, parts) else { throw refuse("a key occurs twice") }
            count += 1
            skipSpace()
            guard at < bytes.count else { throw refuse("the object does not end") }
            at += 1
            if bytes[at - 1] == 0x7d {
                if !keys.isCanonical { isCanonical = false }
                parts[number].hasUnusualKeys = keys.hasUnusual
                return leave(number, count)
            }
            guard bytes[at - 1] == 0x2c else {
                at -= 1
                throw refuse("expected , or }")
            }
        }
    }

    private mutating func number() throws(BaseError) {
        let start = at
        var integral = true
        if bytes[at] == 0x2d { at += 1 }
        let firstDigit = at
        skipDigits()
        guard at > firstDigit else { throw refuse("a number needs digits") }
        guard at - firstDigit == 1 || bytes[firstDigit] != 0x30 else { throw refuse("a number begins with 0") }
        if at < bytes.count, bytes[at] == 0x2e {
            integral = false
            at += 1
            let fraction = at
            skipDigits()
            guard at > fraction else { throw refuse("digits are due after the point") }
        }
        if at < bytes.count, bytes[at] == 0x65 || bytes[at] == 0x45 {
            integral = false
            at += 1
            if at < bytes.count, bytes[at] == 0x2b || bytes[at] == 0x2d { at += 1 }
            let exponent = at
            skipDigits()
            guard at > exponent else { throw refuse("digits are due in the exponent") }
        }
        guard at - start <= 400 else { throw refuse("a number has more than 400 characters") }
        if integral, JSONNumber.integer(bytes, start..<at) != nil {
            add(.integer, from: start, to: at)
            return
        }
        guard let value = JSONNumber.double(bytes, start..<at), value.isFinite else {
            throw refuse("a number is out of range")
        }
        // There are few of them; an integer's digits are canonical always.
        if isCanonical { isCanonical = bytes[start..<at].elementsEqual(JSONValue.double(value).canonical) }
        add(.double, from: start, to: at)
    }

    private mutating func skipDigits() {
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
    }

    private mutating func string() throws(BaseError) {
        at += 1
        let start = at
        var isPlain = true
        var isASCII = true
        while true {
            at = JSONString.endOfPlain(bytes, from: at)
            guard at < bytes.count else { throw refuse("the string does not end") }
            switch bytes[at] {
            case 0x22:
                at += 1
                if !isASCII, !JSONString.isUTF8(bytes, start..<at - 1) { throw refuse("a string is not UTF-8") }
                add(isPlain ? .plainString : .string, from: start, to: at - 1)
                return
            case 0x5c:
                isPlain = false
                let slash = at
                at += 1
                let scalar: Unicode.Scalar
                do throws(JSONString.Malformed) {
                    scalar = try JSONString.escape(bytes, &at)
                } catch {
                    throw refuse(error.what)
                }
                if !JSONString.isCanonical(bytes[slash..<at], scalar) { isCanonical = false }
            case 0x80...:
                (isPlain, isASCII) = (false, false)
                repeat { at += 1 } while at < bytes.count && bytes[at] >= 0x80
            default: throw refuse("a control character stands in a string")
            }
        }
    }
}

/// Whether the keys of one object are each there once, and in the order of RFC 8785.
private struct JSONKeyOrder {
    private(set) var hasUnusual = false
    private(set) var isCanonical = true
    private let object: Int
    private var last: Int?
    /// All keys, from the first on that is not plain ASCII above the one before it.
    private var seen: Set<String>?

    init(object: Int) { self.object = object }

    /// Takes the next key; false when it was there before.
    ///
    /// Swift compares strings by canonical equivalence, JSON by code point: two keys that only Swift holds equal are
    /// refused too, because a dictionary could keep only one of them. Plain ASCII in ascending order needs no such look.
    mutating func add(_ key: Int, _ bytes: [UInt8], _ parts: [JSONDocument.Part]) -> Bool {
        defer { last = key }
        let part = parts[key]
        if part.kind != .plainString { hasUnusual = true }
        guard let last else { return true }
        if !hasUnusual {
            let isAscending = Self.precedes(parts[last], part, bytes)
            if !isAscending { isCanonical = false }
            if isAscending, seen == nil { return true }
        } else if isCanonical {
            let (one, other) = (Self.text(parts[last], bytes), Self.text(part, bytes))
            isCanonical = JSONCanonicalizer.precedes(one, other)
        }
        if seen == nil {
            var all: Set<String> = []
            var place = object + 1
            while place < key {
                all.insert(Self.text(parts[place], bytes))
                place = Int(parts[place + 1].next)
            }
            seen = all
        }
        return seen?.insert(Self.text(part, bytes)).inserted ?? false
    }

    private static func text(_ part: JSONDocument.Part, _ bytes: [UInt8]) -> String {
        JSONString.value(bytes, Int(part.start)..<Int(part.end), part.kind)
    }

    private static func precedes(_ left: JSONDocument.Part, _ right: JSONDocument.Part, _ bytes: [UInt8]) -> Bool {
        var (one, other) = (Int(left.start), Int(right.start))
        while one < Int(left.end), other < Int(right.end) {
            if bytes[one] != bytes[other] { return bytes[one] < bytes[other] }
            one += 1
            other += 1
        }
        return one == Int(left.end) && other < Int(right.end)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// A strict RFC 8259 reader that builds a tree step by step: slow, short and without a second thought. What the reader of the
/// programs must agree with.
struct PlainJSONParser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var at = 0

    init(_ bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(BaseError) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw BaseError(
                .tooLarge, "the JSON text has \(bytes.count) bytes, allowed are \(limits.bytes)",
                remedy: "make it smaller")
        }
        let value = try self.value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw refuse("there is text after the value") }
        return value
    }

    private func refuse(_ what: String) -> BaseError {
        BaseError(.json, "not valid JSON at byte \(at): \(what)", remedy: "give one RFC 8259 value in UTF-8")
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
    }

    private mutating func value(depth: Int) throws(BaseError) -> JSONValue {
        skipSpace()
        guard at < bytes.count else { throw refuse("the text ends where a value is due") }
        switch bytes[at] {
        case 0x7b: return try object(depth: depth)
        case 0x5b: return try array(depth: depth)
        case 0x22: return .string(try string())
        case 0x74: return try word("true", .bool(true))
        case 0x66: return try word("false", .bool(false))
        case 0x6e: return try word("null", .null)
        case 0x2d, 0x30...0x39: return try number()
        default: throw refuse("no value begins so")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(BaseError) -> JSONValue {
        let expected = Array("\(text)".utf8)
        guard at + expected.count <= bytes.count, bytes[at..<at + expected.count].elementsEqual(expected) else {
            throw refuse("expected \(text)")
        }
        at += expected.count
        return value
    }

    private mutating func enter(_ depth: Int) throws(BaseError) {
        guard depth < limits.depth else { throw refuse("nested deeper than \(limits.depth)") }
        at += 1
        skipSpace()
    }

    private mutating func array(depth: Int) throws(BaseError) -> JSONValue {
        try enter(depth)
        var items: [JSONValue] = []
        if at < bytes.count, bytes[at] == 0x5d {
            at += 1
            return .array([])
        }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            guard at < bytes.count else { throw refuse("the array does not end") }
            at += 1
            if bytes[at - 1] == 0x5d { return .array(items) }
            guard bytes[at - 1] == 0x2c else {
                at -= 1
                throw refuse("expected , or ]")
            }
        }
    }

    private mutating func object(depth: Int) throws(BaseError) -> JSONValue {
        try enter(depth)
        var members: [String: JSONValue] = [:]
        if at < bytes.count, bytes[at] == 0x7d {
            at += 1
            return .object([:])
        }
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == 0x22 else { throw refuse("expected a key in quotes") }
            let key = try string()
            skipSpace()
            guard at < bytes.count, bytes[at] == 0x3a else { throw refuse("expected :") }
            at += 1
            let value = try value(depth: depth + 1)
            // Swift compares strings by canonical equivalence, JSON by code point: two keys that only Swift holds
            // equal are refused too, because a dictionary could keep only one of them.
            guard members.updateValue(value, forKey: key) == nil else { throw refuse("a key occurs twice") }
            skipSpace()
            guard at < bytes.count else { throw refuse("the object does not end") }
            at += 1
            if bytes[at - 1] == 0x7d { return .object(members) }
            guard bytes[at - 1] == 0x2c else {
                at -= 1
                throw refuse("expected , or }")
            }
        }
    }

    private mutating func number() throws(BaseError) -> JSONValue {
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
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if integral, text != "-0", let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw refuse("a number is out of range") }
        return .double(value)
    }

    private mutating func skipDigits() {
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
    }

    private mutating func string() throws(BaseError) -> String {
        at += 1
        var out: [UInt8] = []
        while true {
            let start = at
            while at < bytes.count, bytes[at] != 0x22, bytes[at] != 0x5c, bytes[at] >= 0x20 { at += 1 }
            out.append(contentsOf: bytes[start..<at])
            guard at < bytes.count else { throw refuse("the string does not end") }
            if bytes[at] == 0x22 {
                at += 1
                guard let text = String(validating: out, as: UTF8.self) else { throw refuse("a string is not UTF-8") }
                return text
            }
            guard bytes[at] == 0x5c else { throw refuse("a control character stands in a string") }
            at += 1
            try escape(into: &out)
        }
    }

    private mutating func escape(into out: inout [UInt8]) throws(BaseError) {
        guard at < bytes.count else { throw refuse("the string does not end") }
        at += 1
        switch bytes[at - 1] {
        case 0x22: out.append(0x22)
        case 0x5c: out.append(0x5c)
        case 0x2f: out.append(0x2f)
        case 0x62: out.append(0x08)
        case 0x66: out.append(0x0c)
        case 0x6e: out.append(0x0a)
        case 0x72: out.append(0x0d)
        case 0x74: out.append(0x09)
        case 0x75:
            var code = try hexUnit()
            if (0xd800...0xdbff).contains(code) {
                guard at + 1 < bytes.count, bytes[at] == 0x5c, bytes[at + 1] == 0x75 else {
                    throw refuse("a surrogate stands alone")
                }
                at += 2
                let low = try hexUnit()
                guard (0xdc00...0xdfff).contains(low) else { throw refuse("a surrogate stands alone") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw refuse("a surrogate stands alone") }
            out.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw refuse("no such escape")
        }
    }

    private mutating func hexUnit() throws(BaseError) -> UInt32 {
        guard at + 4 <= bytes.count else { throw refuse("four hexadecimal digits are due") }
        var unit: UInt32 = 0
        for byte in bytes[at..<at + 4] {
            let digit: UInt32
            switch byte {
            case 0x30...0x39: digit = UInt32(byte) - 0x30
            case 0x41...0x46: digit = UInt32(byte) - 0x41 + 10
            case 0x61...0x66: digit = UInt32(byte) - 0x61 + 10
            default: throw refuse("four hexadecimal digits are due")
            }
            unit = unit << 4 | digit
        }
        at += 4
        return unit
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The canary tokens of one input, and where they come up again.
///
/// Letters and digits alone are read, case does not count: so neither a separator nor a line break hides a token. Any sixteen
/// consecutive digits of a token betray it, forwards or backwards, also where they were taken for bytes.
public struct Canaries: Sendable {
    /// How many digits of a token must come up: 64 bits, which no text has by chance.
    static let window = 16

    /// As they were planted, in lower case, sorted.
    public private(set) var tokens: [String] = []
    /// Sixteen digits to the token that they are of.
    private var windows: [UInt64: String] = [:]

    public init() {}

    public var isEmpty: Bool { tokens.isEmpty }

    /// Takes note of the tokens in a part of the input, as it stands and where it is encoded in a simple way.
    public mutating func learn(from text: [UInt8]) {
        Readings.visit(text, depth: 1) { learn(reading: $0) }
    }

    /// The tokens that an answer has, also behind up to two simple encodings; sorted.
    public func found(in answer: JSONValue) -> [String] {
        guard !isEmpty else { return [] }
        var found: Set<String> = []
        // As it is written, and without what JSON puts between two strings: a token may have been cut in two.
        for text in [answer.canonical, AnswerText.values(of: answer)] {
            Readings.visit(text, depth: 2) { reading in
                scanDigits(reading, into: &found)
                scanBytes(reading, into: &found)
            }
        }
        return found.sorted()
    }

    private mutating func learn(reading text: [UInt8]) {
        let marker = CanaryToken.marker
        let plain = text.compactMap(Self.lowerLetterOrDigit)
        let length = marker.count + CanaryToken.digits
        var start = 0
        while start + length <= plain.count {
            guard plain[start] == marker[0], plain[start..<start + marker.count].elementsEqual(marker) else {
                start += 1
                continue
            }
            let digits = plain[start + marker.count..<start + length].compactMap(Self.digit)
            if digits.count == CanaryToken.digits { note(digits) }
            start += marker.count
        }
    }

    private mutating func note(_ digits: [UInt64]) {
        let token = CanaryToken.prefix + String(digits.map { Character(String($0, radix: 16)) })
        guard !tokens.contains(token) else { return }
        tokens.append(token)
        tokens.sort()
        for digits in [digits, digits.reversed()] {
            for start in 0...digits.count - Self.window {
                windows[digits[start..<start + Self.window].reduce(0) { $0 << 4 | $1 }] = token
            }
        }
    }

    /// Sixteen digits in a row, whatever stands between them that is neither letter nor digit.
    private func scanDigits(_ text: [UInt8], into found: inout Set<String>) {
        var value: UInt64 = 0
        var run = 0
        for byte in text {
            if let digit = Self.digit(byte) {
                value = value << 4 | digit
                run += 1
                if run >= Self.window, let token = windows[value] { found.insert(token) }
            } else if Self.lowerLetterOrDigit(byte) != nil {
                run = 0
            }
        }
    }

    /// The same digits as eight bytes in a row.
    private func scanBytes(_ text: [UInt8], into found: inout Set<String>) {
        var value: UInt64 = 0
        for (index, byte) in text.enumerated() {
            value = value << 8 | UInt64(byte)
            if index >= 7, let token = windows[value] { found.insert(token) }
        }
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte) - 0x30
        case 0x41...0x46, 0x61...0x66: UInt64(byte | 0x20) - 0x61 + 10
        default: nil
        }
    }

    private static func lowerLetterOrDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39, 0x61...0x7a: byte
        case 0x41...0x5a: byte | 0x20
        default: nil
        }
    }
}

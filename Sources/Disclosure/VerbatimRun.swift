// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The longest run of letters and digits that an answer shares with what it is about.
///
/// Both are folded: letters in lower case and digits are kept, everything else goes. So spaces, line breaks, punctuation, capital
/// letters and a division into a list of words hide no copy. Lengths are in letters and digits.
public enum VerbatimRun {
    /// Whether an answer shares a longer run than `limit` with one of the sources. Linear in the length of both.
    public static func exceeds(_ limit: Int, answer: JSONValue, sources: [[UInt8]]) -> Bool {
        let texts = folded(answer)
        return sources.contains { source in
            let source = fold(source)
            return texts.contains { shares($0, source, runOf: limit + 1) }
        }
    }

    /// The length of the longest run. Takes a logarithm more time: for a person who wants to know.
    public static func longest(answer: JSONValue, sources: [[UInt8]]) -> Int {
        let texts = folded(answer)
        var longest = 0
        for source in sources {
            let source = fold(source)
            for text in texts {
                // Who shares a run shares all shorter ones.
                var (low, high) = (longest, min(text.count, source.count))
                while low < high {
                    let middle = (low + high + 1) / 2
                    if shares(text, source, runOf: middle) { low = middle } else { high = middle - 1 }
                }
                longest = max(longest, low)
            }
        }
        return longest
    }

    private static func folded(_ answer: JSONValue) -> [[UInt32]] {
        [AnswerText.values(of: answer), AnswerText.names(of: answer)].map(fold)
    }

    static func fold(_ text: [UInt8]) -> [UInt32] {
        var out: [UInt32] = []
        out.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x30...0x39, 0x61...0x7a: out.append(scalar.value)
            case 0x41...0x5a: out.append(scalar.value | 0x20)
            case ..<0x80: break
            default:
                guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else { continue }
                out += scalar.properties.lowercaseMapping.unicodeScalars.map(\.value)
            }
        }
        return out
    }

    /// Whether two texts have a run of this length in common: Rabin and Karp's rolling hash, each hit compared.
    static func shares(_ text: [UInt32], _ source: [UInt32], runOf length: Int) -> Bool {
        guard length > 0, text.count >= length, source.count >= length else { return false }
        let hash = RollingHash(length: length)
        // Of runs with one hash the first is kept: two different ones meet once in 2^61, and nobody can choose them, because nobody
        // knows the base.
        var places: [UInt64: Int] = [:]
        hash.visit(text) { value, start in
            if places[value] == nil { places[value] = start }
            return true
        }
        var isShared = false
        hash.visit(source) { value, start in
            if let place = places[value],
                text[place..<place + length].elementsEqual(source[start..<start + length])
            {
                isShared = true
            }
            return !isShared
        }
        return isShared
    }
}

/// Hashes of all runs of one length, modulo the prime 2^61 - 1.
private struct RollingHash {
    private static let prime: UInt64 = (1 << 61) - 1
    private static let base: UInt64 =
        RandomBytes.make(8).reduce(0) { $0 << 8 | UInt64($1) } % (prime - 0x20_0000) + 0x11_0000

    private let length: Int
    /// What the first element of a run counts.
    private let top: UInt64

    init(length: Int) {
        self.length = length
        var top: UInt64 = 1
        for _ in 1..<max(length, 1) { top = Self.product(top, Self.base) }
        self.top = top
    }

    /// Calls `body` with the hash and the start of each run until it says no.
    func visit(_ text: [UInt32], _ body: (UInt64, Int) -> Bool) {
        var value: UInt64 = 0
        for (index, element) in text.enumerated() {
            if index >= length {
                let gone = Self.product(UInt64(text[index - length]) + 1, top)
                value = value >= gone ? value - gone : value + Self.prime - gone
            }
            value = (Self.product(value, Self.base) + UInt64(element) + 1) % Self.prime
            if index >= length - 1, !body(value, index - length + 1) { return }
        }
    }

    private static func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        let sum = (low & prime) + (low >> 61 | high << 3)
        return sum >= prime ? sum - prime : sum
    }
}

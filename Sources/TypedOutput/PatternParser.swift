// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The structure of a pattern.
indirect enum PatternNode {
    case empty
    case scalars(ScalarSet)
    case assertion(SafePattern.Assertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `most` is nil for no upper bound.
    case repeated(PatternNode, least: Int, most: Int?)
}

/// Reads the regular subset of ECMA-262 patterns (`u` flag).
struct PatternParser {
    private let source: [Unicode.Scalar]
    private var at = 0
    private var depth = 0

    init(_ source: String) { self.source = Array(source.unicodeScalars) }

    mutating func pattern() throws(PatternRefusal) -> PatternNode {
        let node = try alternatives()
        guard at == source.count else { throw PatternRefusal(reason: "an unmatched )") }
        return node
    }

    private var next: Unicode.Scalar? { at < source.count ? source[at] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        at += 1
        return true
    }

    private mutating func alternatives() throws(PatternRefusal) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw PatternRefusal(reason: "groups are nested more than 64 deep") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternRefusal) -> PatternNode {
        var items: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let item = try atom()
            items.append(try quantified(item))
        }
        return items.isEmpty ? .empty : .sequence(items)
    }

    private mutating func quantified(_ node: PatternNode) throws(PatternRefusal) -> PatternNode {
        let least: Int
        let most: Int?
        switch next {
        case "*": (least, most, at) = (0, nil, at + 1)
        case "+": (least, most, at) = (1, nil, at + 1)
        case "?": (least, most, at) = (0, 1, at + 1)
        case "{":
            at += 1
            least = try number()
            if take(",") {
                most = next == "}" ? nil : try number()
            } else {
                most = least
            }
            guard take("}") else { throw PatternRefusal(reason: "a { without its }") }
        default: return node
        }
        if let most, most < least { throw PatternRefusal(reason: "a repetition whose bounds are the wrong way round") }
        if case .assertion = node { throw PatternRefusal(reason: "a repeated assertion") }
        // Reluctant quantifiers match the same texts; only captures would differ.
        _ = take("?")
        if let after = next, "*+?{".unicodeScalars.contains(after) {
            throw PatternRefusal(reason: "a quantifier behind a quantifier")
        }
        return .repeated(node, least: least, most: most)
    }

    private mutating func number() throws(PatternRefusal) -> Int {
        var value = 0
        let start = at
        while let scalar = next, ScalarSet.digit.contains(scalar) {
            value = value * 10 + Int(scalar.value - 0x30)
            at += 1
            guard value <= SafePattern.maxInstructions else {
                throw PatternRefusal(reason: "a repetition count too large")
            }
        }
        guard at > start else { throw PatternRefusal(reason: "a { that does not begin a repetition") }
        return value
    }

    private mutating func atom() throws(PatternRefusal) -> PatternNode {
        guard let scalar = next else { throw PatternRefusal(reason: "it ends too early") }
        at += 1
        switch scalar {
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case ".": return .scalars(.dot)
        case "(": return try group()
        case "[": return .scalars(try characterClass())
        case "\\": return try escape()
        case "*", "+", "?", "{": throw PatternRefusal(reason: "a quantifier with nothing before it")
        case "]", "}": throw PatternRefusal(reason: "an unmatched \(scalar)")
        default: return .scalars(.one(scalar))
        }
    }

    private mutating func group() throws(PatternRefusal) -> PatternNode {
        if take("?") {
            if take("<"), next != "=", next != "!" {
                while let scalar = next, scalar != ">" {
                    guard ScalarSet.word.contains(scalar) else { break }
                    at += 1
                }
                guard take(">") else { throw PatternRefusal(reason: "a group whose name is not plain") }
            } else if !take(":") {
                throw PatternRefusal(reason: "look-around, which needs more than linear time here")
            }
        }
        let node = try alternatives()
        guard take(")") else { throw PatternRefusal(reason: "an unmatched (") }
        return node
    }

    private mutating func escape() throws(PatternRefusal) -> PatternNode {
        switch next {
        case "b":
            at += 1
            return .assertion(.wordBoundary)
        case "B":
            at += 1
            return .assertion(.noWordBoundary)
        case "k", "1", "2", "3", "4", "5", "6", "7", "8", "9":
            throw PatternRefusal(reason: "a back-reference, which needs more than linear time")
        default: return .scalars(try escapedSet())
        }
    }

    /// What follows a backslash, inside or outside a class.
    private mutating func escapedSet() throws(PatternRefusal) -> ScalarSet {
        guard let scalar = next else { throw PatternRefusal(reason: "it ends in a backslash") }
        at += 1
        switch scalar {
        case "d": return .digit
        case "D": return .not(.digit)
        case "w": return .word
        case "W": return .not(.word)
        case "s": return .space
        case "S": return .not(.space)
        case "t": return .one("\t")
        case "n": return .one("\n")
        case "r": return .one("\r")
        case "v": return .one("\u{0b}")
        case "f": return .one("\u{0c}")
        case "0":
            if let digit = next, ScalarSet.digit.contains(digit) { throw PatternRefusal(reason: "an octal escape") }
            return .one("\0")
        case "c":
            guard let letter = next, letter.isASCII, letter.properties.isAlphabetic else {
                throw PatternRefusal(reason: "a \\c without its letter")
            }
            at += 1
            return .ranges([(letter.value & 31)...(letter.value & 31)])
        case "x": return .one(try hexadecimal(2))
        case "u": return .one(try unicodeEscape())
        case "p", "P":
            guard take("{"), let close = source[at...].firstIndex(of: "}") else {
                throw PatternRefusal(reason: "a \\p without its {…}")
            }
            let name = String(String.UnicodeScalarView(source[at..<close]))
            at = close + 1
            guard let set = ScalarSet.property(name) else {
                throw PatternRefusal(reason: "a Unicode property other than a general category")
            }
            return scalar == "p" ? set : .not(set)
        default:
            guard "^$\\.*+?()[]{}|/-".unicodeScalars.contains(scalar) else {
                throw PatternRefusal(reason: "an escape that means nothing")
            }
            return .one(scalar)
        }
    }

    private mutating func unicodeEscape() throws(PatternRefusal) -> Unicode.Scalar {
        if take("{") {
            var value: UInt32 = 0
            var digits = 0
            while let digit = next.flatMap(Self.hexDigit) {
                value = value * 16 + digit
                digits += 1
                at += 1
                guard value <= 0x10ffff else { break }
            }
            guard digits > 0, take("}"), let scalar = Unicode.Scalar(value) else {
                throw PatternRefusal(reason: "a \\u{…} that is no code point")
            }
            return scalar
        }
        let high = try hexadecimalValue(4)
        guard (0xd800..<0xdc00).contains(high) else {
            guard let scalar = Unicode.Scalar(high) else { throw PatternRefusal(reason: "half a surrogate pair") }
            return scalar
        }
        guard take("\\"), take("u") else { throw PatternRefusal(reason: "half a surrogate pair") }
        let low = try hexadecimalValue(4)
        guard (0xdc00..<0xe000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
        else { throw PatternRefusal(reason: "half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal(_ count: Int) throws(PatternRefusal) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(try hexadecimalValue(count)) else {
            throw PatternRefusal(reason: "an escape that is no code point")
        }
        return scalar
    }

    private mutating func hexadecimalValue(_ count: Int) throws(PatternRefusal) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = next.flatMap(Self.hexDigit) else {
                throw PatternRefusal(reason: "an escape with too few hexadecimal digits")
            }
            value = value * 16 + digit
            at += 1
        }
        return value
    }

    private static func hexDigit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x61 + 10
        case "A"..."F": scalar.value - 0x41 + 10
        default: nil
        }
    }

    private mutating func characterClass() throws(PatternRefusal) -> ScalarSet {
        let inverted = take("^")
        var sets: [ScalarSet] = []
        while !take("]") {
            let low = try classAtom()
            guard next == "-", at + 1 < source.count, source[at + 1] != "]" else {
                sets.append(low)
                continue
            }
            at += 1
            let high = try classAtom()
            guard let first = Self.single(low), let last = Self.single(high), first <= last else {
                throw PatternRefusal(reason: "a range in a class whose ends are not in order")
            }
            sets.append(.ranges([first...last]))
        }
        return inverted ? .not(.union(sets)) : .union(sets)
    }

    private mutating func classAtom() throws(PatternRefusal) -> ScalarSet {
        guard let scalar = next else { throw PatternRefusal(reason: "a [ without its ]") }
        at += 1
        guard scalar == "\\" else { return .one(scalar) }
        // Inside a class \b is the backspace.
        if take("b") { return .one("\u{08}") }
        return try escapedSet()
    }

    private static func single(_ set: ScalarSet) -> UInt32? {
        guard case .ranges(let ranges) = set, ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}

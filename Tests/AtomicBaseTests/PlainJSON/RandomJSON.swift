// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Random JSON texts, most of them nearly canonical, many of them nearly JSON.
struct RandomJSON: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    private mutating func one(_ items: [String]) -> String { items[below(items.count)] }

    /// A text; a third of them damaged at a few bytes.
    mutating func text() -> [UInt8] { text(of: chance(35) ? sample() : value(0)) }

    /// What may decode as the faithful type of the test; a third of them damaged.
    mutating func faithful() -> [UInt8] {
        var members = members().filter { !$0.hasPrefix("\"free\"") && !$0.hasPrefix("\"ratio\"") }
        if chance(60) {
            members.append(
                "\"word\":\(chance(90) ? one(["\"permit\"", "\"K\""]) : one(["\"\u{212a}\"", "\"k\"", "1"]))")
        }
        if chance(60) {
            let digest = "sha256:" + String(repeating: one(["0", "a9"]), count: 64).prefix(64)
            members.insert("\"digest\":\"\(chance(90) ? digest : digest.uppercased())\"", at: min(1, members.count))
        }
        return text(of: "{" + members.joined(separator: ",") + "}")
    }

    private mutating func text(of good: String) -> [UInt8] {
        var text = Array(good.utf8)
        if chance(33) { for _ in 0...below(3) { damage(&text) } }
        if chance(3) {
            text.insert(contentsOf: Array(one([" ", "\n", "\t", "x", "\u{feff}"]).utf8), at: below(text.count + 1))
        }
        return text
    }

    /// What may decode as the sample type of the test.
    private mutating func sample() -> String { "{" + members().joined(separator: ",") + "}" }

    private mutating func members() -> [String] {
        func usually(_ text: String, _ odd: (inout RandomJSON) -> String) -> String { chance(96) ? text : odd(&self) }
        let word = { (random: inout RandomJSON) in random.string() }
        let number = { (random: inout RandomJSON) in random.number() }
        let list = (0..<below(4)).map { _ in usually("\"\(one(Self.goodPieces))\"", word) }
        let table = ["a", "b", "ö"].prefix(below(4)).map { "\"\($0)\":\(usually(String(below(90)), number))" }
        var members = [
            "\"count\":\(usually(String(below(2_000) - 1_000), number))",
            "\"flag\":\(usually(one(["true", "false"]), { _ in "null" }))",
            "\"free\":\(chance(70) ? "[1,{\"k\":\"\(one(Self.goodPieces))\"}]" : value(3))",
            "\"list\":[\(list.joined(separator: ","))]",
            "\"name\":\(usually("\"\(one(Self.goodPieces))\"", word))",
            "\"part\":{\"at\":\"2026-11-21T10:00:00\(usually(".000000000", { _ in "" }))Z\",\"size\":\(usually(String(below(90)), number))}",
            "\"ratio\":\(usually(one(["0.5", "-3", "1e+21"]), number))", "\"table\":{\(table.joined(separator: ","))}",
            "\"tiny\":\(usually(String(below(256) - 128), number))",
        ]
        if chance(15) { members.remove(at: chance(50) ? 1 : below(members.count)) }
        if chance(15) { members.swapAt(below(members.count), below(members.count)) }
        if chance(5) { members.append("\"zzz\":1") }
        return members
    }

    private mutating func value(_ depth: Int) -> String {
        switch below(depth > 5 ? 4 : 7) {
        case 0: return one(["null", "true", "false"])
        case 1: return number()
        case 2, 3: return string()
        case 4: return "[" + (0..<below(5)).map { _ in value(depth + 1) }.joined(separator: separator()) + "]"
        default: return object { $0.value(depth + 1) }
        }
    }

    private mutating func separator() -> String { chance(4) ? " , " : "," }

    private mutating func object(of value: (inout RandomJSON) -> String) -> String {
        var keys = (0..<below(6)).map { _ in chance(80) ? "\"\(one(Self.plainKeys))\"" : string() }
        if chance(80) { keys = Array(Set(keys)).sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) } }
        let separator = separator()
        return "{" + keys.map { key in "\(key)\(chance(2) ? " : " : ":")\(value(&self))" }.joined(separator: separator)
            + "}"
    }

    private mutating func number() -> String {
        switch below(6) {
        case 0: return String(Int64(truncatingIfNeeded: next()))
        case 1: return one(Self.oddNumbers)
        case 2: return Double(bitPattern: next()).description
        case 3: return String(Double(below(1_000_000)) / 1_000)
        default: return String(below(2_000) - 1_000)
        }
    }

    private mutating func string() -> String {
        "\"" + (0..<below(5)).map { _ in one(Self.pieces) }.joined() + "\""
    }

    private mutating func damage(_ text: inout [UInt8]) {
        guard !text.isEmpty else { return }
        let place = below(text.count)
        switch below(5) {
        case 0: text[place] = UInt8(truncatingIfNeeded: next())
        case 1: text.remove(at: place)
        case 2: text.insert(Self.marks[below(Self.marks.count)], at: place)
        case 3: text.removeLast(text.count - place)
        default: text[place] = Self.marks[below(Self.marks.count)]
        }
    }

    private static let marks =
        Array("{}[]\",:\\/ 0123456789eE+-.truefalsn\u{0}\n\u{7f}".utf8) + [0x80, 0xc3, 0xa9, 0xed, 0xff]
    private static let plainKeys = [
        "a", "aa", "ab", "b", "count", "flag", "free", "id", "list", "name", "part", "size", "table", "z", "K", "Å", "",
    ]
    private static let oddNumbers = [
        "-0", "0", "-0.0", "1.0", "1.50", "1e3", "1E3", "1e+21", "1e21", "1e-7", "0.000001", "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "9007199254740993.0", "100000000000000000000", "1e999", "01",
        "1.", ".5", "+1", "1e",
        "5e-324", "1.7976931348623157e+308", "123456789012345678", "1234567890123456789", "-999999999999999999",
        "1e-999",
    ]
    private static let goodPieces = [
        "", "a", "text with words", "é", "\u{1f600}", "/", "\\\"", "\\\\", "\\n", "\\u0000", "\\u001f",
    ]
    private static let pieces = [
        "a", "text with words", "é", "e\u{301}", "\u{20ac}", "\u{1f600}", "\u{fb33}", "\u{e000}", "\u{212a}", "\u{37e}",
        "\u{7f}", "/", "\\/", "\\\"",
        "\\\\", "\\n", "\\t", "\\b", "\\f", "\\r", "\\u0000", "\\u001f", "\\u001F", "\\u000a", "\\u0041", "\\u00e9",
        "\\ud83d\\ude00", "\\uD83D\\uDE00",
        "\\ud800", "\\udc00", "\\u12", "\\x", "12345678", "sha256:0123456789abcdef",
    ]
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    struct Sample: Codable, Equatable {
        var name: String
        var count: Int64
        var note: String?
        var parts: [Part]
        var table: [String: Int]
    }

    struct Part: Codable, Equatable {
        var digest: Digest
        var at: WallTime
        var free: JSONValue
    }

    let sample = Sample(
        name: "é\u{1}\"", count: -7, note: nil,
        parts: [
            Part(
                digest: .sha256([1, 2, 3]), at: WallTime(nanoseconds: 1_795_000_000_000_000_001),
                free: .object(["b": .array([.null, .double(1e21), .bool(true)]), "a": .integer(3)]))
        ], table: ["z": 1, "a": 2])

    @Test("A value reads back from its own bytes")
    func roundTrip() throws {
        let bytes = try CanonicalJSON.encode(sample)
        #expect(try CanonicalJSON.decode(Sample.self, from: bytes) == sample)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(#"{"count":-7,"name":"é\u0001\"","parts":[{"at":"#))
    }

    @Test(
        "An unknown field, white space, another order and a duplicate key are refused",
        arguments: [
            #"{"digest":1,"x":2}"#, #"{"a":1, "b":2}"#, #"{"b":2,"a":1}"#, #"{"a":1,"a":1,"b":2}"#,
            #"{"a":1,"b":2,"c":3}"#, #"{"a":1.0,"b":2}"#, #"{"a":1,"b":2}x"#, #"{"a":1,"b":null}"#,
        ])
    func refused(text: String) throws {
        struct Two: Codable {
            var a: Int
            var b: Int
        }
        _ = try CanonicalJSON.decode(Two.self, from: Array(#"{"a":1,"b":2}"#.utf8))
        #expect(throws: BaseError.self) { try CanonicalJSON.decode(Two.self, from: Array(text.utf8)) }
    }

    @Test("The relaxed form accepts layout and still names an unknown field")
    func relaxed() throws {
        struct One: Codable { var a: Int }
        #expect(try CanonicalJSON.decodeRelaxed(One.self, from: Array(" {\"a\" : 1 }\n".utf8)).a == 1)
        let error = #expect(throws: BaseError.self) {
            try CanonicalJSON.decodeRelaxed(One.self, from: Array(#"{"a":1,"typo":2}"#.utf8))
        }
        #expect(error?.message.contains("/typo") == true)
    }

    @Test(
        "Numbers are written as ECMAScript writes them",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
            (1e-6, "0.000001"), (1e-7, "1e-7"), (123456.789, "123456.789"), (Double.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740993.0, "9007199254740992"),
            (0.1 + 0.2, "0.30000000000000004"), (333333333.33333329, "333333333.3333333"), (4.5, "4.5"),
        ])
    func numbers(value: Double, text: String) {
        #expect(String(decoding: JSONValue.double(value).canonical, as: UTF8.self) == text)
    }

    @Test("Keys are ordered by UTF-16 code units")
    func order() throws {
        let members: [String: Int64] = [
            "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "ö": 7,
        ]
        let value = JSONValue.object(members.mapValues(JSONValue.integer))
        let text = String(decoding: value.canonical, as: UTF8.self)
        #expect(text == "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}")
    }

    @Test(
        "What is not strict JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "nul", "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\u{1}\"", "[1] 2", "\u{feff}1", "1e999", "'a'", "{\"a\":1,\"a\":2}", "NaN", "-", "\"\\x\"",
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        ])
    func strict(text: String) {
        #expect(throws: BaseError.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    @Test("Invalid UTF-8 in a string is refused")
    func utf8() {
        #expect(throws: BaseError.self) { try JSONValue.parse([0x22, 0xc3, 0x28, 0x22]) }
        #expect(throws: BaseError.self) { try JSONValue.parse([0x22, 0xed, 0xa0, 0x80, 0x22]) }
    }
}

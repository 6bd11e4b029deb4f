// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Foundation
import Testing

@testable import AtomicBase

/// A decoder that notes what it reads, in place of one that encodes the result again.
@Suite("What was read whole is what encoding again would give")
struct FaithfulJSONTests {
    enum Word: String, JSONWord {
        case permit
        case kelvin = "K"
    }

    struct Sample: FaithfullyCodable, Equatable {
        struct Part: Codable, Equatable {
            var at: WallTime
            var size: UInt64
        }

        var count: Int64
        var digest: Digest?
        var flag: Bool?
        var list: [String]
        var name: String
        var part: Part
        var table: [String: Int]
        var tiny: Int8
        var word: Word?
    }

    private enum Outcome<Value: Equatable>: Equatable {
        case value(Value)
        case refused(String)

        init(_ body: () throws -> Value) {
            do { self = .value(try body()) } catch { self = .refused("\(error)") }
        }

        var isValue: Bool { if case .value = self { true } else { false } }
    }

    /// The way of all other types.
    private func byEncoding<T: Codable>(_ type: T.Type, _ text: [UInt8]) throws -> T {
        try CanonicalJSON.decode(type, from: text)
    }

    private static func show(_ text: [UInt8]) -> String { "\(String(decoding: text, as: UTF8.self)) = \(text)" }

    @Test("Random and damaged texts are accepted and refused as by encoding again, with the same words")
    func texts() throws {
        let count = ProcessInfo.processInfo.environment["ATOMIC_JSON_TEXTS"].flatMap(Int.init) ?? 1_000
        var random = RandomJSON(seed: 11)
        var tally = (accepted: 0, whole: 0, formAlone: 0)
        for _ in 0..<count {
            let text = random.faithful()
            let slow = Outcome { try byEncoding(Sample.self, text) }
            try #require(Outcome { try CanonicalJSON.decode(Sample.self, from: text) } == slow, "\(Self.show(text))")
            if slow.isValue { tally.accepted += 1 }
            guard let document = try? JSONDocument(text) else { continue }
            document.noteReading()
            let isDecoded = (try? Sample(from: JSONDecoding(node: document.root, path: nil))) != nil
            // The fast way is the one that is taken, and never for what the slow one refuses.
            if document.isReadWhole, isDecoded {
                try #require(slow.isValue, "\(Self.show(text))")
                tally.whole += 1
            }
            // A check of the form alone would let these pass.
            if document.isCanonical, isDecoded, !slow.isValue { tally.formAlone += 1 }
        }
        #expect(tally.accepted * 10 > count && tally.whole * 10 > tally.accepted * 6, "\(tally)")
        #expect(tally.formAlone * 100 > count, "\(tally)")
    }

    private static let good =
        #"{"count":1,"list":["a"],"name":"n","part":{"at":"2026-11-21T10:00:00.000000000Z","size":3},"table":{"a":1},"tiny":-4,"word":"K"}"#

    @Test(
        "A canonical text that is decoded otherwise than it stands is refused",
        arguments: [
            (".000000000Z", "Z"), (#""word":"K""#, "\"word\":\"\u{212a}\""), (#""word":"K""#, #""word":null"#),
            (#""a":1}"#, #""a":1,"b":null}"#), (#""size":3"#, #""size":3,"sizes":3"#), (#""size":3"#, #""size":3.5"#),
            (#"["a"]"#, #"["a",{}]"#), (#"["a"]"#, #"["a",null]"#), (#"["a"]"#, "[[]]"),
        ])
    func refused(part: String, other: String) throws {
        _ = try CanonicalJSON.decode(Sample.self, from: Array(Self.good.utf8))
        let text = Array(Self.good.replacingOccurrences(of: part, with: other).utf8)
        #expect(text != Array(Self.good.utf8))
        #expect(throws: BaseError.self) { try CanonicalJSON.decode(Sample.self, from: text) }
        #expect(
            Outcome { try CanonicalJSON.decode(Sample.self, from: text) }
                == Outcome { try byEncoding(Sample.self, text) })
    }

    @Test("A key that Swift holds equal to another is not that key")
    func equivalentKeys() throws {
        struct Kelvin: FaithfullyCodable, Equatable {
            var kelvin: Int

            private enum CodingKeys: String, CodingKey { case kelvin = "K" }
        }
        #expect(try CanonicalJSON.decode(Kelvin.self, from: Array(#"{"K":1}"#.utf8)).kelvin == 1)
        let text = Array("{\"\u{212a}\":1}".utf8)
        #expect(throws: BaseError.self) { try CanonicalJSON.decode(Kelvin.self, from: text) }
    }

    @Test("A type that asks for what is not there, or passes over what is, is encoded and compared")
    func unfaithful() throws {
        struct Choosy: FaithfullyCodable, Equatable {
            var a: Int

            init(from decoder: any Decoder) throws {
                a = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .a)
            }
        }
        #expect(throws: BaseError.self) { try CanonicalJSON.decode(Choosy.self, from: Array(#"{"a":1,"b":2}"#.utf8)) }
        #expect(throws: BaseError.self) {
            try CanonicalJSON.decode(Choosy.self, from: Array(#"{"a":1,"b":[{}]}"#.utf8))
        }
        // An optional in a list is written as null, which the notes cannot tell from one that is dropped.
        struct Holes: FaithfullyCodable, Equatable { var list: [Int?] }
        #expect(try CanonicalJSON.decode(Holes.self, from: Array(#"{"list":[1,null]}"#.utf8)).list == [1, nil])
        // One value for several texts: numbers of a double, which are written otherwise than they stand.
        struct Ratio: FaithfullyCodable, Equatable { var ratio: Double }
        #expect(try CanonicalJSON.decode(Ratio.self, from: Array(#"{"ratio":3}"#.utf8)).ratio == 3)
        #expect(throws: BaseError.self) {
            try CanonicalJSON.decode(Ratio.self, from: Array(#"{"ratio":9007199254740993}"#.utf8))
        }
    }
}

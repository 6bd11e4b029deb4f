// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Testing

/// The reader, decoder and encoder of the programs against the plain ones of this test target.
@Suite("Canonical JSON agrees with its plain form")
struct CanonicalJSONAgreementTests {
    struct Sample: Codable, Equatable {
        struct Part: Codable, Equatable {
            var at: WallTime
            var size: UInt64
        }

        var name: String
        var count: Int64
        var flag: Bool?
        var list: [String]
        var part: Part
        var ratio: Double
        var table: [String: Int]
        var tiny: Int8
        var free: JSONValue
    }

    private enum Outcome<Value: Equatable>: Equatable {
        case value(Value)
        case refused(String)

        init(_ body: () throws -> Value) {
            do { self = .value(try body()) } catch { self = .refused(PlainJSON.describe(error)) }
        }

        var isValue: Bool { if case .value = self { true } else { false } }
    }

    /// `ATOMIC_JSON_TEXTS` for more than the usual number; `ATOMIC_JSON_SEED` for others.
    private static func setting(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? usual
    }

    @Test("Random and damaged texts are read, decoded and refused alike, at the same place for the same reason")
    func texts() throws {
        let count = Self.setting("ATOMIC_JSON_TEXTS", 1_000)
        var random = RandomJSON(seed: UInt64(Self.setting("ATOMIC_JSON_SEED", 1)))
        var tally = (read: 0, canonical: 0, decoded: 0, exact: 0)
        for number in 0..<count {
            let text = random.text()
            let limits = JSONLimits(
                depth: number.isMultiple(of: 7) ? 2 : 64, bytes: number.isMultiple(of: 50) ? 20 : 1 << 20)
            let ours = Outcome { try JSONValue.parse(text, limits: limits) }
            try #require(ours == Outcome { try PlainJSON.parse(text, limits: limits) }, "\(Self.show(text))")
            if ours.isValue { tally.read += 1 }
            guard case .value(let tree) = Outcome({ try PlainJSON.parse(text) }) else { continue }
            let form = try JSONValue.parseNotingForm(text)
            try #require(form.value == tree && form.isCanonical == (tree.canonical == text), "\(Self.show(text))")
            if form.isCanonical { tally.canonical += 1 }
            try agree(text, &tally.decoded, &tally.exact)
        }
        // Each kind occurs often enough to say something.
        #expect(tally.read * 3 > count && tally.canonical * 10 > count && tally.decoded * 50 > count, "\(tally)")
        #expect(tally.exact * 200 > count && tally.exact < tally.decoded, "\(tally)")
        print("\(count) texts: \(tally)")
    }

    private func agree(_ text: [UInt8], _ decoded: inout Int, _ exact: inout Int) throws {
        let plain = Outcome { try PlainJSON.decode(Sample.self, fromAnyForm: text) }
        try #require(
            Outcome { try CanonicalJSON.decode(Sample.self, from: JSONValue.parse(text)) } == plain,
            "\(Self.show(text))")
        let strict = Outcome { try PlainJSON.decode(Sample.self, from: text) }
        try #require(Outcome { try CanonicalJSON.decode(Sample.self, from: text) } == strict, "\(Self.show(text))")
        if strict.isValue { exact += 1 }
        guard case .value(let value) = plain else { return }
        decoded += 1
        let tree = try PlainJSON.tree(value)
        try #require(try CanonicalJSON.value(value) == tree && CanonicalJSON.encode(value) == tree.canonical)
    }

    private static func show(_ text: [UInt8]) -> String { "\(String(decoding: text, as: UTF8.self)) = \(text)" }
}

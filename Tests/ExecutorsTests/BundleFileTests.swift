// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Jail
import PolicyFile
import Testing

@testable import Executors

/// `model.yaml`, the exit table and the little pattern language.
struct BundleFileTests {
    static let good = """
        name: a-model
        version: "1"
        licence: MIT
        tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
        protocol: oneshot
        argv: [/usr/bin/true]
        image: {closure: {programs: [/usr/bin/true]}}
        profile: executor
        limits: {memory: 64MiB, wall: 10s, call: 700ms, cpu: 1500ms, processes: 3, output: 4KiB}
        prices: {call: "0.00002 EUR", cpuSecond: "0.002 EUR", kibibyte: "0.000001 EUR"}
        bid: {fixed: {confidence: 0.80, cost: "0.0001 EUR", latency: 20ms}}
        answer: {exit: {0: {spam: true}, 1: {spam: false}}, confidence: {regex: '^[SH] ([0-9.e+-]+)$', complement: [1]}}
        """

    private func read(_ text: String) throws -> ModelManifest {
        try ManifestFile.read(Array(text.utf8), file: "model.yaml")
    }

    @Test func aGoodManifestIsReadToUnits() throws {
        let manifest = try read(Self.good)
        #expect(manifest.limits.memoryBytes == 64 << 20)
        #expect(manifest.limits.cpuSeconds == 2)
        #expect(manifest.callLimitNs == 700_000_000)
        #expect(manifest.prices.call == Money(micro: 20) && manifest.prices.currency == "EUR")
        #expect(manifest.bid?.fixed?.confidence == 800_000_000)
        #expect(manifest.offers(type: "spam", schema: "urn:atomic:schema:spam:v1"))
        #expect(!manifest.offers(type: "spam", schema: "urn:other"))
        let bytes = try CanonicalJSON.encode(manifest)
        #expect(try CanonicalJSON.decode(ModelManifest.self, from: bytes) == manifest)
    }

    @Test(arguments: [
        ("name: a-model", "name: A/Model"), ("licence: MIT", "licenze: MIT"), ("oneshot", "openai"),
        ("argv: [/usr/bin/true]", "argv: [true]"), ("profile: executor", "profile: ../executor"),
        ("64MiB", "64MB"), ("wall: 10s", "wall: 0s"), ("0.80", "1.01"), ("0.002 EUR", "0.002 USD"),
        ("0: {spam: true}", "256: {spam: true}"), ("([0-9.e+-]+)", "(a|b)"), ("[/usr/bin/true]}}", "[/usr/../true]}}"),
        ("version: \"1\"", "version: 1"), ("{fixed:", "{guessed:"),
    ])
    func aBadManifestIsRefusedWithItsPlace(old: String, new: String) throws {
        #expect(Self.good.contains(old))
        var text = Self.good
        if let range = text.firstRange(of: old) { text.replaceSubrange(range, with: new) }
        let error = #expect(throws: PolicyFileError.self) { try read(text) }
        #expect(error?.message.hasPrefix("model.yaml:") == true)
    }

    @Test func theExitTableMakesTheAnswer() throws {
        let table = try #require(try read(Self.good).answer)
        func answer(_ exit: Int32, _ output: String) throws -> (JSONValue, Int64) {
            let (value, confidence) = try table.answer(exit: exit, output: Array(output.utf8))
            return (value, confidence)
        }
        #expect(
            try answer(0, "S 0.9963\n") == (.object(["spam": .bool(true), "confidence": .double(0.9963)]), 996_300_000))
        #expect(
            try answer(1, "H 0.000293\n") == (
                .object(["spam": .bool(false), "confidence": .double(0.999707)]), 999_707_000
            ))
        #expect(try answer(0, "S 1\n").1 == 1_000_000_000)
        #expect(try answer(1, "H 6.2e-07\n").1 == 999_999_380)
        #expect(throws: ExecutorError(.modelError, "", remedy: "")) { try answer(3, "S 0.5\n") }
        for bad in ["", "S\n", "S 1.5\n", "S -1\n", "S nan\n", "xS 0.5\n", "S 0.5 \n"] {
            #expect(throws: ExecutorError(.invalidJSON, "", remedy: ""), "\(bad)") { try answer(0, bad) }
        }
        #expect(throws: ExecutorError(.garbage, "", remedy: "")) { try table.answer(exit: 0, output: [0, 255]) }
    }

    @Test(arguments: [
        ("^S ([0-9.]+)$", "S 0.5", "0.5"), ("([0-9]+)", "abc123def456", "123"),
        ("p=(\\d*\\.?\\d+);", "xx p=.25; y", ".25"),
        ("^(a*)a$", "aaaa", "aaa"), ("^.*([0-9])$", "ab12", "2"), ("(x?)y", "xy", "x"), ("^([^ ]+) ", "one two", "one"),
        ("score: +([0-9.]+)", "spam score:   7.5 of 10", "7.5"),
    ])
    func aPatternFindsItsGroup(pattern: String, line: String, group: String) throws {
        let found = try BoundedPattern(pattern).firstGroup(in: Array(line.utf8)[...])
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == group)
    }

    @Test(arguments: [("^S ([0-9]+)$", "S 0.5"), ("^([0-9]+)$", ""), ("a([0-9])b", "a12b")])
    func aPatternThatDoesNotMatchFindsNothing(pattern: String, line: String) throws {
        #expect(try BoundedPattern(pattern).firstGroup(in: Array(line.utf8)[...]) == nil)
    }

    @Test(arguments: [
        "", "abc", "(a|b)", "((a))", "(a)(b)", "(a)+", "*(a)", "(a**)", "[a", "(a", "a)", "([z-a])", "(\\w)", "()",
    ])
    func anythingElseIsNoPattern(pattern: String) {
        #expect(throws: ExecutorError.self) { try BoundedPattern(pattern) }
    }

    @Test func aHostilePatternTakesLinearTime() throws {
        let pattern = try BoundedPattern(
            String(repeating: "a?", count: 50) + "(a*)" + String(repeating: "a*", count: 40) + "b$")
        let line = [UInt8](repeating: 0x61, count: 4096)
        let begun = SystemClock.real.monotonic()
        #expect(pattern.firstGroup(in: line[...]) == nil)
        #expect(SystemClock.real.monotonic() - begun < 2_000_000_000)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Disclosure

struct VerbatimRunTests {
    private static let source = Array("The patient, Mrs. Ünal, was admitted on 3 May with chest pain.".utf8)

    private func exceeds(_ limit: Int, _ text: String) -> Bool {
        VerbatimRun.exceeds(limit, answer: .object(["summary": .string(text)]), sources: [Self.source])
    }

    @Test func aSummaryInOtherWordsPassesAndACopyDoesNot() {
        #expect(!exceeds(20, "Chest pain since the beginning of May; a woman."))
        #expect(exceeds(20, "Quote: patient, Mrs. Ünal, was admitted"))
    }

    @Test(arguments: [
        "THE PATIENT MRS ÜNAL WAS ADMITTED", "the-patient.mrs.ünal\nwas   admitted", "thepatientmrsünalwasadmitted",
    ])
    func trivialEditsHideNoCopy(_ text: String) {
        #expect(exceeds(20, text))
    }

    @Test func theLimitIsExact() {
        // thepatientmrs: 13 letters
        #expect(exceeds(12, "xx the patient Mrs yy"))
        #expect(!exceeds(13, "xx the patient Mrs yy"))
        #expect(VerbatimRun.longest(answer: .string("xx the patient Mrs yy"), sources: [Self.source]) == 13)
        #expect(VerbatimRun.longest(answer: .string("qqq"), sources: [Self.source]) == 0)
    }

    @Test func wordsInAListAndNamesOfMembersAreReadToo() {
        let words = ["the", "patient", "mrs", "ünal", "was", "admitted"].map { JSONValue.string($0) }
        #expect(VerbatimRun.exceeds(20, answer: .array(words), sources: [Self.source]))
        let names = JSONValue.object(["patient Mrs Ünal was admitted on": .bool(true)])
        #expect(VerbatimRun.exceeds(20, answer: names, sources: [Self.source]))
        #expect(
            VerbatimRun.exceeds(10, answer: .integer(123_456_789_012), sources: [Array("no 1234 5678 9012".utf8)]))
    }

    @Test func agreesWithAPlainSearchOnRandomTexts() {
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<200 {
            let a = (0..<next(40)).map { _ in UInt8(0x61 + next(3)) }
            let b = (0..<next(80)).map { _ in UInt8(0x61 + next(3)) }
            var longest = 0
            for start in a.indices {
                for end in start..<a.count where end - start + 1 > longest {
                    let run = a[start...end]
                    let isThere = b.indices.contains { b[$0...].starts(with: run) }
                    if isThere { longest = end - start + 1 }
                }
            }
            let answer = JSONValue.string(String(decoding: a, as: UTF8.self))
            #expect(VerbatimRun.longest(answer: answer, sources: [b]) == longest)
            #expect(!VerbatimRun.exceeds(longest, answer: answer, sources: [b]))
            if longest > 0 { #expect(VerbatimRun.exceeds(longest - 1, answer: answer, sources: [b])) }
        }
    }

    @Test func aMebibyteTakesLinearWork() {
        let source = [UInt8](repeating: 0x61, count: 1 << 20)
        let answer = JSONValue.string(String(repeating: "a", count: 1 << 15) + "b")
        #expect(VerbatimRun.exceeds(1 << 14, answer: answer, sources: [source]))
        #expect(!VerbatimRun.exceeds(1 << 15, answer: answer, sources: [source]))
    }
}

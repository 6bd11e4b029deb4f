// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Testing

@testable import Reporting

/// What a person reads on the terminal.
struct TableTests {
    @Test func severalMicrotasksAreColumns() {
        let lines = MessageTable(Sample.eventful).text.split(separator: "\n").map(String.init)
        #expect(lines[0].split(separator: " ") == ["message", "spam", "category", "ended", "cost", "latency"])
        #expect(lines[2].hasPrefix("a.eml    bayes    rules"))
        #expect(lines[3].contains("filter!") && lines[3].contains("rules?") && lines[3].contains("needs-review"))
        #expect(
            lines[4].contains("timeout") && lines[4].contains("needs-failed") && lines[4].contains("failed (timeout)"))
        #expect(lines[5].contains("·"))
        #expect(lines.last == "? not sure enough   ! differs from its label   · not due")
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test func oneMicrotaskShowsItsAuction() {
        var facts = Sample.facts(
            ["spam"], [.init(name: "a.eml", state: "released"), .init(name: "b.eml", state: "denied")])
        var denied = Sample.answer(1, "spam", "denied", bids: ["bayes"], code: "release-denied")
        denied.rules = ["P2"]
        facts.answers = [Sample.answer(0, "spam", "answered", winner: "bayes", bids: ["bayes"]), denied]
        let lines = MessageTable(facts).text.split(separator: "\n").map(String.init)
        #expect(lines[2].contains("bayes 97% 0.0001"))
        #expect(lines[3].contains("- (release-denied: P2)"))
    }

    @Test func whatIsHiddenIsCountedAndTroubleIsShownFirst() {
        var facts = Sample.facts(
            ["spam"], (0..<100).map { .init(name: "\($0).eml", state: $0 == 90 || $0 == 95 ? "failed" : "released") })
        facts.answers = (0..<100).map { Sample.answer($0, "spam", $0 == 90 ? "failed" : "answered", winner: "bayes") }
        let text = MessageTable(facts, limit: 10).text
        #expect(text.contains("90.eml") && text.contains("95.eml") && text.contains("7.eml") && !text.contains("8.eml"))
        #expect(text.contains("… 90 of 100 messages not shown, all of them released"))
        #expect(
            MessageTable(facts, limit: 1).text.contains("99 of 100 messages not shown, 1 of them not simply released"))
        #expect(!MessageTable(facts).text.contains("not shown"))
    }

    @Test func noNameDrivesTheTerminal() {
        let facts = Sample.facts(["spam"], [.init(name: "\u{1b}]0;gotcha\u{7}.eml", state: "released")])
        #expect(!MessageTable(facts).text.unicodeScalars.contains { $0.value == 0x1b || $0.value == 7 })
    }

    @Test func theSummaryNamesWhatCounts() {
        let text = SummaryText(Sample.eventful).text
        #expect(text.contains("2 (crashed 1, timeout 1)"))
        #expect(text.contains("released 3 of 4; 1 to be reviewed; failed 1"))
        #expect(text.contains("spam: oracle forbidden by F1 for 1 message\n"))
        #expect(text.contains("wall 1.00 s, models 70 % of it"))
        #expect(text.contains("100 % (34–100)  2/2"))
    }

    @Test(
        arguments: [
            (400_000, "0.4 ms"), (9_960_000, "10 ms"), (37_400_000, "37 ms"), (1_254_000_000, "1.25 s"),
            (59_000_000_000, "59.0 s"),
            (245_000_000_000, "4 min 05 s"),
        ] as [(Int64, String)])
    func timesAreShort(_ nanoseconds: Int64, _ text: String) { #expect(Shown.time(nanoseconds) == text) }

    @Test(
        arguments: [
            (1_000_000_000, "100 %"), (0, "0 %"), (999_000_000, "99.9 %"), (999_999_999, "99.9 %"),
            (500_000_000, "50 %"),
            (4_000_000, "0.4 %"),
        ] as [(Int64, String)])
    func noRateIsRoundedToCertainty(_ nano: Int64, _ text: String) { #expect(Shown.percent(nano) == text) }
}

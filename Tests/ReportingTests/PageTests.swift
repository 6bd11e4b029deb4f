// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Reporting

/// The page with plots.
struct PageTests {
    /// Names of others in every place that shows one.
    private static let hostile = "<script>alert(1)</script>\"'&\u{202e}.eml"

    private var hostile: JobFacts {
        var facts = Sample.eventful
        facts.heading.job = Self.hostile
        facts.heading.room = Self.hostile
        facts.heading.task = Self.hostile
        facts.heading.purpose = Self.hostile
        facts.microtasks[0] = Self.hostile
        facts.messages[0].name = Self.hostile
        facts.messages[2].code = Self.hostile
        for index in facts.answers.indices where facts.answers[index].microtask == "spam" {
            facts.answers[index].microtask = Self.hostile
            facts.answers[index].winner = facts.answers[index].winner.map { _ in Self.hostile }
            facts.answers[index].exclusions = [.init(model: Self.hostile, kind: Self.hostile, rules: [Self.hostile])]
        }
        for index in facts.attempts.indices where facts.attempts[index].microtask == "spam" {
            facts.attempts[index].microtask = Self.hostile
            facts.attempts[index].model = Self.hostile
        }
        facts.spans[0].model = Self.hostile
        facts.processes[0].cause = Self.hostile
        return facts
    }

    @Test func noNameBecomesMarkup() {
        let text = ReportPage(hostile).html.text
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\u{fffd}.eml"))
        #expect(!text.lowercased().contains("<script"))
        #expect(!text.unicodeScalars.contains("\u{202e}"))
    }

    @Test func aPageOfAwardsIsWellFormedAndNoNameBecomesMarkup() {
        func bid(_ score: Int64, _ fate: String) -> AwardPage.Bid {
            AwardPage.Bid(
                model: Self.hostile, probability: 900_000_000, price: 3, gain: 540_000_000, cost: 1, latency: 2,
                risk: 0,
                score: score, fate: fate)
        }
        let full = AwardPage.Award(
            title: Self.hostile, words: Self.hostile + "\nsecond line",
            bids: [bid(500_000_000, "won"), bid(-7, Self.hostile)],
            excluded: [.init(model: Self.hostile, kind: Self.hostile, rules: [Self.hostile], reason: Self.hostile)])
        let empty = AwardPage.Award(title: "a", words: "", bids: [], excluded: [])
        for page in [AwardPage(title: Self.hostile, awards: [full, empty], left: 3), AwardPage(title: "", awards: [])] {
            let text = page.html.text
            #expect(Self.unbalanced(text) == nil)
            #expect(!text.lowercased().contains("<script") && !text.unicodeScalars.contains("\u{202e}"))
        }
    }

    @Test func thePageIsWellFormedWhateverItIsAbout() throws {
        for facts in [hostile, Sample.eventful, Sample.facts(["spam"], []), Sample.facts([], [])] {
            let text = ReportPage(facts).html.text
            #expect(Self.unbalanced(text) == nil)
        }
        // The check finds what it is for.
        #expect(Self.unbalanced("<p><b>x</p>") != nil)
        #expect(Self.unbalanced("<p>") != nil)
    }

    /// A policy that permits this page's own style by its digest and nothing else, and a page that needs nothing else.
    @Test func nothingIsLoadedAndNothingRuns() throws {
        let text = ReportPage(Sample.eventful).html.text
        let css = try #require(Self.between("<style>", "</style>", in: text))
        let digest = Base64.encode(Digest.sha256(Array(css.utf8)).bytes)
        #expect(
            text.contains(
                "content=\"default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'\""))
        for word in [
            "http:", "https:", "//", "url(", "@import", "src=", "href=", "style=", " on", "javascript:", "<link",
            "<img", "<iframe",
        ] {
            let found = text.replacing(css, with: "").contains(word) && word != " on"
            #expect(!found, "the page has \(word)")
            if word != " on" { #expect(!css.contains(word) || word == "src=", "the style has \(word)") }
        }
        #expect(!Self.attributes(text).contains { $0.hasPrefix("on") })
    }

    @Test func everyPlotSaysInWordsWhatItShows() throws {
        let text = ReportPage(Sample.eventful).html.text
        let plots = text.components("<svg ").dropFirst()
        #expect(plots.count == 5)
        for plot in plots {
            #expect(plot.contains("role=\"img\""))
            #expect(plot.contains("<title id="))
            #expect(plot.contains("<desc id="))
        }
        // Ids that are referred to are there, once each.
        let ids = text.components(" id=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        #expect(Set(ids).count == ids.count)
        for list in text.components("aria-labelledby=\"").dropFirst() {
            for id in list.prefix(while: { $0 != "\"" }).split(separator: " ") { #expect(ids.contains(String(id))) }
        }
        #expect(text.components("<caption>").count > 6)
    }

    @Test func withoutLabelsThePageSaysSoAndPlotsNoAccuracy() {
        var facts = Sample.eventful
        for index in facts.answers.indices { facts.answers[index].right = nil }
        let text = ReportPage(facts).html.text
        #expect(text.contains("No labels were given"))
        #expect(text.components("<svg ").count == 4)
    }

    @Test func aThousandMessagesAreASmallDrawing() {
        var facts = Sample.facts(["spam"], (0..<1_000).map { .init(name: "\($0).eml", state: "released") })
        facts.answers = (0..<1_000).map { Sample.answer($0, "spam", "answered", winner: "bayes", bids: ["bayes"]) }
        facts.attempts = (0..<1_000).map { Sample.attempt($0, "spam", "bayes", ms: Int64($0 % 90 + 1)) }
        facts.spans = (0..<1_000).map {
            .init(
                model: "bayes", role: "executor", phase: "working", startNs: Int64($0) * 1_000_000,
                endNs: Int64($0) * 1_000_000 + 900_000)
        }
        let page = ReportPage(facts)
        #expect(page.bytes.count < 400_000)
        #expect(page.html.text.components("<rect ").count < 400)
    }

    // MARK: Reading a page

    private static let void: Set<String> = ["meta", "!DOCTYPE"]

    /// The first tag that is not closed in its place.
    private static func unbalanced(_ text: String) -> String? {
        var open: [String] = []
        for part in text.components("<").dropFirst() {
            let tag = String(part.prefix { $0 != ">" })
            if tag.hasSuffix("/") { continue }
            let name = String(tag.prefix { $0 != " " && $0 != "\n" })
            if name.hasPrefix("/") {
                guard open.popLast() == String(name.dropFirst()) else { return name }
            } else if !void.contains(name) {
                open.append(name)
            }
        }
        return open.last
    }

    private static func attributes(_ text: String) -> [String] {
        text.components("<").dropFirst().flatMap { part in
            part.prefix { $0 != ">" }.split(separator: " ").dropFirst().map { String($0.prefix { $0 != "=" }) }
        }
    }

    private static func between(_ start: String, _ end: String, in text: String) -> String? {
        text.components(start).dropFirst().first?.components(end).first
    }
}

extension String {
    /// Split at a text, without Foundation.
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}

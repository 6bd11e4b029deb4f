// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Reporting

/// A run in figures.
struct SummaryTests {
    /// Ends found by bisection of the score test that the interval inverts, by a program that shares nothing with this one.
    @Test(arguments: [
        (10, 10, 722_467_200, 1_000_000_000), (0, 10, 0, 277_532_800), (5, 10, 236_593_091, 763_406_909),
        (140, 144, 930_758_461, 989_145_882), (1, 1, 206_549_300, 1_000_000_000),
    ])
    func theIntervalIsWilsons(_ right: Int, _ of: Int, _ low: Int64, _ high: Int64) throws {
        let proportion = try #require(Proportion(right: right, of: of))
        #expect(abs(proportion.low - low) < 100)
        #expect(abs(proportion.high - high) < 100)
    }

    @Test func nothingHasNoRate() {
        #expect(Proportion(right: 0, of: 0) == nil)
        #expect(Proportion(right: 2, of: 1) == nil)
    }

    @Test func aQuantileIsAValueThatWasMeasured() {
        let hundred = Quantiles((1...100).map { Int64($0) })
        #expect(hundred.at(percent: 50) == 50)
        #expect(hundred.at(percent: 99) == 99)
        #expect(hundred.at(percent: 100) == 100)
        #expect(Quantiles([7, 3]).at(percent: 50) == 3)
        #expect(Quantiles([7, 3]).at(percent: 99) == 7)
        #expect(Quantiles([]).at(percent: 50) == nil)
    }

    @Test func overlappingSpansCountOnce() {
        let spans: [(start: Int64, end: Int64)] = [(22, 23), (0, 10), (5, 12), (20, 30), (30, 31), (40, 40)]
        #expect(BusyTime.union(spans) == 23)
        #expect(BusyTime.union([(start: Int64, end: Int64)]()) == 0)
    }

    @Test func everyModelIsCountedPerMicrotask() throws {
        let summary = JobSummary(Sample.eventful)
        let bayes = try #require(summary.models.first { $0.model == "bayes" })
        #expect((bayes.bids, bayes.wins, bayes.takeovers, bayes.attempts) == (4, 2, 0, 4))
        #expect(bayes.failures == ["crashed": 1, "timeout": 1])
        #expect(bayes.failed == 2)
        #expect(bayes.latency == .init(Quantiles([2_000_000, 3_000_000, 7_000_000, 900_000_000])))
        #expect(bayes.latency?.p50 == "3000000")
        #expect(bayes.cost == 40)
        #expect(bayes.accuracy == Proportion(right: 2, of: 2))
        let filter = try #require(summary.models.first { $0.model == "filter" })
        #expect((filter.bids, filter.wins, filter.takeovers, filter.failed) == (3, 1, 1, 1))
        #expect(filter.accuracy == Proportion(right: 0, of: 1))
        let rules = try #require(summary.models.first { $0.model == "rules" })
        #expect((rules.wins, rules.unsure, rules.failed) == (2, 1, 0))
        #expect(rules.accuracy == nil)
        #expect(summary.models.map(\.model) == ["bayes", "filter", "rules"])
    }

    @Test func statesAddUp() throws {
        let summary = JobSummary(Sample.eventful)
        #expect(summary.messages == .init(total: 4, released: 2, needsReview: 1, failed: 1, denied: 0, pending: 0))
        for row in summary.microtasks {
            #expect(row.answered + row.unsure + row.skipped + row.failed + row.denied == 4)
        }
        #expect(summary.microtasks[1].codes == ["low-confidence": 1, "needs-failed": 1])
        #expect(summary.microtasks[0].accuracy == Proportion(right: 2, of: 3))
        #expect(
            summary.exclusions == [
                .init(microtask: "spam", model: "oracle", kind: "forbidden", rules: ["F1"], messages: 1)
            ])
        #expect(summary.processes.first?.jails == 2)
        #expect(summary.processes.first?.cpuNs == "11000000")
        #expect(summary.totals.modelNs == "700000000")
        #expect(summary.totals.modelShare == 700_000_000)
    }

    /// Two models on one message, the surer of them the first: nobody took over.
    @Test func theFirstToTryDidNotTakeOver() {
        var facts = Sample.facts(["spam"], [.init(name: "a", state: "needs-review")])
        facts.answers = [Sample.answer(0, "spam", "unsure", winner: "bayes", bids: ["bayes", "filter"])]
        facts.attempts = [
            Sample.attempt(0, "spam", "bayes", "low-confidence"), Sample.attempt(0, "spam", "filter", "low-confidence"),
        ]
        #expect(JobSummary(facts).models.map(\.takeovers) == [0, 0])
    }

    @Test func theJSONFormIsReadBack() throws {
        let summary = JobSummary(Sample.eventful)
        let bytes = try CanonicalJSON.encode(summary)
        #expect(try CanonicalJSON.decode(JobSummary.self, from: bytes) == summary)
        let tree = try JSONValue.parse(bytes)
        #expect(
            tree.objectValue?.keys.sorted() == [
                "exclusions", "messages", "microtasks", "models", "processes", "totals", "v",
            ])
        #expect(tree["totals"]?["wallNs"] == .string("1000000000"))
    }

    @Test func aRunOfNothingIsSummarised() {
        let facts = Sample.facts(["spam"], [])
        #expect(JobSummary(facts).messages.total == 0)
        #expect(SummaryText(facts).text.contains("no model bid"))
        #expect(!ReportPage(facts).bytes.isEmpty)
    }
}

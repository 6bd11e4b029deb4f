// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import AuditBundle

@Suite("The way of an input") struct InputPathTests {
    typealias Step = (inout InputStory) throws(Illegal) -> Void

    /// What is legal passes; then the one step that is not is refused for the reason that is given.
    private func refuse(
        _ name: String, _ reason: String, after legal: Step, _ illegal: Step,
        _ location: SourceLocation = #_sourceLocation
    ) {
        var story = InputStory()
        #expect(throws: Never.self, "\(name)", sourceLocation: location) { try legal(&story) }
        do throws(Illegal) {
            try illegal(&story)
            Issue.record("\(name) was let through", sourceLocation: location)
        } catch {
            #expect(error.reason.contains(reason), "\(name): \(error.reason)", sourceLocation: location)
        }
    }

    @Test("from the parser to a release that needs a review") func whole() throws {
        var story = InputStory()
        try story.whole()
        try story.release()
        #expect(story.path.outcome == .released(response: InputStory.answer, review: true))
        #expect(story.path.attempts == 1 && story.path.cost == 20)
        #expect(story.path.record(of: "category", by: "b") == story.record("category", "b"))
        #expect(story.path.record(of: "category", by: "a") == nil)
        #expect(story.path.weights["a"] == InputStory.model)
    }

    @Test("skipped microtasks leave an answer that nobody need look at") func skipped() throws {
        var story = InputStory()
        try story.prepare()
        try story.run("spam", "a")
        try story.release(
            [
                .init(id: "spam", state: .answered, model: "a"), .init(id: "category", state: .skipped),
                .init(id: "reply", state: .skipped),
            ], review: false, models: ["a"])
        #expect(story.path.outcome == .released(response: InputStory.answer, review: false))
    }

    @Test("newcomers are tried beside a valid answer, which stays what it is") func trials() throws {
        var story = InputStory()
        try story.prepare()
        try story.run("spam", "a")
        try story.run("spam", "b", isTrial: true)
        try story.run("spam", "c", "rejected", "schema", isTrial: true)
        try story.release(
            [
                .init(id: "spam", state: .answered, model: "a"), .init(id: "category", state: .skipped),
                .init(id: "reply", state: .skipped),
            ], review: false, models: ["a"])
        #expect(story.path.record(of: "spam", by: "a") == story.record("spam", "a"))
        #expect(story.path.record(of: "spam", by: "b") == story.record("spam", "b"))
        #expect(story.path.record(of: "spam", by: "c") == nil)
        #expect(story.path.cost == 15)

        let answered: Step = { s throws(Illegal) in
            try s.prepare()
            try s.run("spam", "a")
        }
        refuse("a trial first", "a trial without a valid answer", after: { s throws(Illegal) in try s.prepare() }) {
            s throws(Illegal) in try s.auction("spam", "b", isTrial: true)
        }
        refuse("an auction that is no trial", "an auction after a valid answer", after: answered) {
            s throws(Illegal) in try s.auction("spam", "b")
        }
        refuse("a second turn as a newcomer", "had had its turn", after: answered) { s throws(Illegal) in
            try s.auction("spam", "a", isTrial: true)
        }
        refuse(
            "a newcomer's answer as the one that left", "no valid answer",
            after: { s throws(Illegal) in
                try answered(&s)
                try s.run("spam", "b", isTrial: true)
            }
        ) { s throws(Illegal) in
            try s.release(
                [
                    .init(id: "spam", state: .answered, model: "b"), .init(id: "category", state: .skipped),
                    .init(id: "reply", state: .skipped),
                ], review: false, models: ["b"])
        }
        refuse(
            "a trial after a later microtask had begun", "after a later microtask",
            after: { s throws(Illegal) in
                try answered(&s)
                try s.auction("category", "b")
            }
        ) { s throws(Illegal) in try s.auction("spam", "b", isTrial: true) }
    }

    @Test("without a parser what works on the message goes on, and the rest fails for its reason") func noParser()
        throws
    {
        var story = InputStory()
        try story.prepare("rejected", "crashed")
        try story.run("spam", "a")
        let results: [Event.MicrotaskResult] = [
            .init(id: "spam", state: .answered, model: "a"),
            .init(id: "category", state: .failed, code: "parse-crashed"),
            .init(id: "reply", state: .failed, code: "needs-failed"),
        ]
        var wrong = story
        var other = results
        other[1].code = "parse-hung"
        #expect(throws: Illegal.self) { try wrong.release(other, models: ["a"]) }
        try story.release(results, models: ["a"])
        #expect(story.path.outcome == .released(response: InputStory.answer, review: true))
    }

    @Test("a parser that the policy denies leaves a denial with its decision") func parserDenied() throws {
        var story = InputStory()
        try story.auction("spam", "a")
        try story.key("spam", "a")
        try story.deliver("spam", "a", "a-1")
        try story.judge("spam", "a", "a-1")
        try story.pay("spam", "a")
        try story.release(
            [
                .init(id: "spam", state: .answered, model: "a"),
                .init(
                    id: "category", state: .denied, code: "parser-denied",
                    decision: InputStory.decision("run", "parser", "deny")),
                .init(id: "reply", state: .failed, code: "needs-failed"),
            ], models: ["a"])
    }

    @Test("a release that is denied leaves the value out, and what was built on it stays") func releaseDenied() throws {
        var story = InputStory()
        try story.whole()
        var results = InputStory.results
        results[0] = .init(
            id: "spam", state: .denied, model: "a", code: "release-denied",
            decision: InputStory.decision("release", "a", "deny"))
        try story.release(results, models: ["b"])
    }

    @Test("what makes an answer too large is left out, and only what is there") func oversize() throws {
        var story = InputStory()
        try story.whole()
        var results = InputStory.results
        results[0] = .init(id: "spam", state: .failed, code: "oversize")
        try story.release(results, models: ["b"])
        refuse(
            "left out and never there", "none to leave out",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.run("spam", "a")
                try s.run("category", "b", "rejected", "schema")
                try s.auction("category", nil)
            }
        ) { s throws(Illegal) in
            try s.release(
                [
                    InputStory.results[0], .init(id: "category", state: .failed, code: "oversize"),
                    .init(id: "reply", state: .skipped),
                ], models: ["a"])
        }
    }

    @Test("a crash before the key begins the same attempt anew, one after it the next") func crashes() throws {
        var story = InputStory()
        try story.auction("spam", "a")
        story.crash()
        #expect(story.path.attempt == 1)
        try story.whole()
        story.crash()
        #expect(story.path.attempt == 2)
        try story.whole()
        try story.release()
        story.crash()
        #expect(story.path.outcome == .released(response: InputStory.answer, review: true))
        #expect(story.path.attempts == 2)
        #expect(story.path.cost == 40, "what a lost attempt cost stays on the bill")
    }

    @Test("nothing left: the reason is that of the first microtask") func withheld() throws {
        var story = InputStory()
        try story.auction("spam", nil)
        let denial = InputStory.decision("bid", "a", "deny")
        try story.withhold([
            .init(id: "spam", state: .denied, code: "no-eligible-bid", decision: denial),
            .init(id: "category", state: .failed, code: "needs-failed"),
            .init(id: "reply", state: .failed, code: "needs-failed"),
        ])
        #expect(story.path.outcome == .withheld(code: "no-eligible-bid", denied: true))
        #expect(story.path.attempts == 0)
    }

    @Test("keys, jails and deliveries that cannot be") func deliveries() {
        let won: Step = { s throws(Illegal) in
            try s.auction("spam", "a")
            try s.key("spam", "a")
        }
        refuse("a key without an auction", "without an auction", after: { _ in }) { s throws(Illegal) in
            try s.key("spam", "a")
        }
        refuse(
            "a key for an auction that nobody won", "without an auction",
            after: { s throws(Illegal) in try s.auction("spam", nil) }
        ) { s throws(Illegal) in try s.key("spam", "a") }
        refuse("the key twice", "twice for attempt 1", after: won) { s throws(Illegal) in try s.key("spam", "a") }
        refuse("the key twice, for the parser", "twice", after: won) { s throws(Illegal) in try s.key("parse", "parser")
        }
        refuse("another parser's key", "does not name", after: { _ in }) { s throws(Illegal) in try s.key("parse", "a")
        }
        refuse("a first attempt that is the second", "attempt 2", after: { _ in }) { s throws(Illegal) in
            try s.auction("spam", "a", attempt: 2)
        }
        refuse(
            "a key of a lost attempt", "attempt 1 while it is attempt 2",
            after: { s throws(Illegal) in
                try won(&s)
                s.crash()
                try s.auction("spam", "a")
            }
        ) { s throws(Illegal) in try s.key("spam", "a", attempt: 1) }
        refuse("no key", "without a key release", after: { s throws(Illegal) in try s.auction("spam", "a") }) {
            s throws(Illegal) in try s.deliver("spam", "a", "j")
        }
        refuse(
            "a key from before the crash", "without a key release",
            after: { s throws(Illegal) in
                try won(&s)
                s.crash()
                try s.auction("spam", "a")
            }
        ) { s throws(Illegal) in try s.deliver("spam", "a", "j") }
        refuse("another model", "did not win", after: won) { s throws(Illegal) in try s.deliver("spam", "b", "j") }
        refuse("a bidder", "bidder", after: won) { s throws(Illegal) in try s.deliver("spam", "a", "j", .bidder) }
        refuse("a parser for a microtask", "a parser got", after: won) { s throws(Illegal) in
            try s.deliver("spam", "parser", "j", .parser)
        }
        refuse(
            "the same jail again", "twice",
            after: { s throws(Illegal) in
                try won(&s)
                try s.deliver("spam", "a", "j")
            }
        ) { s throws(Illegal) in try s.deliver("spam", "a", "j") }
        refuse(
            "a parser's jail that had a message", "second input",
            after: { s throws(Illegal) in
                try s.key("parse", "parser")
            }
        ) { s throws(Illegal) in try s.deliver("parse", "parser", "j", .parser, used: true) }
        refuse("two parsers", "parsed twice", after: { s throws(Illegal) in try s.prepare() }) { s throws(Illegal) in
            try s.deliver("parse", "parser", "j", .parser)
        }
        refuse(
            "features of nothing", "before the message was parsed",
            after: { s throws(Illegal) in
                try s.prepare("rejected", "crashed")
            }
        ) { s throws(Illegal) in try s.deliver("features", "vectors", "v", .featurizer) }
        refuse(
            "the parsed message without a parser", "parsed message",
            after: { s throws(Illegal) in
                try s.prepare("rejected", "crashed")
                try s.run("spam", "a")
                try s.auction("category", "b")
            }
        ) { s throws(Illegal) in try s.deliver("category", "b", "b") }
    }

    @Test("answers that cannot be") func answers() {
        let delivered: Step = { s throws(Illegal) in
            try s.prepare()
            try s.auction("spam", "a")
            try s.deliver("spam", "a", "a-1")
        }
        refuse("another jail", "never had the input", after: delivered) { s throws(Illegal) in
            try s.judge("spam", "a", "j")
        }
        refuse("the jail of another model", "never had the input", after: delivered) { s throws(Illegal) in
            try s.judge("spam", "b", "a-1")
        }
        refuse(
            "a jail from before the crash", "never had the input",
            after: { s throws(Illegal) in
                try delivered(&s)
                s.crash()
                try s.auction("spam", "a")
            }
        ) { s throws(Illegal) in try s.judge("spam", "a", "a-1") }
        refuse(
            "the featurizer's output as an answer", "featurizer",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.auction("spam", "vectors")
            }
        ) { s throws(Illegal) in try s.judge("spam", "vectors", "vectors-1") }
        refuse("another schema", "schema of another", after: delivered) { s throws(Illegal) in
            try s.judge("spam", "a", "a-1", schema: InputStory.answer)
        }
        refuse("unsure where nobody asked", "asks for no confidence", after: delivered) { s throws(Illegal) in
            try s.judge("spam", "a", "a-1", "unsure", Verdict.lowConfidence)
        }
        refuse("rejected without a reason", "without its reason", after: delivered) { s throws(Illegal) in
            try s.judge("spam", "a", "a-1", "rejected")
        }
        refuse(
            "judged twice", "judged twice",
            after: { s throws(Illegal) in
                try delivered(&s)
                try s.judge("spam", "a", "a-1", "rejected", "schema")
            }
        ) { s throws(Illegal) in try s.judge("spam", "a", "a-1") }
        refuse(
            "the model that failed again", "had its turn",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.run("spam", "a", "rejected", "schema")
            }
        ) { s throws(Illegal) in try s.auction("spam", "a") }
        refuse(
            "a takeover of a valid answer", "after a valid answer",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.run("spam", "a")
            }
        ) { s throws(Illegal) in try s.auction("spam", "b") }
        refuse(
            "an auction after nobody could win", "nobody could win",
            after: { s throws(Illegal) in
                try s.auction("spam", nil)
            }
        ) { s throws(Illegal) in try s.auction("spam", "a") }
        refuse(
            "a takeover before the bill", "before the last one was settled",
            after: { s throws(Illegal) in
                try delivered(&s)
                try s.judge("spam", "a", "a-1", "rejected", "schema")
            }
        ) { s throws(Illegal) in try s.auction("spam", "b") }
        refuse(
            "a microtask before what it needs", "before spam was answered",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.run("spam", "a", "rejected", "schema")
            }
        ) { s throws(Illegal) in try s.auction("category", "b") }
        refuse(
            "a microtask on one that was skipped", "was skipped",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.run("spam", "a")
            }
        ) { s throws(Illegal) in try s.auction("reply", "b") }
        refuse(
            "what it needs changes afterwards", "had begun on its answer",
            after: { s throws(Illegal) in
                try s.prepare()
                try s.run("spam", "a")
                try s.run("category", "b", "unsure", Verdict.lowConfidence)
                try s.auction("reply", "b")
            }
        ) { s throws(Illegal) in try s.auction("category", "a") }
    }

    @Test("bills that cannot be") func bills() {
        let judged: Step = { s throws(Illegal) in
            try s.prepare()
            try s.auction("spam", "a")
            try s.deliver("spam", "a", "a-1")
            try s.judge("spam", "a", "a-1")
        }
        refuse("another model", "without having won", after: judged) { s throws(Illegal) in try s.pay("spam", "b") }
        refuse("another outcome", "another outcome", after: judged) { s throws(Illegal) in
            try s.pay("spam", "a", "crashed")
        }
        refuse("a negative cost", "cost cannot be", after: judged) { s throws(Illegal) in
            try s.pay("spam", "a", cost: -1)
        }
        refuse(
            "paid twice", "twice for one award",
            after: { s throws(Illegal) in
                try judged(&s)
                try s.pay("spam", "a")
            }
        ) { s throws(Illegal) in try s.pay("spam", "a") }
        refuse("valid without an answer", "another outcome", after: { s throws(Illegal) in try s.auction("spam", "a") })
        {
            s throws(Illegal) in try s.pay("spam", "a")
        }
    }

    @Test("outcomes that cannot be") func outcomes() {
        let whole: Step = { s throws(Illegal) in try s.whole() }
        func changed(_ place: Int, _ result: Event.MicrotaskResult) -> [Event.MicrotaskResult] {
            var results = InputStory.results
            results[place] = result
            return results
        }
        let cases: [(name: String, reason: String, results: [Event.MicrotaskResult])] = [
            ("a microtask left out", "other microtasks", Array(InputStory.results.dropLast())),
            ("another order", "other microtasks", InputStory.results.reversed()),
            ("executed and skipped", "there was an auction", changed(1, .init(id: "category", state: .skipped))),
            ("skipped without a condition", "no condition", changed(0, .init(id: "spam", state: .skipped))),
            (
                "rejected and answered", "no valid answer",
                changed(1, .init(id: "category", state: .answered, model: "a"))
            ),
            ("unsure and answered", "no valid answer", changed(1, .init(id: "category", state: .answered, model: "b"))),
            (
                "sure and unsure", "no unsure answer",
                changed(0, .init(id: "spam", state: .unsure, model: "a", code: Verdict.lowConfidence))
            ),
            ("answered and failed", "it has an answer", changed(0, .init(id: "spam", state: .failed, code: "schema"))),
            ("failed for no reason", "it has an answer", changed(0, .init(id: "spam", state: .failed))),
            (
                "denied without a decision", "goes with a denial",
                changed(0, .init(id: "spam", state: .denied, code: "run-denied"))
            ),
            (
                "a denial of what was not asked", "denied something else",
                changed(
                    0,
                    .init(
                        id: "spam", state: .denied, model: "a", code: "release-denied",
                        decision: InputStory.decision("run", "a", "deny")))
            ),
            ("an answer of nobody", "a model goes with an answer", changed(0, .init(id: "spam", state: .answered))),
            ("another's answer", "no valid answer", changed(0, .init(id: "spam", state: .answered, model: "b"))),
        ]
        for item in cases {
            refuse(item.name, item.reason, after: whole) { s throws(Illegal) in try s.release(item.results) }
        }
        let failed: Step = { s throws(Illegal) in
            try s.prepare()
            try s.run("spam", "a")
            try s.run("category", "b", "rejected", "schema")
            try s.auction("category", nil)
        }
        func after(_ code: String?, _ reply: Event.MicrotaskResult) -> [Event.MicrotaskResult] {
            [InputStory.results[0], .init(id: "category", state: .failed, code: code), reply]
        }
        refuse("built on what failed", "needs has failed", after: failed) { s throws(Illegal) in
            try s.release(after("exhausted", .init(id: "reply", state: .skipped)), models: ["a"])
        }
        refuse("failed for no reason at all", "for no reason", after: failed) { s throws(Illegal) in
            try s.release(after(nil, .init(id: "reply", state: .failed, code: "needs-failed")), models: ["a"])
        }
        refuse("the parser's fault where it has none", "parser did not fail", after: failed) { s throws(Illegal) in
            try s.release(after("parse-hung", .init(id: "reply", state: .failed, code: "needs-failed")), models: ["a"])
        }
        refuse("unsure and no review", "needs a review", after: whole) { s throws(Illegal) in
            try s.release(review: false)
        }
        refuse("a model without a decision", "once for each model", after: whole) { s throws(Illegal) in
            try s.release(models: ["a"])
        }
        refuse("one decision twice", "once for each model", after: whole) { s throws(Illegal) in
            try s.release(models: ["a", "a", "b"])
        }
        refuse(
            "released twice", "after the answer was released",
            after: { s throws(Illegal) in
                try s.whole()
                try s.release()
            }
        ) { s throws(Illegal) in try s.release() }
        refuse(
            "an answer from before the crash", "no valid answer",
            after: { s throws(Illegal) in
                try s.whole()
                s.crash()
            }
        ) { s throws(Illegal) in try s.release() }
        refuse("withheld with an answer", "although a microtask was answered", after: whole) { s throws(Illegal) in
            try s.withhold(InputStory.results)
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Testing

@testable import CleanRoom

@Suite("The way of an input through its graph")
struct GraphProgressTests {
    private func microtask(
        _ id: String, needs: [String] = [], input: String = "message", when: [Record.TaskGraph.Condition]? = nil
    ) -> Record.TaskGraph.Microtask {
        .init(id: id, type: id, schema: .bool(true), needs: needs, input: input, when: when)
    }

    private func progress(_ microtasks: Record.TaskGraph.Microtask...) -> GraphProgress {
        GraphProgress(graph: .init(name: "test", microtasks: microtasks))
    }

    private let answered = GraphProgress.End(state: .answered, value: .object(["spam": .bool(false)]), model: "a")

    @Test("what needs nothing begins at once and once; what needs it begins when it has ended")
    func order() {
        var progress = progress(microtask("a"), microtask("b"), microtask("c", needs: ["a", "b"]))
        let first = progress.begin().map(\.id)
        #expect(first == ["a", "b"])
        progress.finish("a", answered)
        let second = progress.begin()
        #expect(second.isEmpty)
        progress.finish("b", answered)
        let third = progress.begin().map(\.id)
        #expect(third == ["c"])
        progress.finish("c", answered)
        #expect(progress.isFinished)
        let ends = progress.conclude()
        #expect(ends?.map(\.microtask.id) == ["a", "b", "c"])
        let again = progress.conclude()
        #expect(again == nil, "one thread concludes")
    }

    @Test("a condition holds for one of its values, and never for a member that is not there")
    func conditions() {
        func skipped(_ path: [String], _ anyOf: [JSONValue], answer: GraphProgress.End? = nil) -> Bool {
            var progress = progress(
                microtask("spam"),
                microtask("b", needs: ["spam"], when: [.init(microtask: "spam", path: path, anyOf: anyOf)]))
            _ = progress.begin()
            progress.finish("spam", answer ?? answered)
            let begun = progress.begin()
            return begun.isEmpty && progress.ends["b"]?.state == .skipped
        }
        let one = GraphProgress.End(state: .unsure, value: .object(["spam": .double(1.0)]))
        #expect(skipped(["spam"], [.bool(false)]) == false)
        #expect(skipped(["spam"], [.bool(true), .bool(false)]) == false)
        #expect(skipped(["spam"], [.bool(true)]) == true)
        #expect(skipped(["other"], [.bool(false)]) == true)
        #expect(skipped(["spam", "deeper"], [.bool(false)]) == true)
        #expect(skipped(["spam"], [.bool(false)], answer: .init(state: .skipped)) == true)
        #expect(skipped(["spam"], [.integer(1)], answer: one) == false, "one number has one canonical form")
    }

    @Test("a need that failed or was denied takes along who needs it; one that was skipped does not")
    func propagation() {
        for state: MicrotaskState in [.failed, .denied] {
            var progress = progress(microtask("a"), microtask("b", needs: ["a"]), microtask("c", needs: ["b"]))
            _ = progress.begin()
            progress.finish("a", .init(state: state, code: "hung"))
            let rest = progress.begin()
            #expect(rest.isEmpty)
            #expect(progress.ends["c"] == .init(state: .failed, code: "needs-failed"))
            #expect(progress.isFinished)
        }
        var progress = progress(microtask("a"), microtask("b", needs: ["a"]))
        _ = progress.begin()
        progress.finish("a", .init(state: .skipped))
        let rest = progress.begin().map(\.id)
        #expect(rest == ["b"])
    }

    @Test("what reads the parsed message waits for the parser and fails with it; the rest goes on")
    func parsing() {
        var progress = progress(
            microtask("a"), microtask("b", input: "parsed"), microtask("c", needs: ["a"], input: "answers"))
        let first = progress.begin().map(\.id)
        #expect(first == ["a"])
        progress.finish("a", answered)
        let second = progress.begin()
        #expect(second.isEmpty)
        progress.parsed(.failed(.init(state: .failed, code: "parse-crashed")))
        let third = progress.begin()
        #expect(third.isEmpty)
        #expect(progress.isFinished)
        #expect(progress.ends["b"]?.code == "parse-crashed" && progress.ends["c"]?.code == "parse-crashed")
        #expect(progress.ends["a"]?.state == .answered)
    }

    @Test("answers alone need no parser")
    func answersOnly() {
        var progress = progress(microtask("a"), microtask("b", needs: ["a"], input: "answers"))
        #expect(progress.parsing == .unneeded)
        _ = progress.begin()
        progress.finish("a", answered)
        let rest = progress.begin().map(\.id)
        #expect(rest == ["b"])
    }

    @Test("an input ends when the parser is done too, although nobody needs what it makes any more")
    func parserLast() {
        var progress = progress(
            .init(id: "spam", type: "spam", schema: .object([:]), needs: [], input: "message"),
            .init(
                id: "category", type: "category", schema: .object([:]), needs: ["spam"], input: "parsed",
                when: [.init(microtask: "spam", path: ["spam"], anyOf: [.bool(true)])]))
        #expect(progress.begin().map(\.id) == ["spam"])
        progress.finish("spam", answered)
        #expect(progress.begin().isEmpty)
        #expect(progress.ends.count == 2)
        #expect(progress.conclude() == nil)
        progress.parsed(.done)
        #expect(progress.conclude()?.count == 2)
    }
}

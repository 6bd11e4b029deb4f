// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import PolicyFile
import Testing

@testable import CleanRoom

@Suite("Task graph files") final class TaskGraphFileTests {
    private let directory = "/tmp/atomic-graph-test-" + Hex.encode(RandomBytes.make(8))

    init() throws {
        try Files.createDirectory(directory)
        for (name, text) in [
            (
                "spam.json",
                #"{"type":"object","properties":{"spam":{"type":"boolean"},"confidence":{"type":"number"}}}"#
            ),
            (
                "category.json",
                #"{"type":"object","properties":{"category":{"enum":["billing","order"]},"more":{"type":"object","properties":{"team":{"type":"string"}}}}}"#
            ), ("any.json", #"{"type":"object"}"#),
        ] { try Files.writeVisibly(Array(text.utf8), to: directory + "/" + name) }
    }

    deinit {
        for name in (try? Files.list(directory)) ?? [] { try? Files.remove(directory + "/" + name) }
        // An empty directory in /tmp is no harm.
    }

    private static let good = """
        apiVersion: atomic/task/v1
        name: triage
        parser: mail-parser
        featurizer: word-vectors
        microtasks:
          - id: spam
            type: spam
            schema: spam.json
          - id: category
            type: category
            schema: category.json
            needs: [spam]
            input: parsed
            when: {spam.spam: false}
            review: {below: 0.6}
          - id: reply
            type: reply
            schema: any.json
            needs: [category]
            input: answers
            when: {category.category: [billing, order], spam.spam: false}
            review: true

        """

    private func read(_ text: String) throws -> Record.TaskGraph {
        let path = directory + "/graph.yaml"
        try Files.writeVisibly(Array(text.utf8), to: path)
        return try TaskGraphFile.read(path)
    }

    @Test("several microtasks with conditions, review and services") func whole() throws {
        let graph = try read(Self.good)
        #expect(graph.parser == "mail-parser" && graph.featurizer == "word-vectors")
        #expect(graph.microtasks.map(\.input) == ["message", "parsed", "answers"])
        #expect(graph.microtasks[0].when == nil && graph.microtasks[0].review == nil)
        #expect(graph.microtasks[1].when == [.init(microtask: "spam", path: ["spam"], anyOf: [.bool(false)])])
        #expect(graph.microtasks[1].review == .init(below: 600_000_000))
        #expect(graph.microtasks[2].review == .init(always: true))
        #expect(
            graph.microtasks[2].when == [
                .init(microtask: "category", path: ["category"], anyOf: [.string("billing"), .string("order")]),
                .init(microtask: "spam", path: ["spam"], anyOf: [.bool(false)]),
            ])
        #expect(graph.allNeeds(of: graph.microtasks[2]) == ["spam", "category"])
        #expect(graph.problem == nil)
        let again = try CanonicalJSON.decode(Record.TaskGraph.self, from: CanonicalJSON.encode(graph))
        #expect(again == graph)
    }

    @Test("what is absent is not in the record, so that old graphs keep their digests") func digests() throws {
        let graph = try read(
            "apiVersion: atomic/task/v1\nname: t\nmicrotasks:\n  - {id: spam, type: spam, schema: any.json, review: false}\n"
        )
        let text = String(decoding: try CanonicalJSON.encode(graph), as: UTF8.self)
        #expect(
            text
                == #"{"kind":"task-graph","microtasks":[{"id":"spam","input":"message","needs":[],"schema":{"type":"object"},"type":"spam"}],"name":"t","v":1}"#
        )
    }

    @Test(
        "one mistake is one error with its place, and the nearest name where there is one",
        arguments: [
            ("needs: [spam]", "needs: [reply]", "12:13", "allowed spam"),
            ("needs: [spam]", "needs: [span]", "12:13", "did you mean spam"),
            ("needs: [spam]", "needs: [category]", "12:13", "allowed spam"),
            ("needs: [spam]", "needs: [spam, spam]", "12:19", "second time"),
            ("input: parsed", "input: pasred", "13:12", "did you mean parsed"),
            ("when: {spam.spam: false}", "when: {span.spam: false}", "14:12", "did you mean spam"),
            ("when: {spam.spam: false}", "when: {spam.spma: false}", "14:12", "did you mean spam"),
            ("when: {spam.spam: false}", "when: {spam: false}", "14:12", "spam.MEMBER"),
            ("when: {spam.spam: false}", "when: {spam..spam: false}", "14:12", "spam.MEMBER"),
            ("when: {spam.spam: false}", "when: {spam.spam: \"no\"}", "14:23", "boolean"),
            ("when: {spam.spam: false}", "when: {spam.spam: []}", "14:23", "at least one"),
            ("when: {spam.spam: false}", "when: {}", "14:11", "at least one condition"),
            ("when: {spam.spam: false}", "when: {category.category: order}", "14:12", "allowed spam"),
            ("[billing, order], spam", "[billing, ordre], spam", "21:41", "did you mean order"),
            ("review: {below: 0.6}", "review: {below: 1.5}", "15:21", "up to 1"),
            ("review: {below: 0.6}", "review: {below: 0}", "15:21", "above 0"),
            ("review: {below: 0.6}", "review: {above: 0.6}", "15:13", "below"),
            ("review: true", "review: sometimes", "22:13", "mapping"),
            ("needs: [category]\n", "\n", "20:12", "needs"),
            ("id: reply", "id: parse", "16:9", "names a step"),
            ("id: reply", "id: answers", "16:9", "part of every answer"),
            ("id: reply", "id: spam", "16:9", "second time"),
            ("id: reply", "id: Reply", "16:9", "lower-case"),
            ("type: reply", "type: features", "17:11", "steps before"),
            ("    review: true", "    reveiw: true", "22:5", "did you mean review"),
            ("parser: mail-parser", "parsr: mail-parser", "3:1", "did you mean parser"),
        ])
    func mistakes(old: String, new: String, place: String, says: String) throws {
        let text = Self.good.replacing(old, with: new)
        #expect(text != Self.good)
        do {
            _ = try read(text)
            Issue.record("“\(new)” was read")
        } catch let error as any ExplainedError {
            #expect(error.message.contains("graph.yaml:\(place)"), "\(error.message)")
            #expect(error.message.contains(says), "\(error.message)")
        }
    }

    @Test("1 to 64 microtasks", arguments: [0, 1, 64, 65]) func count(_ count: Int) throws {
        let items = (0..<count).map { "  - {id: m\($0), type: t, schema: any.json}\n" }.joined()
        let text = "apiVersion: atomic/task/v1\nname: t\nmicrotasks:\(count == 0 ? " []\n" : "\n" + items)"
        if (1...64).contains(count) {
            #expect(try read(text).microtasks.count == count)
        } else {
            #expect(throws: PolicyFileError.self) { try self.read(text) }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Testing

@testable import CleanRoom

struct LabelTests {
    private func form(_ id: String, _ schema: String) throws -> LabelForm {
        try LabelForm(
            Record.TaskGraph.Microtask(
                id: id, type: id, schema: JSONValue.parse(Array(schema.utf8)), needs: [], input: "message"))
    }

    private let spam = #"{"type":"object","properties":{"spam":{"type":"boolean"},"confidence":{"type":"number"}}}"#
    private let category = #"{"type":"object","properties":{"category":{"enum":["billing","true"]}}}"#

    @Test func aLabelNamesMessageMicrotaskAndValue() throws {
        #expect(
            try MessageLabel("a.eml/spam=true") == .init(message: "a.eml", microtask: "spam", value: .words("true")))
        #expect(
            try MessageLabel("a=b.eml/reply=x=y/z")
                == .init(message: "a=b.eml", microtask: "reply", value: .words("x=y/z")))
        for wrong in ["", "a.eml", "a.eml/spam", "a.eml=true", "/spam=true", "a.eml/=true"] {
            #expect(throws: RoomError(.feedback, "", remedy: ""), "\(wrong)") { try MessageLabel(wrong) }
        }
    }

    @Test func aBatchHasALinePerMessage() throws {
        let lines = """
            {"message":"a.eml","labels":{"spam":false,"category":"billing"}}

            {"message":"b.eml","labels":{"spam":true}}
            """
        let labels = try MessageLabel.batch(Array(lines.utf8), named: "labels.jsonl")
        #expect(labels.map(\.microtask) == ["category", "spam", "spam"])
        #expect(labels[2].value == .json(.bool(true)))
        for wrong in [
            "spam", "[]", #"{"message":"a"}"#, #"{"message":"a","labels":{}}"#,
            #"{"message":"a","labels":{"spam":true},"more":1}"#,
        ] {
            #expect(throws: RoomError(.feedback, "", remedy: ""), "\(wrong)") {
                try MessageLabel.batch(Array("\n\(wrong)\n".utf8), named: "labels.jsonl")
            }
        }
    }

    @Test func theSchemaSaysWhatWordsMean() throws {
        func value(_ form: LabelForm, _ words: String) throws -> JSONValue {
            try form.value(of: MessageLabel(message: "a", microtask: "x", value: .words(words)))
        }
        #expect(try value(form("spam", spam), "true") == .bool(true))
        #expect(try value(form("category", category), "true") == .string("true"))
        #expect(try value(form("category", category), "billing") == .string("billing"))
        for (form, words) in [(try form("spam", spam), "yes"), (try form("category", category), "bill")] {
            #expect(throws: RoomError(.feedback, "", remedy: "")) { try value(form, words) }
        }
        // A value of a batch is what it is.
        #expect(throws: RoomError(.feedback, "", remedy: "")) {
            try form("spam", spam).value(
                of: MessageLabel(message: "a", microtask: "spam", value: .json(.string("true"))))
        }
    }

    @Test func aLabelSpeaksOfTheMemberThatIsNamedLikeTheMicrotask() throws {
        let answer = JSONValue.object(["spam": .bool(true), "confidence": .double(0.9)])
        #expect(try form("spam", spam).principal(of: answer) == .bool(true))
        #expect(try form("spam", spam).answer(.bool(false)) == .object(["spam": .bool(false)]))
        // Without such a member it speaks of the whole answer.
        #expect(try form("verdict", spam).principal(of: answer) == answer)
    }

    @Test func anExcerptIsShortAndIsText() {
        let parsed = JSONValue.object([
            "headers": .object(["subject": .string("Rechnung")]),
            "text": .string("a\u{0}b\u{1b}[2J\n" + String(repeating: "ü", count: 4_000)),
        ])
        let text = Excerpt.of(parsed: parsed)
        #expect(text.hasPrefix("Rechnung\nab[2J\nüü") && text.utf8.count <= Excerpt.limit)
        #expect(text.utf8.count > Excerpt.limit - 4)
    }
}

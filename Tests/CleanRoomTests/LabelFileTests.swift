// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import CleanRoom

/// Labels to count right answers by.
struct LabelFileTests {
    private func read(_ text: String) throws -> LabelFile {
        try LabelFile(bytes: Array(text.utf8), file: "labels.json")
    }

    @Test func bothFormsAreRead() throws {
        let file = try read(#"{"a.eml": "spam", "b.eml": "ham", "c.eml": {"spam": false, "category": "billing"}}"#)
        #expect(file.labels["a.eml"] == ["spam": .bool(true)])
        #expect(file.labels["b.eml"] == ["spam": .bool(false)])
        #expect(file.labels["c.eml"]?["category"] == .string("billing"))
        try file.check(messages: ["a.eml", "z.eml"], microtasks: ["spam", "category"])
    }

    @Test(arguments: [
        #"{"a.eml": "eggs"}"#, #"{"a.eml": 1}"#, #"["a.eml"]"#, #"{"a.eml": "spam", "a.eml": "ham"}"#, "spam",
    ])
    func anotherFormIsRefusedWithTheRightOne(_ text: String) {
        let error = #expect(throws: RoomError.self) { try read(text) }
        #expect(error?.code == .labels)
        #expect(error?.exit == .usage)
        #expect(error?.remedy.contains("\"ham\"") == true)
    }

    @Test func labelsAreAboutThisJob() throws {
        let stranger = #expect(throws: RoomError.self) {
            try read(#"{"a.eml": {"mood": 1}}"#).check(messages: ["a.eml"], microtasks: ["spam"])
        }
        #expect(stranger?.message.contains("mood") == true)
        #expect(throws: RoomError(.labels, "", remedy: "")) {
            try read(#"{"inbox/a.eml": "spam"}"#).check(messages: ["a.eml"], microtasks: ["spam"])
        }
    }
}

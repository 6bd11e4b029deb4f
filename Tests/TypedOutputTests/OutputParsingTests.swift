// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TypedOutput

struct OutputParsingTests {
    private func code(_ text: String, maxBytes: Int = 1_000) -> String {
        do throws(TypedOutputError) {
            _ = try OutputParsing.parse(Array(text.utf8), maxBytes: maxBytes)
            return "ok"
        } catch {
            return error.codeName
        }
    }

    @Test func oneStrictValueIsRead() throws {
        let value = try OutputParsing.parse(Array(" {\"spam\": true, \"confidence\": 0.93}\n".utf8), maxBytes: 100)
        #expect(value == .object(["spam": .bool(true), "confidence": .double(0.93)]))
        for text in ["null", "0", "\"x\"", "[]", "{}"] { #expect(code(text) == "ok") }
    }

    @Test(arguments: [
        "", " ", "{", "{} {}", "{}x", "```json\n{}\n```", "{'a':1}", "{a:1}", "[1,]", "{\"a\":1,\"a\":2}", "NaN",
        "Infinity",
        "01", "+1", ".5", "1.", "\"\u{01}\"", "\"\\ud800\"", "// x\n1", "tru", "{\"a\":1,}", "\u{feff}{}", "1e999",
    ])
    func anythingElseIsInvalid(text: String) {
        #expect(code(text) == "invalid-json")
    }

    @Test func bytesThatAreNoUTF8AreInvalid() {
        #expect(throws: TypedOutputError(.invalidJSON, "", remedy: "")) {
            try OutputParsing.parse([0x22, 0xff, 0x22], maxBytes: 10)
        }
    }

    @Test func lengthAndDepthAreBounded() {
        #expect(code("\"12345678\"", maxBytes: 10) == "ok")
        #expect(code("\"123456789\"", maxBytes: 10) == "oversize")
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(code(deep(64)) == "ok")
        #expect(code(deep(65)) == "invalid-json")
        #expect(code(deep(100_000), maxBytes: 1_000_000) == "invalid-json")
    }

    @Test func theErrorIsSilentAboutContent() {
        for text in ["{\"canary-7f3a\": }", "canary-7f3a", "{\"canary-7f3a\":1,\"canary-7f3a\":2}"] {
            do throws(TypedOutputError) {
                _ = try OutputParsing.parse(Array(text.utf8), maxBytes: 1_000)
                Issue.record("read")
            } catch {
                #expect(!"\(error)\(String(reflecting: error))".contains("canary"))
            }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Disclosure

struct CanaryTests {
    private static let token = "atomic-canary-00f1e2d3c4b5a6978899aabbccddeeff"
    private static let digits = "00f1e2d3c4b5a6978899aabbccddeeff"

    private static let planted: Canaries = {
        var canaries = Canaries()
        canaries.learn(from: Array("Dear desk,\r\nref \(token), thanks\r\n".utf8))
        return canaries
    }()

    private func isFound(_ text: String) -> Bool {
        !Self.planted.found(in: .object(["summary": .string(text)])).isEmpty
    }

    @Test func aPlantedTokenIsKnown() {
        #expect(Self.planted.tokens == [Self.token])
        #expect(Self.planted.found(in: .string("see \(Self.token)")) == [Self.token])
    }

    @Test func aCleanAnswerPasses() {
        #expect(!isFound("The customer asks about an invoice of 2026-11-21 and names no reference."))
        #expect(!isFound("atomic-canary-ffffffffffffffffffffffffffffffff"))
        #expect(!isFound(String(repeating: "0123456789abcdef", count: 64)))
    }

    @Test(arguments: [
        "ATOMIC-CANARY-00F1E2D3C4B5A6978899AABBCCDDEEFF", "00f1e2d3c4b5a6978899aabbccddeeff",
        "00f1 e2d3\nc4b5.a697", "0-0-f-1-e-2-d-3-c-4-b-5-a-6-9-7-8-8-9-9", "b5a6978899aabbcc",
        "ffeeddccbbaa9988796a5b4c3d2e1f00",
    ])
    func separatorsCaseAndOmissionsHideNothing(_ text: String) {
        #expect(isFound(text))
    }

    @Test func simpleEncodingsHideNothing() {
        let bytes = Array(Self.token.utf8)
        let base64 = Base64.encode(bytes)
        let escaped = bytes.map { "%" + Hex.encode([$0]) }.joined()
        #expect(isFound("x " + base64))
        #expect(isFound(Base64.encode(Array("ab".utf8) + bytes)))
        #expect(isFound(Base64.encode(Array("a".utf8) + bytes).replacing("=", with: "")))
        #expect(isFound(Hex.encode(bytes)))
        #expect(isFound("f" + Hex.encode(bytes)))
        #expect(isFound(escaped))
        #expect(isFound(String(base64.reversed())))
        #expect(isFound(Base64.encode(Array(base64.utf8))))
        #expect(isFound(Base64.encode(Hex.decode(Self.digits) ?? [])))
        #expect(
            isFound(base64.enumerated().map { $0.offset % 20 == 19 ? "\($0.element)\n" : "\($0.element)" }.joined()))
    }

    @Test func aTokenCutIntoAListIsFound() {
        let pieces = stride(from: 0, to: 32, by: 4).map { start in
            JSONValue.string(String(Self.digits.dropFirst(start).prefix(4)))
        }
        #expect(!Self.planted.found(in: .object(["words": .array(pieces)])).isEmpty)
    }

    @Test func tokensInsideEncodedPartsOfTheInputAreKnown() {
        var canaries = Canaries()
        canaries.learn(from: Array(Base64.encode(Array("Hello, \(Self.token)".utf8)).utf8))
        #expect(canaries.tokens == [Self.token])
    }

    @Test func freshTokensAreOfTheFormAndDiffer() {
        let tokens = (0..<50).map { _ in CanaryToken.make() }
        #expect(Set(tokens).count == 50)
        var canaries = Canaries()
        for token in tokens { canaries.learn(from: Array("<p>\(token)</p>".utf8)) }
        #expect(canaries.tokens == tokens.sorted())
    }

    @Test func whatIsNoTokenIsNone() {
        var canaries = Canaries()
        canaries.learn(from: Array("atomic-canary-123 atomic-canary-00f1e2d3c4b5a6978899aabbccddeefg".utf8))
        #expect(canaries.isEmpty)
        #expect(canaries.found(in: .string("anything")).isEmpty)
    }
}

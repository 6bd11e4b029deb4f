// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@Suite("Text of others on a terminal")
struct TerminalTextTests {
    @Test("Escape sequences, bells, direction marks and line breaks cannot act; other text is untouched")
    func controls() {
        #expect(TerminalText.line("a\u{1b}[2J\u{7}b") == "a\u{fffd}[2J\u{fffd}b")
        #expect(TerminalText.line("x\u{202e}gpj.exe") == "x\u{fffd}gpj.exe")
        #expect(TerminalText.line("one\ntwo\u{9b}31m") == "one\u{fffd}two\u{fffd}31m")
        #expect(TerminalText.lines("one\ntwo\r") == "one\ntwo\u{fffd}")
        #expect(TerminalText.line("Grüße, 07-invoice.eml …") == "Grüße, 07-invoice.eml …")
    }
}

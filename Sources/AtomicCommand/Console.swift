// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Progress and notes on stderr, results on stdout.
enum Console {
    /// A line on stderr. Whatever it quotes, it cannot drive the terminal.
    static func note(_ text: String) {
        // A closed stderr must not end the work.
        try? Files.write(Array((TerminalText.lines(text) + "\n").utf8), to: 2, named: "stderr")
    }

    /// A line on stdout, flushed. Whatever it quotes, it cannot drive the terminal.
    static func line(_ text: String) throws(BaseError) {
        try Files.write(Array((TerminalText.lines(text) + "\n").utf8), to: 1, named: "stdout")
    }

    /// One JSON object in canonical form on stdout.
    static func json(_ value: some Encodable) throws(BaseError) {
        try Files.write(CanonicalJSON.encode(value) + [0x0a], to: 1, named: "stdout")
    }

    /// Whether a person looks at stdout.
    static var isTerminal: Bool { isatty(1) == 1 }
}

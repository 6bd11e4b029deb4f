// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

package enum StandardError {
    /// A line for a person. Whatever it quotes, it cannot drive the terminal.
    package static func note(_ text: String) {
        // A closed stderr must not end the work.
        try? Files.write(Array((TerminalText.lines(text) + "\n").utf8), to: 2, named: "stderr")
    }
}

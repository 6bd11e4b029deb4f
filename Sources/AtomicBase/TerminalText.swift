// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Text of others made safe for a terminal: a file name or a program's words must not move the cursor, rename the
/// window or turn the reading direction around.
public enum TerminalText {
    /// The text on one line: control, format and unassigned characters become U+FFFD.
    public static func line(_ text: some StringProtocol) -> String { shown(text, keeping: nil) }

    /// As ``line(_:)``, but newlines stay: for text whose lines are ours.
    public static func lines(_ text: some StringProtocol) -> String { shown(text, keeping: "\n") }

    private static func shown(_ text: some StringProtocol, keeping kept: Unicode.Scalar?) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                out.append(scalar == kept ? scalar : "\u{fffd}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A piece of a page. Literals are ours and stay; every value that is put into one is text of others and is escaped, so a
/// file name cannot become markup by an omission: there is no way to write one in unescaped.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var text: String

    /// From a literal of the program; no other string fits.
    init(stringLiteral value: StaticString) { text = value.description }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    struct Interpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }

        mutating func appendLiteral(_ literal: StaticString) { text += literal.description }

        mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { text += piece.text }
        }

        mutating func appendInterpolation(_ value: String) { text += HTML.escape(value) }

        mutating func appendInterpolation(_ value: Int) { text += String(value) }

        mutating func appendInterpolation(_ value: Int64) { text += String(value) }

        /// A coordinate, in tenths.
        mutating func appendInterpolation(_ value: Double) { text += Shown.decimal(value, places: 1) }
    }

    static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }

    /// Text for element content and for quoted attributes. What would turn the reading direction around or hide itself is
    /// shown as U+FFFD, as on a terminal.
    static func escape(_ text: String) -> String {
        var out = ""
        for character in TerminalText.line(text).unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}

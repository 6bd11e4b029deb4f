// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The text of a file after the checks that need no grammar: size, encoding, characters, line breaks.
///
/// What is refused here could make a reviewer see another file than the one that is signed: bidirectional controls and
/// other invisible format characters, control characters, and the line breaks that YAML 1.1 knows and editors do not
/// show (a lone CR, NEL, LS, PS).
struct YAMLText {
    /// No file of the project is near this; a larger one is an attack or a mistake.
    static let maximumBytes = 1 << 20

    let text: String
    /// The scalars of each line without its break, to look up what stands at a place.
    let lines: [[Unicode.Scalar]]

    init(_ bytes: [UInt8], file: String) throws(PolicyFileError) {
        let start = YAMLPlace(file: file, line: 1, column: 1)
        guard bytes.count <= Self.maximumBytes else {
            throw start.refusing(
                "too-large", found: "\(bytes.count) bytes", allowed: "at most \(Self.maximumBytes) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw start.refusing("encoding", found: "bytes that are not UTF-8", allowed: "UTF-8 text")
        }
        var lines: [[Unicode.Scalar]] = []
        var line: [Unicode.Scalar] = []
        var afterReturn = false
        for scalar in text.unicodeScalars {
            if afterReturn && scalar != "\n" {
                throw YAMLPlace(file: file, line: lines.count + 1, column: line.count + 1).refusing(
                    "character", found: "a carriage return inside a line", allowed: "LF or CRLF at the end of a line")
            }
            afterReturn = scalar == "\r"
            if afterReturn { continue }
            if scalar == "\n" {
                lines.append(line)
                line.removeAll(keepingCapacity: true)
                continue
            }
            if Self.isRefused(scalar) {
                throw YAMLPlace(file: file, line: lines.count + 1, column: line.count + 1).refusing(
                    "character", found: "the character U+\(String(scalar.value, radix: 16, uppercase: true))",
                    allowed: "visible characters, spaces, tabs and line ends",
                    remedy: "remove the character; it is invisible or changes how the line is shown")
            }
            line.append(scalar)
        }
        if afterReturn {
            throw YAMLPlace(file: file, line: lines.count + 1, column: line.count + 1).refusing(
                "character", found: "a carriage return inside a line", allowed: "LF or CRLF at the end of a line")
        }
        lines.append(line)
        self.text = text
        self.lines = lines
    }

    /// The scalar at a place (from 1), or nil past the end of the line.
    func scalar(line: Int, column: Int) -> Unicode.Scalar? {
        guard lines.indices.contains(line - 1), lines[line - 1].indices.contains(column - 1) else { return nil }
        return lines[line - 1][column - 1]
    }

    /// Controls (but tab, LF, CR), format characters (category Cf holds all bidi controls, zero-width characters, the
    /// byte order mark and the tag characters), line and paragraph separators, unassigned and private ones.
    static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0x20 && scalar.value < 0x7f { return false }
        switch scalar.properties.generalCategory {
        case .control: return scalar != "\t" && scalar != "\n" && scalar != "\r"
        case .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
        default: return false
        }
    }
}

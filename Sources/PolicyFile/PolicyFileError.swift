// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of reading a YAML file: every one names the place, what was found there and what is allowed.
///
/// Codes: `too-large`, `encoding`, `character`, `syntax`, `directive`, `empty`, `several-documents`, `anchor`, `tag`,
/// `merge-key`, `key`, `duplicate-key`, `depth`, `null`, `ambiguous`, `range`, `type`, `unknown-key`, `missing-key`,
/// `value`; and `reference` for a page that `PolicyReference` cannot be written into.
public enum PolicyFileDomain: FailureDomain {
    public static var name: String { "policy-file" }
    /// A file that cannot be read as what it claims to be is a mistake of its writer, not a failed run.
    public static var exit: ExitStatus { .usage }
}

/// A located error of a YAML file; its message is `FILE:LINE:COLUMN: found …; allowed …`.
public typealias PolicyFileError = Failure<PolicyFileDomain>

/// A place in a file. Lines and columns begin at 1; columns count Unicode scalars.
public struct YAMLPlace: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }

    /// An error at this place. `found` and `allowed` are shown as given: quote text of the file with `quoted`.
    public func refusing(
        _ code: PolicyFileError.Code, found: String, allowed: String, remedy: String? = nil
    ) -> PolicyFileError {
        PolicyFileError(
            code, "\(self): found \(found); allowed \(allowed)",
            remedy: remedy ?? "correct line \(line) of \(file)")
    }
}

/// The text as it may be shown in a message: at most 60 scalars, with everything that could steer a terminal or hide
/// itself written as `\u{…}`.
public func quoted(_ text: String) -> String {
    var shown = "\""
    for scalar in text.unicodeScalars.prefix(60) {
        if YAMLText.isRefused(scalar) || scalar == "\n" || scalar == "\t" || scalar == "\r" {
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown + (text.unicodeScalars.count > 60 ? "…\"" : "\"")
}

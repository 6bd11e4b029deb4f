// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import AuditBundle

/// A report as people and as programs read it.
public enum ReportText {
    /// One line per claim, and a last line with the verdict.
    public static func lines(_ report: BundleReport, name: String) -> String {
        var text = ""
        let width = report.claims.map(\.claim.utf8.count).max() ?? 0
        for claim in report.claims {
            let mark =
                switch claim.verdict {
                case .verified: "ok       "
                case .failed: "FAILED   "
                case .unchecked: "unchecked"
                }
            let padding = String(repeating: " ", count: width - claim.claim.utf8.count)
            text += "\(mark)  \(claim.claim)\(padding)  \(printable(claim.says))\n"
            let indent = String(repeating: " ", count: 13 + width)
            if !claim.signedBy.isEmpty { text += "\(indent)by \(printable(claim.signedBy.joined(separator: ", ")))\n" }
            if let reason = claim.reason { text += "\(indent)\(printable(reason))\n" }
        }
        if report.verified { return text + "bundle verified: \(printable(name))\n" }
        let failed = report.failure.map { "\($0.claim): \($0.reason ?? "failed")" } ?? "no claim could be checked"
        return text + "bundle NOT verified: \(printable(name)): \(printable(failed))\n"
    }

    /// The report as canonical JSON, one line.
    public static func json(_ report: BundleReport) throws(BaseError) -> String {
        String(decoding: try CanonicalJSON.encode(report), as: UTF8.self) + "\n"
    }

    /// An error in the form that every program of ours prints.
    public static func json(_ error: some ExplainedError) -> String {
        let body = JSONValue.object([
            "error": .object([
                "code": .string(error.codeName), "message": .string(error.message), "remedy": .string(error.remedy),
            ])
        ])
        return String(decoding: body.canonical, as: UTF8.self) + "\n"
    }

    /// A bundle is untrusted until it is verified, so nothing in it may drive the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                    let isDirection =
                        (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                    return isControl || isDirection ? "\u{fffd}" : scalar
                }))
    }
}

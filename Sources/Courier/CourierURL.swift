// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Where a courier may go: `https://` anywhere, `http://` only to this machine.
///
/// What it carries is signed, so TLS is not what makes it true; but nobody on the way should be able to hold it up unseen.
public struct CourierURL: Equatable, Sendable, CustomStringConvertible {
    /// The URL, without a slash at its end.
    public let description: String

    /// Reads a URL of scheme, host, optional port and path; no user, query or fragment.
    public init?(_ text: String) {
        guard text.utf8.count <= 1_024, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            !text.contains(where: { "@?#\"<>\\^`{|}".contains($0) })
        else { return nil }
        let rest: Substring
        let isSecure: Bool
        if text.hasPrefix("https://") {
            (rest, isSecure) = (text.dropFirst(8), true)
        } else if text.hasPrefix("http://") {
            (rest, isSecure) = (text.dropFirst(7), false)
        } else {
            return nil
        }
        let authority = rest.prefix { $0 != "/" }
        var host = authority
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            guard Self.isPort(authority[authority.index(after: end)...]) else { return nil }
            host = host[host.index(after: host.startIndex)..<end]
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            host = host.prefix { $0 != ":" }
            guard Self.isPort(authority.dropFirst(host.count)), !host.isEmpty,
                host.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." })
            else { return nil }
        }
        guard isSecure || ["127.0.0.1", "::1", "localhost"].contains(String(host)) else { return nil }
        description = text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        guard text.first == ":", let port = UInt16(text.dropFirst()), port > 0 else { return false }
        return ":\(port)" == text
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// Strings of a prescribed form.
extension YAMLNode {
    /// `sha256:` and 64 lower-case hexadecimal digits.
    public func digest() throws(PolicyFileError) -> Digest {
        guard let digest = Digest(string: try string()) else {
            throw refusing("value", allowed: "sha256: and 64 lower-case hexadecimal digits")
        }
        return digest
    }

    /// RFC 3339 in UTC.
    public func time() throws(PolicyFileError) -> WallTime {
        guard let time = WallTime(rfc3339: try string()) else {
            throw refusing("value", allowed: "a time in UTC such as \"2026-11-01T00:00:00Z\"")
        }
        return time
    }

    /// A whole number with a unit `ms s m h d`.
    public func nanoseconds() throws(PolicyFileError) -> Int64 {
        guard let value = Durations.parse(try string()) else {
            throw refusing("value", allowed: "a duration such as 30s (units ms, s, m, h, d)")
        }
        return value
    }

    /// `ed25519:` or `p384:` and the base64 of the SPKI.
    public func publicKey() throws(PolicyFileError) -> PublicKey {
        let text = try string()
        do throws(SealingError) {
            return try PublicKey(text)
        } catch {
            throw refusing("value", found: "\(quoted(text)): \(error.message)", allowed: "a key ed25519:… or p384:…")
        }
    }

    /// One string, or a sequence of at least one.
    public func strings() throws(PolicyFileError) -> [String] {
        var found: [String] = []
        for item in try oneOrMany() { found.append(try item.string()) }
        return found
    }

    /// Free text for people: one line of at most 200 characters.
    func reason() throws(PolicyFileError) -> String {
        let text = try string()
        guard !text.isEmpty, text.unicodeScalars.count <= 200, !text.contains(where: \.isNewline) else {
            throw refusing("value", allowed: "one line of 1 to 200 characters")
        }
        return text
    }
}

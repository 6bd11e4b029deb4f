// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Where a private key is: `file:PATH` or a plain path in this version.
///
/// `pkcs11:` (RFC 7512) and `tpm:` are recognised so that a room configured for hardware fails with a clear error
/// instead of looking for a file of that name.
public struct KeyURI: Hashable, Sendable {
    /// The path as given, relative paths staying relative to the working directory.
    public let filePath: String

    /// Reads a URI. There is no percent-decoding: a path is taken as it stands.
    /// - Throws: `key-uri` (exit 2) for another scheme than `file:`, or a `file:` URI that names a host.
    public init(_ text: String) throws(SealingError) {
        for scheme in ["pkcs11:", "tpm:"] where text.hasPrefix(scheme) {
            throw SealingError(
                .keyURI, "\(scheme) keys are not in this version, which has keys in files",
                remedy: "name the key as file:PATH", exit: .usage)
        }
        var path = text
        if text.hasPrefix("file:") {
            path = String(text.dropFirst("file:".count))
            if path.hasPrefix("//") {
                path = String(path.dropFirst(2))
                guard path.hasPrefix("/") else {
                    throw SealingError(
                        .keyURI, "the file: URI names a host", remedy: "write file:PATH or file:///PATH", exit: .usage)
                }
            }
        } else if let scheme = text.split(separator: ":", maxSplits: 1).first, text.contains(":"),
            !scheme.contains("/"), scheme.count > 1, scheme.utf8.allSatisfy({ (0x61...0x7a).contains($0) })
        {
            throw SealingError(
                .keyURI, "'\(scheme):' is not a key scheme; this version has keys in files",
                remedy: "name the key as file:PATH or ./PATH", exit: .usage)
        }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SealingError(.keyURI, "the key URI has no path", remedy: "write file:PATH", exit: .usage)
        }
        filePath = path
    }
}

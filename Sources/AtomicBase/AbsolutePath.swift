// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// Paths that mean the same to a process with another working directory.
public enum AbsolutePath {
    /// The path itself when it begins with `/`, else the working directory and it. Nothing is resolved or simplified.
    /// - Throws: ``BaseError`` `io`, `not-found` when the working directory is gone.
    public static func of(_ path: String) throws(BaseError) -> String {
        if path.hasPrefix("/") { return path }
        let directory = try workingDirectory()
        return path == "." ? directory : "\(directory == "/" ? "" : directory)/\(path)"
    }

    /// A key URI whose `file:` path, or bare path, means the same elsewhere.
    public static func uri(_ uri: String) throws(BaseError) -> String {
        if uri.hasPrefix("file:") { return "file:" + (try of(String(uri.dropFirst(5)))) }
        return uri.contains(":") ? uri : try of(uri)
    }

    /// getcwd(3)
    public static func workingDirectory() throws(BaseError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        // SAFETY: getcwd writes a NUL-terminated path into the buffer, whose length is given, or returns nil.
        guard unsafe getcwd(&buffer, buffer.count) != nil else { throw .system("getcwd", "the working directory") }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

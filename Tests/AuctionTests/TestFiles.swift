// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Where the tests find the package's files.
enum TestFiles {
    static let package = root()

    private static func root(file: String = #filePath) -> String {
        file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }
}

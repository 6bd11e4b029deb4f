// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// File patterns of a job: `*` and `?` in the last component, nothing else, so that what a job reads is plain to see.
enum FilePatterns {
    /// Matching regular files in order of their names; a pattern that matches nothing is an error.
    static func expand(_ patterns: [String], in directory: String) throws -> [String] {
        var found: [String] = []
        for pattern in patterns {
            let full = pattern.hasPrefix("/") ? pattern : directory + "/" + pattern
            let parent = Files.parent(of: full)
            let name = Files.name(of: full)
            guard !parent.contains("*"), !parent.contains("?") else {
                throw RoomError(
                    .job, "the pattern \(pattern) has a wildcard in a directory", exit: .usage)
            }
            let matches: [String]
            if name.contains("*") || name.contains("?") {
                matches = try Files.list(parent)
                    .filter { !$0.hasPrefix(".") && fnmatch(name, $0) }
                    .map { parent + "/" + $0 }
                    .filter(Files.isRegularFile)
            } else {
                matches = Files.isRegularFile(full) ? [full] : []
            }
            guard !matches.isEmpty else {
                throw RoomError(.input, "no regular file matches \(pattern) in \(directory)", exit: .usage)
            }
            found += matches
        }
        var seen: Set<String> = []
        for path in found {
            guard seen.insert(Files.name(of: path)).inserted else {
                throw RoomError(
                    .input, "two input files are named \(Files.name(of: path))", exit: .usage)
            }
        }
        return found
    }

    private static func fnmatch(_ pattern: String, _ name: String) -> Bool {
        // SAFETY: both strings are passed as NUL-terminated copies for the call only.
        unsafe Glibc.fnmatch(pattern, name, FNM_PERIOD) == 0
    }
}

extension RoomError {
    /// An error about what the user gave, with the usual remedy.
    init(_ code: Code, _ message: String, exit: ExitStatus) {
        self.init(code, message, remedy: "correct the job file and run it again", exit: exit)
    }
}

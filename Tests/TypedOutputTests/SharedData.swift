// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc

/// Data that lies beside the repository: under `ATOMIC_SHARED`, else under `../shared` of the package.
enum SharedData {
    static func directory(_ path: String, file: String = #filePath) -> String? {
        let package = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        // SAFETY: the C string is copied before anything else could change the environment; tests do not change it.
        let named = unsafe getenv("ATOMIC_SHARED").map { unsafe String(cString: $0) }
        let found = "\(named ?? package + "/../shared")/\(path)"
        return Files.exists(found) ? found : nil
    }
}

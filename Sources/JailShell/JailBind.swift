// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
package import Jail

/// `SRC` or `SRC:DST`.
package struct JailBind: Sendable {
    let source: String
    let target: String?

    package init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, !first.isEmpty, parts.count == 1 || parts[1].hasPrefix("/") else { return nil }
        source = first
        target = parts.count == 2 ? parts[1] : nil
    }

    /// The source is resolved here, with the caller's eyes; the target is its resolved path unless given.
    package func mount(readOnly: Bool) throws(JailError) -> JailMount {
        // SAFETY: realpath returns nil or a string from malloc, which is copied and freed once.
        guard let resolved = unsafe realpath(source, nil) else {
            throw JailError(
                "mount-source", "\(source): \(ErrorText.of(errno))", remedy: "name a source that exists")
        }
        defer { unsafe free(resolved) }
        let path = unsafe String(cString: resolved)
        return JailMount(.host(path), at: target ?? path, readOnly: readOnly)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// A file descriptor with one owner; closed when the owner ends.
public struct OwnedFD: ~Copyable, Sendable {
    /// The descriptor's number. It must not be closed by whoever borrows it.
    public let raw: Int32

    /// Takes ownership of an open descriptor.
    public init(adopting descriptor: Int32) { raw = descriptor }

    deinit { _ = close(raw) }

    /// Gives ownership away: the caller closes.
    public consuming func release() -> Int32 {
        let descriptor = raw
        discard self
        return descriptor
    }

    /// A second descriptor of the same open file, close-on-exec.
    public func duplicate() throws(BaseError) -> OwnedFD {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system("fcntl(F_DUPFD_CLOEXEC)", "descriptor \(raw)") }
        return OwnedFD(adopting: copy)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The running program, and which files beside it may be trusted.
package enum Executable {
    /// Absolute path of the running program.
    package static var path: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        // SAFETY: readlink writes at most the length it is given.
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0 else { return "/" }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a file belongs to root or to this user and nobody else may write it.
    static func isTrusted(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return (status.st_uid == 0 || status.st_uid == geteuid()) && status.st_mode & S_IWOTH == 0
    }

    /// Whether a file belongs to root and nobody else, not even a group, may write it.
    static func isRootsAlone(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_uid == 0 && status.st_mode & (S_IWGRP | S_IWOTH) == 0
    }
}

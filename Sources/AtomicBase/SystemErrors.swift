// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import Glibc

extension Failure where Domain == BaseDomain {
    /// The failure of a system call on an object, from `errno`.
    public static func system(_ call: String, _ object: String, errno code: Int32 = errno) -> Self {
        let text = "\(call) \(object): \(ErrorText.of(code))"
        switch code {
        case ENOSPC, EDQUOT:
            return .init(.diskFull, text, remedy: "free space on that file system and run the command again")
        case ENOENT:
            return .init(.notFound, text, remedy: "check the path")
        case EPIPE:
            return .init(.readerGone, text, remedy: "keep the program at the other end running")
        case EACCES, EPERM:
            return .init(.io, text, remedy: "check the owner and mode, or run as the user who owns it")
        default:
            return .init(.io, text, remedy: "check the path and the file system")
        }
    }
}

/// Names of `errno` values.
public enum ErrorText {
    /// For example `No such file or directory (errno 2)`.
    public static func of(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // SAFETY: the POSIX strerror_r writes a NUL-terminated text into the 255 bytes it is given.
        _ = unsafe strerror_r(code, &buffer, buffer.count - 1)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(text) (errno \(code))"
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The lock that makes a log have one writer: flock(2) on `log-wal/lock`, held as long as the descriptor is open, and
/// let go by the kernel when the process dies.
enum WriterLock {
    static func take(_ directory: LogDirectory) throws(LogError) -> OwnedFD {
        let path = directory.lock
        let file = try LogError.wrapping { () throws(BaseError) in
            try Files.open(path, O_RDWR | O_CREAT, mode: 0o600)
        }
        while flock(file.raw, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw LogError(.system("flock", path)) }
            throw LogError(
                .locked, "the log of \(directory.room) is open for appending elsewhere",
                remedy: "wait until the other command has ended, or talk to the daemon that runs the room",
                exit: .tryAgain)
        }
        return file
    }
}

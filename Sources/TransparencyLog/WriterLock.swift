// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The lock that makes a log have one writer: flock(2) on `log-wal/lock`, held as long as the descriptor is open, and
/// let go by the kernel when the process dies.
struct WriterLock: ~Copyable {
    private let file: OwnedFD

    private init(_ file: consuming OwnedFD) { self.file = file }

    // Closing alone is not enough: a child that was forked at this moment and has not yet called exec holds the
    // descriptor too, and the lock belongs to what both share.
    deinit { _ = flock(file.raw, LOCK_UN) }

    static func take(_ directory: LogDirectory) throws(LogError) -> WriterLock {
        let path = directory.lock
        let file = try LogError.wrapping { () throws(BaseError) in
            try Files.open(path, O_RDWR | O_CREAT, mode: 0o600)
        }
        while flock(file.raw, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw LogError(.system("flock", path)) }
            throw LogError(
                .locked, "the log of \(directory.room) is open for appending elsewhere",
                remedy: "wait until the other command has ended",
                exit: .tryAgain)
        }
        return WriterLock(file)
    }
}

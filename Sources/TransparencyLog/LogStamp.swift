// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// What the file system says of a log's files without reading them. Two equal stamps: nothing was appended between them,
/// and nothing was replaced.
///
/// Takes one directory listing and a stat(2) per file of the few that change, so that a follower may look often.
public struct LogStamp: Equatable, Sendable {
    private struct File: Equatable {
        let path: String
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    private let files: [File]

    /// The stamp of a room's log now. Take it before you read the log: then what comes between is seen the next time.
    public init(room: String) {
        let directory = LogDirectory(room: room)
        let segments = (try? directory.segments()) ?? []
        // A room that is moved away, or a log/ that is put back from a copy, is another directory under the same name.
        let paths = [directory.tiles, directory.tiles + "/checkpoint"] + segments.map(directory.segment)
        files = paths.compactMap { path in
            var status = stat()
            // SAFETY: `status` is a valid stat for the call; the string is passed as a NUL-terminated copy.
            guard unsafe stat(path, &status) == 0 else { return nil }
            return File(
                path: path, device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
                seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
        }
    }
}

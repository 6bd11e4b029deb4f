// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

extension StoredLog {
    /// Writes the newest write-ahead file once more, byte for byte, and makes it durable.
    ///
    /// What a killed writer left after the mark may never have reached the disk. To sync the file is not enough: when the
    /// sync of that writer failed, the kernel took its pages for clean, and a later sync succeeds without writing them.
    /// - Throws: `disk-full`, `io`.
    func renewLastSegment() throws(LogError) {
        guard let number = segmentNumbers.last else { return }
        let path = directory.segment(number)
        try LogError.wrapping { () throws(BaseError) in
            let bytes = try Files.read(path, limit: WriteAheadSegment.maximumBytes)
            let file = try Files.open(path, O_WRONLY)
            try Files.write(bytes, to: file.raw, named: path)
            guard fdatasync(file.raw) == 0 else { throw .system("fdatasync", path) }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc

/// Whole reads and writes on descriptors: short counts and EINTR end here.
enum DescriptorIO {
    /// Fills `buffer` unless the file ends first; the count is smaller than the buffer only at the end of the file.
    static func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, named name: String)
        throws(SealingError) -> Int
    {
        var done = 0
        while done < buffer.count {
            // SAFETY: `done` is below the buffer's size, so the range lies within it.
            let got = unsafe read(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            if got < 0 {
                if errno == EINTR { continue }
                throw .system("read", name)
            }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Writes all of `buffer`.
    static func write(_ buffer: UnsafeRawBufferPointer, to descriptor: Int32, named name: String)
        throws(SealingError)
    {
        var done = 0
        while done < buffer.count {
            // SAFETY: `done` is below the buffer's size, so the range lies within it.
            let put = unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            if put < 0 {
                if errno == EINTR { continue }
                throw .system("write", name)
            }
            done += put
        }
    }
}

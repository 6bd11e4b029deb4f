// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc

/// Reads a descriptor that stays open and is not owned.
struct DescriptorSource: ByteSource {
    let descriptor: Int32

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) -> Int {
        // SAFETY: the buffer is the caller's and valid for the call.
        try unsafe DescriptorIO.fill(buffer, from: descriptor, named: "the input")
    }

    var sizeHint: Int? {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return max(0, Int(status.st_size) - max(0, Int(lseek(descriptor, 0, SEEK_CUR))))
    }
}

/// Writes to a descriptor that stays open and is not owned, `limit` bytes at most.
struct DescriptorSink: ByteSink {
    let descriptor: Int32
    /// Bytes that were written.
    private(set) var count: UInt64 = 0
    let limit: UInt64

    init(descriptor: Int32, limit: UInt64 = .max) {
        self.descriptor = descriptor
        self.limit = limit
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) throws(SealingError) {
        guard UInt64(bytes.count) <= limit - count else {
            throw SealingError(
                .tooLarge, "the plaintext has more than \(limit) bytes", remedy: "split the input or raise the limit")
        }
        // SAFETY: the buffer is the caller's and valid for the call.
        try unsafe DescriptorIO.write(bytes, to: descriptor, named: "the output")
        count += UInt64(bytes.count)
    }
}

/// Reads memory that somebody lends for the lifetime of this value.
@safe struct MemorySource: ByteSource {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        // SAFETY: the caller keeps the memory alive for as long as this value, by using it inside a closure only.
        unsafe rest = bytes[...]
    }

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) -> Int {
        // SAFETY: both counts are those of the buffers.
        let count = unsafe min(buffer.count, rest.count)
        unsafe buffer.copyBytes(from: rest.prefix(count))
        unsafe rest = rest.dropFirst(count)
        return count
    }

    var sizeHint: Int? {
        // SAFETY: only the count is read.
        unsafe rest.count
    }
}

/// Collects bytes that need no protection: ciphertext.
struct ArraySink: ByteSink {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ bytes: UnsafeRawBufferPointer) throws(SealingError) {
        // SAFETY: the buffer is the caller's and is copied during the call.
        unsafe self.bytes.append(contentsOf: bytes)
    }
}

/// Collects plaintext in secret memory whose size is known to suffice.
struct SecretSink: ByteSink, ~Copyable {
    private var bytes: SecretBytes
    private var count = 0

    /// - Parameter capacity: the most bytes that will come.
    init(capacity: Int) { bytes = SecretBytes(count: capacity) }

    mutating func put(_ more: UnsafeRawBufferPointer) throws(SealingError) {
        precondition(more.count <= bytes.count - count)
        let at = count
        // SAFETY: `at` and the count of `more` lie within the buffer by the check above.
        unsafe bytes.withMutableBytes { target in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[at...]).copyBytes(from: more)
        }
        count += more.count
    }

    /// What came, in memory of exactly its size.
    consuming func collected() -> SecretBytes {
        let count = count
        // SAFETY: `count` is at most the buffer's size.
        return unsafe bytes.withBytes { unsafe SecretBytes(copying: $0.prefix(count)) }
    }
}

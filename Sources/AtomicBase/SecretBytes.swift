// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import COpenSSL
internal import Glibc

/// Bytes that are kept out of swap and core dumps where the kernel allows, and zeroed when their owner ends.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    private let storage: UnsafeMutableRawPointer
    /// Length in bytes.
    public let count: Int

    /// `count` zero bytes, filled through ``withMutableBytes(_:)``.
    public init(count: Int) {
        self.count = count
        // SAFETY: memory of this value alone, page-aligned so that mlock and madvise touch nothing else; freed in
        // deinit. Initialised to zero before anyone reads it.
        unsafe storage = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 4096)
        unsafe storage.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1))
        // Best effort: RLIMIT_MEMLOCK may refuse, and the bytes are still zeroed at the end.
        _ = unsafe mlock(storage, max(count, 1))
    }

    public init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        // SAFETY: the storage has exactly `bytes.count` bytes.
        unsafe UnsafeMutableRawBufferPointer(start: storage, count: count).copyBytes(from: bytes)
    }

    deinit {
        // SAFETY: the allocation of init, once. OPENSSL_cleanse is not removed by the optimiser.
        unsafe OPENSSL_cleanse(storage, max(count, 1))
        unsafe munlock(storage, max(count, 1))
        unsafe storage.deallocate()
    }

    public func withBytes<Result: ~Copyable, Thrown: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Thrown) -> Result
    ) throws(Thrown) -> Result {
        // SAFETY: valid for the call; the caller must not let the pointer escape.
        try unsafe body(UnsafeRawBufferPointer(start: storage, count: count))
    }

    public mutating func withMutableBytes<Result: ~Copyable, Thrown: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Thrown) -> Result
    ) throws(Thrown) -> Result {
        // SAFETY: valid for the call, exclusive by `mutating`.
        try unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }
}

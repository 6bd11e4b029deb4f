// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Where ciphertext or plaintext comes from.
protocol ByteSource: ~Copyable {
    /// Fills `buffer`; a smaller count than the buffer's means the end.
    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) -> Int
    /// How many bytes are left at most, where that is cheap to know: it sizes buffers, nothing else.
    var sizeHint: Int? { get }
}

/// Where ciphertext or plaintext goes.
protocol ByteSink: ~Copyable {
    mutating func put(_ bytes: UnsafeRawBufferPointer) throws(SealingError)
    /// Called once, after the last byte and only on success.
    mutating func end() throws(SealingError)
}

extension ByteSink where Self: ~Copyable {
    mutating func end() throws(SealingError) {}

    mutating func put(_ bytes: [UInt8]) throws(SealingError) {
        var failure: SealingError?
        // SAFETY: the pointer does not leave the closure.
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(SealingError) {
                try unsafe put(buffer)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// Random bytes of the kernel (getentropy(3), at most 256 a call).
public enum RandomBytes {
    public static func make(_ count: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: count)
        for start in stride(from: 0, to: count, by: 256) {
            // SAFETY: the range from `start` lies within `out`.
            let result = unsafe out.withUnsafeMutableBytes { buffer in
                unsafe getentropy(buffer.baseAddress?.advanced(by: start), min(256, count - start))
            }
            precondition(result == 0, "the kernel gives no random bytes")
        }
        return out
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A normal draw out of 64 bits: the sum of four of 16 bits, whose scatter is that of a uniform one over √3.
enum Normal {
    /// Mean 0, standard deviation 1 (1e-9), within ±3.47.
    static func draw(_ bits: UInt64) -> Int64 {
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48)
        // 2^17 is the middle; 4 · (2^16)² / 12 is the variance, so that 1e9 · √3 / 2^16 is one step.
        return Fixed.share(Int64(sum) - 131_070, 1_732_050_808, over: 65_536)
    }
}

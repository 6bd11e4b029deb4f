// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Facts about the Ed25519 curve that OpenSSL does not check.
enum Ed25519 {
    /// y-coordinates, little-endian without the sign bit, of the eight points of small order and of their
    /// non-canonical encodings (y + p), as libsodium's `ge25519_has_small_order` lists them.
    ///
    /// A signature by such a key verifies for messages that nobody signed, so one in a trust file would be a hole.
    private static let smallOrder: [[UInt8]] = [
        // 0 (order 4)
        [UInt8](repeating: 0, count: 32),
        // 1 (order 1)
        [1] + [UInt8](repeating: 0, count: 31),
        // the two y of order 8
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
        // p - 1 (order 2), p (= 0), p + 1 (= 1)
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [0xee] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
    ]

    /// Whether the encoded point (32 bytes, RFC 8032 section 5.1.2) has an order that divides 8.
    static func isSmallOrder(_ encoded: some Collection<UInt8>) -> Bool {
        var y = Array(encoded)
        guard y.count == 32 else { return false }
        y[31] &= 0x7f
        return smallOrder.contains(y)
    }
}

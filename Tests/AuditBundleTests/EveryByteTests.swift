// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Testing

@Suite("Every byte of a bundle counts") struct EveryByteTests {
    let vectors: BundleVectors

    init() throws { vectors = try BundleVectors() }

    @Test func measure() {
        let clock = ContinuousClock()
        for offset in [0, 5000, 20000, 40000, 50000, 60000] {
            var bytes = vectors.good
            bytes[offset] ^= 1
            let time = clock.measure { #expect(!BundleVerifier.verify(bundle: bytes, trust: vectors.trust).verified) }
            print(offset, time)
        }
    }
}

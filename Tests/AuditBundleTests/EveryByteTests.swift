// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Testing

@Suite("Every byte of a bundle counts") struct EveryByteTests {
    let small: SmallBundle

    init() throws { small = try SmallBundle() }

    private func isRefused(_ bytes: [UInt8]) -> Bool {
        let report = BundleVerifier.verify(bundle: bytes, trust: small.trust)
        return !report.verified && report.failure != nil
    }

    @Test("the small bundle itself verifies") func control() {
        let report = BundleVerifier.verify(bundle: small.bytes, trust: small.trust)
        #expect(report.verified, "\(report.failure?.claim ?? ""): \(report.failure?.reason ?? "")")
        #expect(small.bytes.count < 16_384)
    }

    /// Each byte gets one flipped bit, another one from byte to byte, so that all eight are met everywhere.
    @Test("a flip of any byte is refused", arguments: 0..<4) func flips(_ quarter: Int) {
        var missed: [Int] = []
        for offset in stride(from: quarter, to: small.bytes.count, by: 4) {
            var bytes = small.bytes
            bytes[offset] ^= 1 << UInt8(offset / 4 % 8)
            if !isRefused(bytes) { missed.append(offset) }
        }
        #expect(missed.isEmpty, "these flips passed: \(missed)")
    }

    @Test("removing any byte is refused") func removals() {
        var missed: [Int] = []
        for offset in small.bytes.indices {
            var bytes = small.bytes
            bytes.remove(at: offset)
            if !isRefused(bytes) { missed.append(offset) }
        }
        #expect(missed.isEmpty, "these removals passed: \(missed)")
    }

    @Test("inserting a byte anywhere is refused", arguments: [UInt8(0), 0x41]) func insertions(_ byte: UInt8) {
        var missed: [Int] = []
        for offset in 0...small.bytes.count {
            var bytes = small.bytes
            bytes.insert(byte, at: offset)
            if !isRefused(bytes) { missed.append(offset) }
        }
        #expect(missed.isEmpty, "these insertions passed: \(missed)")
    }

    @Test("removing or repeating any block is refused") func blocks() {
        for start in stride(from: 0, to: small.bytes.count, by: 512) {
            var bytes = small.bytes
            bytes.removeSubrange(start..<start + 512)
            #expect(isRefused(bytes), "without the block at \(start)")
            bytes = small.bytes
            bytes.insert(contentsOf: small.bytes[start..<start + 512], at: start)
            #expect(isRefused(bytes), "with the block at \(start) twice")
        }
    }

    @Test("flips all over the golden bundle are refused") func golden() throws {
        let vectors = try BundleVectors()
        #expect(BundleVerifier.verify(bundle: vectors.good, trust: vectors.trust).verified)
        // A prime stride meets every member and every part of a block.
        for offset in stride(from: 0, to: vectors.good.count, by: 127) {
            var bytes = vectors.good
            bytes[offset] ^= 1 << UInt8(offset % 8)
            #expect(!BundleVerifier.verify(bundle: bytes, trust: vectors.trust).verified, "byte \(offset)")
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Reads a bundle with a trust file and judges every claim in it. Pure: no clock, no files, no network.
public enum BundleVerifier {
    /// Judges a bundle.
    ///
    /// Never throws: whatever is wrong, the report says which claim failed and why, and what could not be judged for
    /// that reason. A report is `verified` only when every claim holds.
    /// - Parameters:
    ///   - bundle: bytes of the `.atomic` file.
    ///   - trust: bytes of `trust.json`.
    public static func verify(bundle: [UInt8], trust: [UInt8]) -> BundleReport {
        var examination = Examination(bundle: bundle, trust: trust)
        return examination.report()
    }
}

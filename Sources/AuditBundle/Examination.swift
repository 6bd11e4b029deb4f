// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The course of reading one bundle.
struct Examination {
    let bundle: [UInt8]
    let trust: [UInt8]
    mutating func report() -> BundleReport {
        BundleReport(bundle: "", room: nil, jobs: [], verified: false, claims: [])
    }
}

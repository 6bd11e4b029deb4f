// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction

/// A valid answer, and by which auction it came.
struct ModelAnswer {
    let value: JSONValue
    let model: String
    /// In 1e-9.
    let confidence: Int64
    let record: AuctionRecord
    let digest: Digest
}

/// What the run of a microtask knows and its outcome does not tell.
struct MicrotaskFacts {
    /// Valid answers of models whose answer does not leave.
    var others: [ModelAnswer] = []
    /// The auction by which the answer came, or the last one; with its digest.
    var record: AuctionRecord?
    var recordDigest: Digest?
    /// Of the answer, in 1e-9.
    var confidence: Int64?
    /// The policy's rules that said no.
    var rules: [String] = []
    /// Micro-units, of all attempts.
    var cost: Int64 = 0
    /// Of the last call.
    var latencyNs: Int64 = 0
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

extension RegisteredModel {
    /// The bid of a model that always bids the same; nil when it has a bidder program.
    public var fixedBid: RawBid? {
        guard let fixed = manifest.bid?.fixed, let latency = Int64(fixed.latency) else { return nil }
        return RawBid(confidence: fixed.confidence, cost: fixed.cost.micro, latency: latency)
    }
}

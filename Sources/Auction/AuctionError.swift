// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The domain of errors of the auction; they are mistakes of the caller or of the policy's numbers, never of a bidder alone.
public enum AuctionDomain: FailureDomain {
    public static let name = "auction"
    public static let exit = ExitStatus.failed
}

/// What can go wrong in an auction; equal on its code.
public typealias AuctionError = Failure<AuctionDomain>

extension AuctionError.Code {
    /// A raw bid is not a bid: probability outside 0…1, negative, or above the last step.
    public static let bid: Self = "bid"
    /// A digest or a name appears twice, or one name stands for two digests.
    public static let duplicate: Self = "duplicate"
    /// Experience is of a model that did not bid in this round.
    public static let experience: Self = "experience"
    /// What was learned is not of the bidders of this round, or stands beside experience.
    public static let learning: Self = "learning"
    /// A list of the input is not sorted by digest.
    public static let order: Self = "order"
    /// An intermediate result left 64 bits, or a result left ±(2^53 − 1).
    public static let overflow: Self = "overflow"
    /// An earlier attempt names a model that did not bid in this round.
    public static let prior: Self = "prior"
    /// A field lies outside its documented bounds.
    public static let range: Self = "range"
    /// A table of recorded outcomes is not one; the message names the line.
    public static let table: Self = "table"
    /// The seed is not the one derived from job, round and microtask.
    public static let seed: Self = "seed"
    /// The record is of another kind or arithmetic version, or is not canonical.
    public static let record: Self = "record"
}

extension AuctionError {
    static func overflow(_ what: String) -> Self {
        Self(
            .overflow, "\(what) does not fit the auction's integers",
            remedy: "lower the weights or the value in the policy; docs/auction.md gives the bounds")
    }

    static func range(_ field: String, _ bounds: String) -> Self {
        Self(.range, "\(field) lies outside \(bounds)", remedy: "see the bounds in docs/auction.md")
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// How often a model's answers were verified as right and as wrong on tasks like this one: same owners, class, purpose
/// and type. Only what somebody checked counts; that an answer fitted its schema is no experience.
public struct Experience: Codable, Hashable, Sendable {
    public let model: String
    public let digest: Digest
    public let right: Int64
    public let wrong: Int64

    public init(model: String, digest: Digest, right: Int64, wrong: Int64) {
        self.model = model
        self.digest = digest
        self.right = right
        self.wrong = wrong
    }
}

extension Auction {
    /// What a bidder's own claim is worth beside experience: as much as this many verified answers.
    ///
    /// After as many answers as this, claim and experience weigh the same; without experience the claim stands alone,
    /// so that a newcomer has its chance.
    public static let claimWorth: Int64 = 16

    /// Experience counts to this bound; what a room counts beyond it changes no probability by 1e-9.
    static let limitOfExperience: Int64 = 1_000_000_000
}

/// The probability that a bid counts as, in 1e-9: its claim, corrected by what the model's answers turned out to be.
enum Probability {
    /// floor(10^9 · (k·c/64 + right) / (k + right + wrong)), exactly c/64 without experience.
    ///
    /// - Parameter confidence: c, the claim in 1/64, 0…64.
    static func of(confidence: Int64, _ experience: Experience?) -> Int64 {
        guard let experience else { return confidence * 15_625_000 }
        let right = experience.right
        // The bounds of the input keep both below 2^38, so that only the product needs 128 bits.
        let share = Auction.claimWorth * confidence + 64 * right
        let whole = 64 * (Auction.claimWorth + right + experience.wrong)
        let product = UInt64(share).multipliedFullWidth(by: UInt64(Checked.billion))
        // share ≤ whole, so the quotient is at most 10^9.
        return Int64(UInt64(whole).dividingFullWidth(product).quotient)
    }
}

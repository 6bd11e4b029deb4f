// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Who of those that the policy's rules admit takes part in an auction: newcomers are tried before they may win, and a publisher brings only
/// so many bidders, however many models it has.
public struct Participation: Sendable {
    /// A model that may bid.
    public struct Candidate: Hashable, Sendable {
        public let model: String
        public let digest: Digest
        /// As the policy names it; nil where it says nothing.
        public let publisher: String?
        /// Its verified outcomes on the type, of the same owners, class and purpose.
        public let verified: Int64

        public init(model: String, digest: Digest, publisher: String?, verified: Int64) {
            self.model = model
            self.digest = digest
            self.publisher = publisher
            self.verified = verified
        }
    }

    /// Kinds of exclusions that are the room's and no rule's.
    public enum Kind: String, Sendable {
        /// Of too few verified outcomes: it does tasks beside the winner until it has enough.
        case trial
        /// Its publisher has as many other bidders as the policy lets it have.
        case quota
    }

    /// How many models of one publisher may bid; nil for any number.
    public let bidsPerPublisher: Int64?
    /// Fewer verified outcomes than this make a newcomer; 0 where nobody is tried.
    public let trials: Int64
    /// So many bidders are left whatever the newcomers are.
    public let least: Int64

    public init(bidsPerPublisher: Int64?, trials: Int64, least: Int64) {
        self.bidsPerPublisher = bidsPerPublisher
        self.trials = trials
        self.least = least
    }

    /// Whether an exclusion is the room's and no rule's.
    public static func isRoomsOwn(_ exclusion: Exclusion) -> Bool { Kind(rawValue: exclusion.kind) != nil }

    /// Those who sit the auction out, in digest order; everybody else bids.
    ///
    /// Which models of a publisher sit it out is drawn from the auction's seed, so that in the long run each has its turn, and none
    /// gains by being registered twice.
    public func exclusions(among candidates: [Candidate], seed: Digest) -> [Exclusion] {
        var out: [Exclusion] = []
        let known = candidates.filter { $0.verified >= trials }
        let taking = known.count >= max(1, least) ? known : candidates
        if taking.count < candidates.count {
            out += candidates.filter { $0.verified < trials }.map { newcomer in
                exclusion(newcomer, .trial, "\(newcomer.verified) of \(trials) verified outcomes")
            }
        }
        if let bidsPerPublisher {
            let publishers = Dictionary(grouping: taking.filter { $0.publisher != nil }, by: \.publisher)
            for (publisher, models) in publishers where models.count > bidsPerPublisher {
                let drawn = models.sorted { Self.place($0.digest, seed) < Self.place($1.digest, seed) }
                out += drawn.dropFirst(Int(bidsPerPublisher)).map {
                    exclusion($0, .quota, "\(publisher ?? "") may bring \(bidsPerPublisher)")
                }
            }
        }
        return AuctionInput.inOrder(out, \.digest)
    }

    /// SHA-256(seed ‖ digest): the lowest of a publisher take part.
    static func place(_ model: Digest, _ seed: Digest) -> Digest { Digest.sha256(seed.bytes + model.bytes) }

    private func exclusion(_ candidate: Candidate, _ kind: Kind, _ reason: String) -> Exclusion {
        Exclusion(model: candidate.model, digest: candidate.digest, kind: kind.rawValue, rules: [], reason: reason)
    }
}

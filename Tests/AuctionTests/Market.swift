// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

@testable import Auction

/// Makes bidders, tasks and their outcomes for tests of learning; the same for the same seed.
struct Market {
    /// A bidder's chance of a right answer per type, its usual cost in money units, and how it claims.
    struct Seller {
        enum Claims { case none, honest, always(Int) }

        let name: String
        let quality: [String: Int64]
        let cost: Int64
        var claims = Claims.none

        var digest: Digest { Arena.digest(name) }
    }

    var sellers: [Seller]
    var dice: Dice
    let types: [String]

    init(_ sellers: [Seller], seed: UInt64) {
        self.sellers = sellers
        dice = Dice(seed)
        types = Set(sellers.flatMap(\.quality.keys)).sorted()
    }

    /// Of random sellers.
    init(sellers count: Int, types: Int, seed: UInt64, claims: (Int) -> Seller.Claims = { _ in .none }) {
        var dice = Dice(seed)
        var sellers: [Seller] = []
        for number in 0..<count {
            var quality: [String: Int64] = [:]
            for type in 0..<types { quality["type-\(type)"] = Int64(200 + dice.below(780)) * 1_000_000 }
            sellers.append(
                Seller(
                    name: "seller-\(number)", quality: quality, cost: Int64(10 + dice.below(5_000)),
                    claims: claims(number)))
        }
        self.init(sellers, seed: seed &+ 1)
    }

    struct Lot {
        let task: LearnedTask
        let bidders: [Bidder]
        let outcomes: [VerifiedOutcome]
        let seed: Digest
    }

    /// A task; who claims honestly knows its chance on this very task, which lies up to a quarter beside its usual one.
    mutating func next() -> Lot {
        let type = types[dice.below(types.count)]
        var bidders: [Bidder] = []
        var outcomes: [VerifiedOutcome] = []
        for (index, seller) in sellers.enumerated() {
            let swing = Int64(dice.below(500)) * 1_000_000 - 250_000_000
            let chance = min(1_000_000_000, max(0, (seller.quality[type] ?? 0) + swing))
            let claim: Int? =
                switch seller.claims {
                case .none: nil
                case .honest: Int(chance / 15_625_000)
                case .always(let claim): claim
                }
            bidders.append(Bidder(digest: seller.digest, claim: claim, unitPrice: seller.cost))
            let isRight = Int64(dice.below(1_000_000_000)) < chance
            outcomes.append(
                VerifiedOutcome(
                    bidder: index, quality: isRight ? 1_000_000_000 : Int64(dice.below(2)) * 250_000_000,
                    cost: seller.cost * Int64(50 + dice.below(100)) / 100, latency: Int64(dice.below(3_000))))
        }
        return Lot(
            task: LearnedTask(type: type, lengthStep: 3), bidders: bidders, outcomes: outcomes,
            seed: Digest.sha256(Array("\(dice.next())".utf8)))
    }
}

extension LearnedAward {
    /// The award as the independent replay prints it.
    var trace: String {
        let shown = scores.map {
            "\($0.probability):\($0.deviation):\($0.cost):\($0.costDeviation):\($0.latency):\($0.explored):\($0.score):\($0.usual)"
        }
        return "\(winner.hex.prefix(8)) \(reason.rawValue) \(secondScore) " + shown.joined(separator: " ")
    }
}

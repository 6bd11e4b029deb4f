// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Where the auction's chance comes from. The seed is derived, so that nobody can grind for a pleasing one unseen.
public enum AuctionSeed {
    static let context = Array("atomic/auction/seed/v1".utf8) + [0]

    /// SHA-256(context ‖ 0x00 ‖ job digest ‖ u64be(round) ‖ microtask), see `docs/auction.md`.
    public static func derive(job: Digest, round: Int, microtask: String) -> Digest {
        var message: [UInt8] = []
        message.reserveCapacity(context.count + 40 + microtask.utf8.count)
        message += context
        job.append(to: &message)
        for shift in stride(from: 56, through: 0, by: -8) { message.append(UInt8(truncatingIfNeeded: round >> shift)) }
        message += microtask.utf8
        return Digest.sha256(message)
    }

    static func bigEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }
}

/// Draws by counter: the same counter has the same draw, whoever else draws.
protocol AuctionDraws {
    func bits(_ counter: UInt64) -> UInt64

    /// The tie key of a bidder among `count`: 53 bits, so that the record's JSON keeps it exact.
    func tieKey(_ bidder: Int, of count: Int) -> Int64
}

extension AuctionDraws {
    /// floor(bits · bound / 2^64): in 0..<bound, its bias below bound / 2^64.
    func below(_ bound: Int64, _ counter: UInt64) -> Int64 {
        Int64(UInt64(bound).multipliedFullWidth(by: bits(counter)).high)
    }
}

/// A counter-based generator: draw k is the first eight bytes of SHA-256(seed ‖ u64be(k)).
struct SeededDraws: AuctionDraws {
    let seed: Digest

    func bits(_ counter: UInt64) -> UInt64 {
        let digest = Digest.sha256(seed.bytes + AuctionSeed.bigEndian(counter))
        return digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    func tieKey(_ bid: Int) -> Int64 { Int64(bits(2 + UInt64(bid)) >> 11) }

    func tieKey(_ bidder: Int, of count: Int) -> Int64 { tieKey(bidder) }
}

/// The generator of learned auctions: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014) by counter, from the first eight bytes of the seed. A draw costs a nanosecond; the seed is what nobody can choose.
struct CounterDraws: AuctionDraws {
    private let start: UInt64

    private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

    init(seed: Digest) { start = seed.leadingWord }

    private init(start: UInt64) { self.start = start }

    func bits(_ counter: UInt64) -> UInt64 {
        var word = start &+ Self.step &* (counter &+ 1)
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    func tieKey(_ bidder: Int, of count: Int) -> Int64 { Int64(bits(2 + UInt64(count) + UInt64(bidder)) >> 11) }

    /// Draws of an imagined auction, the `number`th beside this one.
    func imagined(_ number: UInt64) -> CounterDraws { CounterDraws(start: bits(1 << 40 + number)) }
}

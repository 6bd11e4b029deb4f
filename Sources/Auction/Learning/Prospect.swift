// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What the hierarchy says of one bidder on one type of task, before it is known what it claims of a task.
struct Prospect: Sendable {
    /// Of the bidder, which it depends on.
    let digest: Digest
    let unitPrice: Int64
    let examples: Int64?
    let usualQuality: Int64
    let quality: Int64
    let deviation: Int64
    /// What it usually claims; nil where nobody has claimed anything.
    let claimed: Int64?
    let slope: Int64
    /// Whether its claims have differed enough from task to task to say something.
    let hasSpread: Bool
    let fieldSlope: Int64
    /// What its slope gets wrong; nil where it says nothing.
    let curve: ClaimCurve?
    let usualCost: Int64
    let cost: Int64
    let costDeviation: Int64
    let latency: Int64

    func isOf(_ bidder: Bidder) -> Bool {
        digest == bidder.digest && unitPrice == bidder.unitPrice && examples == bidder.examples
    }

    func speaks(_ claim: Int?) -> Bool { hasSpread && claim != nil }

    /// Slope times how far a claim lies from the bidder's usual one.
    func said(_ confidence: Int64?) -> Int64 {
        guard slope != 0, let confidence, let claimed else { return 0 }
        return Fixed.times(slope, confidence - claimed)
    }

    /// - Parameters:
    ///   - confidence: what it claims of the task, in 1e-9.
    ///   - field: what the claims of all bidders say about the task.
    func forecast(_ confidence: Int64?, field: Int64, _ settings: LearningSettings) -> Forecast {
        let speaks = hasSpread && confidence != nil
        // Who says something speaks for itself: its claim knows of the task what the field does.
        let follows = field == 0 || speaks ? 0 : Fixed.times(fieldSlope, field)
        let said = Fixed.moved(quality, by: said(confidence) + follows)
        let bent = speaks ? curve?.correction(of: said, worth: settings.curveWorth) : nil
        return Forecast(
            quality: Fixed.moved(said, by: bent ?? 0), deviation: deviation, cost: cost, costDeviation: costDeviation,
            latency: latency, usualQuality: Fixed.fraction(usualQuality), usualCost: usualCost)
    }
}

/// Prospects by type of one state of an engine: made when they are first asked for, by whatever thread.
///
/// The same bidders come again and again, in digest order: one step along what was made before finds each.
struct Prospects: Sendable {
    private let known = Shared<[String: [Prospect]]>([:])

    /// - Parameter maker: asked once where something has to be made, and then for each that is not known.
    func of(_ bidders: [Bidder], type: String, maker: () -> (Bidder) -> Prospect) -> [Prospect] {
        let before = known.locked { $0[type] } ?? []
        if before.count == bidders.count, bidders.indices.allSatisfy({ before[$0].isOf(bidders[$0]) }) { return before }
        let make = maker()
        var prospects: [Prospect] = []
        prospects.reserveCapacity(bidders.count)
        var place = 0
        for bidder in bidders {
            while place < before.count, before[place].digest < bidder.digest { place += 1 }
            let isKnown = place < before.count && before[place].isOf(bidder)
            prospects.append(isKnown ? before[place] : make(bidder))
        }
        known.locked { $0[type] = prospects }
        return prospects
    }
}

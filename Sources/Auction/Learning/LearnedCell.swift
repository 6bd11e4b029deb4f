// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// One model on one type of task.
public struct LearnedCell: Codable, Hashable, Sendable {
    public private(set) var tally = OutcomeTally()
    /// The newest outcomes, to notice a change by: how many, and the sum of how right they were in 1e-9.
    public private(set) var recentCount: Int64 = 0
    public private(set) var recentQuality: Int64 = 0
    /// Examples that there were to show at the newest outcome.
    public private(set) var examples: Int64 = 0

    public init() {}

    /// - Returns: whether the cell noticed a change and forgot what lay before it.
    mutating func add(
        _ outcome: VerifiedOutcome, claim: Int64?, examples: Int64? = nil, _ settings: LearningSettings
    ) -> Bool {
        if let examples { self.examples = examples }
        tally.add(outcome, quality: outcome.quality, claim: claim)
        recentCount += 1
        recentQuality += outcome.quality
        if tally.count >= settings.memory { tally.halve() }
        guard recentCount >= settings.driftWindow else { return false }
        let changed = hasChanged(settings)
        if changed {
            // What is left is about the newest outcomes; their costs are taken for those of the memory.
            while tally.count > 2 * recentCount { tally.halve() }
            tally.replaceQuality(recentQuality, of: recentCount)
        }
        (recentCount, recentQuality) = (0, 0)
        return changed
    }

    /// What still counts of a tally when `now` examples are shown: half for each doubling since, at least an eighth.
    func faded(_ tally: OutcomeTally, now: Int64?) -> OutcomeTally {
        guard let now else { return tally }
        var tally = tally
        for _ in 0..<ExampleGrowth.doublings(from: examples, to: now) { tally.halve() }
        return tally
    }

    /// Whether the newest outcomes are unlikely from the same source as those before them.
    private func hasChanged(_ settings: LearningSettings) -> Bool {
        let before = tally.count - recentCount
        guard before >= recentCount else { return false }
        let old = Fixed.quotient(tally.quality - recentQuality, before)
        let new = Fixed.quotient(recentQuality, recentCount)
        // One more right and one more wrong, so that a perfect record does not make its first mistake a change.
        let mean = Fixed.quotient(tally.quality + Fixed.one, tally.count + 2)
        let variance = Fixed.times(Fixed.fraction(mean), Fixed.one - Fixed.fraction(mean))
        let deviation = Fixed.rootOfFraction(variance / recentCount + variance / before)
        return abs(new - old) > Fixed.times(settings.driftGuard, deviation)
    }
}

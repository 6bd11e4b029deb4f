// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The pace of a budget: an online dual price on money that rises while tasks cost more than their share of what is left
/// and falls while they cost less. It only changes scores; what may be spent at all is a hard limit beside it.
///
/// A subgradient step per task (Balseiro, Lu and Mirrokni, "The best of many worlds: dual mirror descent for online
/// allocation problems", 2020), on a target that is made again from what is left.
public struct DualPrice: Codable, Hashable, Sendable {
    /// What is left, in money units.
    public private(set) var remaining: Int64
    /// Tasks that are expected to come.
    public private(set) var tasks: Int64
    /// Score in 1e-9 that a task of exactly its share of the budget loses.
    public private(set) var pressure: Int64

    /// Share of the surprise that one task moves the price by, in 1e-9.
    static let step: Int64 = 20_000_000
    /// A task that cost more than this many shares moves the price no further.
    static let mostShares: Int64 = 20

    /// - Parameters:
    ///   - budget: money units, 0…2^53.
    ///   - tasks: how many are expected; more may come.
    ///   - pressure: of the tasks before these, in 1e-9.
    public init(budget: Int64, tasks: Int64, pressure: Int64 = 0) {
        self.pressure = max(0, pressure)
        remaining = min(max(0, budget), Checked.limit)
        self.tasks = max(1, tasks)
    }

    /// A task's share of what is left, at least one unit.
    public var share: Int64 { max(1, remaining / tasks) }

    /// Score that `cost` money units lose to the pace, in 1e-9, on top of what the policy says money is worth.
    public func score(ofCost cost: Int64) -> Int64 { Fixed.share(pressure, cost, over: share) }

    /// The most that the next task may cost so that the tasks after it can still be done at `cheapest` each: it is
    /// degraded before a later one has to be refused. Never above what is left.
    ///
    /// - Parameters:
    ///   - cheapest: what the cheapest eligible bidder is expected to cost, in money units.
    ///   - promise: what the one that promises least promises not to exceed: so much the next task may cost in any case.
    public func affordable(cheapest: Int64, promise: Int64? = nil) -> Int64 {
        let (kept, tooMuch) = (tasks - 1).multipliedReportingOverflow(by: max(0, cheapest))
        let spare = tooMuch || kept > remaining ? 0 : remaining - kept
        return min(remaining, max(spare, promise ?? cheapest))
    }

    /// Takes a metered cost off the budget and moves the price.
    public mutating func settle(cost: Int64) {
        let cost = min(max(0, cost), remaining)
        let shares = min(Self.mostShares * Fixed.one, Fixed.share(cost, Fixed.one, over: share))
        pressure = max(0, pressure + Fixed.times(Self.step, shares - Fixed.one))
        remaining -= cost
        skip(1)
    }

    /// So many of the expected tasks do not come, or cost nothing: their share is the others'.
    public mutating func skip(_ count: Int64) { tasks = max(1, tasks - max(0, count)) }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The numbers that tune learning. A record names them by ``version``; they are constants of a version, not of a room.
public struct LearningSettings: Codable, Hashable, Sendable {
    /// Version of the formulas and of these numbers.
    public var version = 1
    /// A model's prior counts as this many thousandths of an outcome.
    public var modelWorth: Int64 = 4_000
    /// A type's difficulty is shrunk to 0 as by this many thousandths of an outcome.
    public var typeWorth: Int64 = 8_000
    /// What the model over all types counts as within a type before spreads are known, in thousandths of an outcome.
    public var spreadWorth: Int64 = 16_000
    /// How many cells of type and model the assumed spread counts as.
    public var spreadCells: Int64 = 4
    /// A stated price counts as this many thousandths of a metered cost.
    public var priceWorth: Int64 = 2_000
    /// The expected cost of a model within a type counts as this many thousandths of a metered cost.
    public var costWorth: Int64 = 4_000
    /// A bidder's slope is shrunk to the room's, and the room's to 0, as by these spreads (1e-9).
    public var slopeWorth: Int64 = 1_000_000_000
    public var roomSlopeWorth: Int64 = 1_000_000_000
    /// A bin of a bidder's curve is shrunk to no correction as by this many thousandths of an outcome.
    public var curveWorth: Int64 = 64_000
    /// The highest slope, in 1e-9.
    public var mostSlope: Int64 = 1_500_000_000
    /// A cell of type and model forgets half of what it knows when it has this many outcomes.
    public var memory: Int64 = 8_192
    /// Standard deviations between a cell's last outcomes and its memory that count as a change, in 1e-9; and how many outcomes
    /// are the last ones.
    public var driftGuard: Int64 = 4_500_000_000
    public var driftWindow: Int64 = 32
    /// Share of the deviation that exploring draws from, in 1e-9.
    public var exploration: Int64 = 300_000_000
    /// Predicted gain above which the incumbent is left, in deviations of that gain (1e-9).
    public var incumbentGuard: Int64 = 1_000_000_000

    public init() {}
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How far models differ from type to type, against how far outcomes scatter within one: what shrinkage is chosen by.
public struct TypeSpread: Codable, Hashable, Sendable {
    /// Sum of squared surprises in 1e-9, and how many there were.
    public private(set) var squares: Int64 = 0
    public private(set) var surprises: Int64 = 0
    /// κ: a model's usual quality counts within a type as this many thousandths of an outcome.
    public internal(set) var worth: Int64
    /// Number of surprises at which κ is computed again.
    public internal(set) var due: Int64 = 64

    /// κ lies between one outcome and a million.
    static let bounds: ClosedRange<Int64> = 1_000...1_000_000_000

    init(_ settings: LearningSettings) { worth = settings.spreadWorth }

    /// - Parameter surprise: outcome less forecast, in 1e-9, less what all models of the same task have in common.
    mutating func add(surprise: Int64, of alternatives: Int64) {
        // Taking the common part away takes 1/K of the scatter with it.
        let square = Fixed.times(surprise, surprise)
        squares += alternatives > 1 ? Fixed.share(square, alternatives, over: alternatives - 1) : square
        surprises += 1
        guard surprises >= 1 << 28 else { return }
        squares /= 2
        costSquares /= 2
        surprises /= 2
    }

    /// Sum of squared surprises of costs, each relative to its forecast, in 1e-9.
    public private(set) var costSquares: Int64 = 0

    /// A cost beside its forecast; a surprise beyond four times the forecast counts as that.
    mutating func add(cost: Int64, forecast: Int64) {
        let ratio = forecast > 0 ? min(5 * Fixed.one, Fixed.share(cost, Fixed.one, over: forecast)) : Fixed.one
        costSquares += Fixed.times(ratio - Fixed.one, ratio - Fixed.one)
    }

    /// Variance of one cost around its forecast, relative to it, in 1e-9.
    public var costNoise: Int64 { (costSquares + 10 * 250_000_000) / (surprises + 10) }

    /// Variance of one outcome around its forecast, in 1e-9; a fifth before anything is known.
    public var noise: Int64 { (squares + 10 * 200_000_000) / (surprises + 10) }

    /// One type and model: how many outcomes, and how far their mean lies from what the model and the type alone predict.
    struct Deviation {
        let count: Int64
        let distance: Int64
        /// Outcomes of the model over all types, and models with outcomes on this type.
        let ofModel: Int64
        let models: Int64
    }

    /// Computes κ = noise / spread by moments: the squared distances, less what scatter alone makes of them.
    mutating func update(_ cells: [Deviation], _ settings: LearningSettings) {
        due = surprises + max(64, surprises / 8)
        let noise = max(1, self.noise)
        // The assumed spread, as so many cells of sixteen outcomes. Weights are in 1/32, `excess` in 1e-9 times a weight.
        var weight = settings.spreadCells * 341
        var excess = Fixed.share(noise, 1_000, over: settings.spreadWorth) * weight
        for cell in cells where cell.count > 0 && cell.models > 1 && cell.ofModel > cell.count {
            // n / (1 + n/32): large cells are known well enough not to count more and more.
            let cellWeight = 1_024 * cell.count / (32 + cell.count)
            // What of the distance the cell itself took away by being part of both means, in 1e-9.
            let free = Fixed.share(
                Fixed.one - Fixed.share(cell.count, Fixed.one, over: cell.ofModel), cell.models - 1, over: cell.models)
            let square = Fixed.times(cell.distance, cell.distance)
            let scatter = Fixed.times(noise / cell.count, free)
            excess += (square - scatter) * cellWeight
            weight += Fixed.times(free, cellWeight)
        }
        guard excess > 0, weight > 0 else { return worth = Self.bounds.upperBound }
        let spread = max(1, excess / weight)
        worth = min(max(Fixed.share(noise, 1_000, over: spread), Self.bounds.lowerBound), Self.bounds.upperBound)
    }
}

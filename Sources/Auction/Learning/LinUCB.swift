// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The challenger: a linear model of each bidder's outcomes over what is known of the task, tried where it is uncertain by an upper
/// confidence bound (Li, Chu, Langford and Schapire, "A contextual-bandit approach to personalized news article recommendation", 2010,
/// the disjoint form). It does not know how models and types share what they know, which is why it is the challenger.
///
/// Integers only: ridge regression by LDLᵀ in steps of 1e-9, made again whenever a bidder's outcome is learned.
public struct LinUCB: LearningEngine {
    public var name: String { Self.id }
    public static let id = "linucb"
    public let settings: LearningSettings
    private var arms: [Digest: Arm] = [:]
    private var room = OutcomeTally()

    public init(_ settings: LearningSettings = LearningSettings()) { self.settings = settings }

    /// One bidder: what it cost, and its regression.
    private struct Arm {
        var usual = OutcomeTally()
        var cells: [String: OutcomeTally] = [:]
        var ridge = RidgeRegression(dimensions: TaskVector.dimensions)
    }

    public func forecast(_ bidders: [Bidder], on task: LearnedTask) -> [Forecast] {
        let vector = TaskVector(task)
        return bidders.map { bidder in
            let arm = arms[bidder.digest]
            let (quality, deviation) = quality(of: arm, vector.with(bidder.confidence))
            let usual = arm?.usual ?? OutcomeTally()
            let cell = arm?.cells[task.type] ?? OutcomeTally()
            let usualCost = max(0, usual.meanCost(shrunkTo: bidder.unitPrice, worth: settings.priceWorth))
            let usualLatency = usual.meanLatency(
                shrunkTo: room.meanLatency(shrunkTo: 0, worth: 1), worth: settings.priceWorth)
            return Forecast(
                quality: quality, deviation: deviation,
                cost: max(0, cell.meanCost(shrunkTo: usualCost, worth: settings.costWorth)), costDeviation: 0,
                latency: cell.meanLatency(shrunkTo: usualLatency, worth: settings.costWorth),
                usualQuality: Fixed.fraction(
                    usual.meanQuality(shrunkTo: Fixed.one / 2, worth: settings.modelWorth)), usualCost: usualCost)
        }
    }

    private func quality(of arm: Arm?, _ features: [Int64]) -> (quality: Int64, deviation: Int64) {
        let ridge = arm?.ridge ?? RidgeRegression(dimensions: TaskVector.dimensions)
        // A fifth is the variance of outcomes before anything is known, as the usual engine takes it.
        let variance = ridge.uncertainty(of: features) / 5
        return (Fixed.fraction(Fixed.one / 2 + ridge.value(of: features)), Fixed.rootOfFraction(variance))
    }

    /// Half a deviation: an upper bound, no draw.
    public func exploration(_ forecast: Forecast, bits: UInt64) -> Int64 { Self.exploration(forecast) }

    static func exploration(_ forecast: Forecast) -> Int64 { forecast.deviation / 2 }

    public mutating func learn(_ outcomes: [VerifiedOutcome], among bidders: [Bidder], on task: LearnedTask) {
        let vector = TaskVector(task)
        for outcome in outcomes where bidders.indices.contains(outcome.bidder) {
            let bidder = bidders[outcome.bidder]
            var arm = arms.removeValue(forKey: bidder.digest) ?? Arm()
            arm.ridge.add(vector.with(bidder.confidence), outcome: outcome.quality - Fixed.one / 2)
            if arm.usual.count >= settings.memory {
                arm.ridge.halve()
                arm.usual.halve()
                for type in arm.cells.keys { arm.cells[type]?.halve() }
            }
            arm.usual.add(outcome, quality: outcome.quality, claim: nil)
            arm.cells[task.type, default: OutcomeTally()].add(outcome, quality: outcome.quality, claim: nil)
            arms[bidder.digest] = arm
            room.add(outcome, quality: outcome.quality, claim: nil)
            if room.count >= HierarchicalThompson.roomMemory { room.halve() }
        }
    }
}

/// A task and a bidder's claim as numbers in 1e-9: one, the claim about a half, the length about the middle, and one of eight for the type.
struct TaskVector {
    static let dimensions = 11
    private var features: [Int64]

    init(_ task: LearnedTask) {
        features = [Int64](repeating: 0, count: Self.dimensions)
        features[0] = Fixed.one
        features[2] = (Int64(task.lengthStep) - 7) * Fixed.one / 8
        let type = Digest.sha256(Array(task.type.utf8)).leadingWord % 8
        features[3 + Int(type)] = Fixed.one
    }

    func with(_ claim: Int64?) -> [Int64] {
        var features = features
        features[1] = claim.map { $0 - Fixed.one / 2 } ?? 0
        return features
    }
}

/// Ridge regression with a ridge of one, in 1e-9. Rounding is part of the result.
struct RidgeRegression {
    private let dimensions: Int
    /// The lower triangle, a row after the other, and the right side.
    private var matrix: [Int64]
    private var right: [Int64]
    /// The factors L and D of the matrix, and the solution.
    private var lower: [Int64]
    private var diagonal: [Int64]
    private var solution: [Int64]

    init(dimensions: Int) {
        self.dimensions = dimensions
        matrix = [Int64](repeating: 0, count: dimensions * (dimensions + 1) / 2)
        for row in 0..<dimensions { matrix[Self.place(row, row)] = Fixed.one }
        lower = matrix
        right = [Int64](repeating: 0, count: dimensions)
        diagonal = [Int64](repeating: Fixed.one, count: dimensions)
        solution = right
    }

    private static func place(_ row: Int, _ column: Int) -> Int { row * (row + 1) / 2 + column }

    mutating func add(_ features: [Int64], outcome: Int64) {
        for row in 0..<dimensions where features[row] != 0 {
            right[row] += Fixed.times(features[row], outcome)
            for column in 0...row {
                matrix[Self.place(row, column)] += Fixed.times(features[row], features[column])
            }
        }
        factor()
        solve()
    }

    /// Forgets half of everything but the ridge.
    mutating func halve() {
        for row in 0..<dimensions {
            right[row] = Fixed.quotient(right[row], 2)
            for column in 0...row {
                let place = Self.place(row, column)
                let ridge = row == column ? Fixed.one : 0
                matrix[place] = Fixed.quotient(matrix[place] - ridge, 2) + ridge
            }
        }
        factor()
        solve()
    }

    /// A = L·D·Lᵀ, with ones on the diagonal of L. D is at least a thousandth: what rounding could make smaller is not known.
    private mutating func factor() {
        for row in 0..<dimensions {
            for column in 0...row {
                var sum = matrix[Self.place(row, column)]
                for inner in 0..<column {
                    sum -= Fixed.times(
                        Fixed.times(lower[Self.place(row, inner)], lower[Self.place(column, inner)]), diagonal[inner])
                }
                if row == column {
                    diagonal[row] = max(sum, Fixed.one / 1_000)
                } else {
                    lower[Self.place(row, column)] = Fixed.share(sum, Fixed.one, over: diagonal[column])
                }
            }
        }
    }

    private mutating func solve() {
        var values = forward(right)
        for row in 0..<dimensions { values[row] = Fixed.share(values[row], Fixed.one, over: diagonal[row]) }
        for row in (0..<dimensions).reversed() {
            for below in row + 1..<dimensions {
                values[row] -= Fixed.times(lower[Self.place(below, row)], values[below])
            }
        }
        solution = values
    }

    /// L⁻¹ · vector.
    private func forward(_ vector: [Int64]) -> [Int64] {
        var values = vector
        for row in 0..<dimensions {
            for column in 0..<row {
                values[row] -= Fixed.times(lower[Self.place(row, column)], values[column])
            }
        }
        return values
    }

    func value(of features: [Int64]) -> Int64 {
        zip(solution, features).reduce(0) { $0 + Fixed.times($1.0, $1.1) }
    }

    /// xᵀ·A⁻¹·x: 1 per unit of length before anything is known, and falling.
    func uncertainty(of features: [Int64]) -> Int64 {
        let values = forward(features)
        return zip(values, diagonal).reduce(0) { sum, pair in
            sum + Fixed.share(Fixed.times(pair.0, pair.0), Fixed.one, over: pair.1)
        }
    }
}

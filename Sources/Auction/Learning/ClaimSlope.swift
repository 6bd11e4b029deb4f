// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How much a bidder's claims say beyond its track record: the slope of outcomes over claims *within* a type of task,
/// among the tasks it won and did. Who always claims the same has no slope, so its claim counts nothing.
public struct ClaimSlope: Codable, Hashable, Sendable {
    /// Σ (claim − mean claim)², in 1e-9.
    public private(set) var spread: Int64 = 0
    /// Σ (claim − mean claim) · (outcome − mean outcome), in 1e-9.
    public private(set) var common: Int64 = 0

    public init() {}

    /// - Parameters: how far claim and outcome lie from the means of the earlier ones of the same type, in 1e-9, and how many
    ///   these are. The factor n/(n+1) makes the sums those around the later means (Welford's step).
    mutating func add(claim: Int64, outcome: Int64, earlier: Int64) {
        guard earlier > 0 else { return }
        spread += Fixed.share(Fixed.times(claim, claim), earlier, over: earlier + 1)
        common += Fixed.share(Fixed.times(claim, outcome), earlier, over: earlier + 1)
    }

    /// For what has the mean 0 already.
    mutating func add(signal: Int64, surprise: Int64) {
        spread += Fixed.times(signal, signal)
        common += Fixed.times(signal, surprise)
    }

    mutating func halve() {
        spread /= 2
        common = Fixed.quotient(common, 2)
    }

    /// The slope in 1e-9, 0…`most`: shrunk to `prior` as by a spread of `worth`.
    ///
    /// A slope below 0 would reward claiming less than one believes, so there is none.
    func slope(shrunkTo prior: Int64, worth: Int64, most: Int64) -> Int64 {
        let whole = spread + worth
        guard whole > 0 else { return prior }
        return min(most, max(0, Fixed.share(common + Fixed.times(worth, prior), Fixed.one, over: whole)))
    }
}

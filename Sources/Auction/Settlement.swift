// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a model's calls cost, in 1e-9 of the currency's unit.
public struct ModelPrices: Codable, Hashable, Sendable {
    /// Per call.
    public let call: Int64
    /// Per second of CPU time.
    public let cpuSecond: Int64
    /// Per KiB over the supervised channel, both ways.
    public let kibibyte: Int64

    public init(call: Int64, cpuSecond: Int64, kibibyte: Int64) {
        self.call = call
        self.cpuSecond = cpuSecond
        self.kibibyte = kibibyte
    }

    /// Cost of metered use in micro-units; each part and the total rounded up (`docs/auction.md`, "Settlement").
    public func cost(of use: MeteredUse) throws(AuctionError) -> Int64 {
        let what = "the metered cost"
        let calls = try Checked.ceilProduct(call, use.calls, over: 1, what)
        let processor = try Checked.ceilProduct(cpuSecond, use.cpuMs, over: 1_000, what)
        let channel = try Checked.ceilProduct(kibibyte, use.kibibytes, over: 1, what)
        let nano = try Checked.sum(Checked.sum(calls, processor, what), channel, what)
        return Checked.ceil(nano, over: 1_000)
    }

    /// CPU time in nanoseconds after which one call has cost more than `micro`; nil when CPU time costs nothing.
    public func cpuNs(affordedBy micro: Int64) -> UInt64? {
        guard cpuSecond > 0 else { return nil }
        let (nano, overflow) = micro.multipliedReportingOverflow(by: 1_000)
        let left = max(0, (overflow ? .max : nano) - max(0, call))
        // Seconds first, then the rest: the product of both would leave 64 bits.
        let (whole, tooLong) = (left / cpuSecond).multipliedReportingOverflow(by: 1_000_000_000)
        guard !tooLong else { return nil }
        let rest = (left % cpuSecond).multipliedFullWidth(by: 1_000_000_000)
        return UInt64(whole) + UInt64(cpuSecond.dividingFullWidth(rest).quotient)
    }
}

/// What an attempt used, as the room metered it; what an executor reports about itself counts for nothing.
public struct MeteredUse: Hashable, Sendable {
    public let calls: Int64
    /// CPU time in milliseconds, rounded up: entries of the log carry no finer meter.
    public let cpuMs: Int64
    /// Milliseconds from delivery of the input to the answer, rounded up.
    public let latencyMs: Int64
    /// Traffic over the channel, rounded up to 4 KiB.
    public let kibibytes: Int64

    /// - Throws: `range` when a meter is negative.
    public init(
        calls: Int64 = 1, cpuNs: Int64, latencyNs: Int64, channelBytes: Int64
    ) throws(AuctionError) {
        guard calls >= 0, cpuNs >= 0, latencyNs >= 0, channelBytes >= 0 else { throw .range("a meter", "0…") }
        self.calls = calls
        self.cpuMs = Checked.ceil(cpuNs, over: 1_000_000)
        self.latencyMs = Checked.ceil(latencyNs, over: 1_000_000)
        self.kibibytes = 4 * Checked.ceil(channelBytes, over: 4_096)
    }
}

/// How an attempt ended, as far as anybody knows.
public enum AttemptOutcome: String, Codable, Sendable {
    /// The answer fits its schema; whether it is right is not known. Valid is not right.
    case valid
    /// Verified as right.
    case right
    /// Verified as wrong.
    case wrong
    /// No usable answer.
    case failed
}

/// The bill of one attempt.
public struct Settlement: Codable, Hashable, Sendable {
    public let model: String
    public let outcome: AttemptOutcome
    /// Closed code of the failure; absent unless `outcome` is `failed`.
    public let code: String?
    /// Micro-units, from metered use.
    public let cost: Int64
    /// Decimal nanoseconds.
    public let latencyNs: String
    /// Decimal nanoseconds.
    public let cpuNs: String
    /// Internal credits in 1e-9; 0 while an answer is merely valid.
    public let credits: Int64

    public init(
        model: String, outcome: AttemptOutcome, code: String?, cost: Int64, latencyNs: String, cpuNs: String,
        credits: Int64
    ) {
        self.model = model
        self.outcome = outcome
        self.code = code
        self.cost = cost
        self.latencyNs = latencyNs
        self.cpuNs = cpuNs
        self.credits = credits
    }
}

extension Auction {
    /// Settles the attempt of the winner of `record` on metered use.
    ///
    /// - Throws: `record` when the award is void, `overflow` when use times prices leaves the integers.
    public static func settle(
        _ record: AuctionRecord, use: MeteredUse, prices: ModelPrices, outcome: AttemptOutcome, code: String? = nil
    ) throws(AuctionError) -> Settlement {
        guard let winner = record.award.winner, let second = record.award.secondScore else {
            throw AuctionError(
                .record, "there is nothing to settle: nobody won", remedy: "settle only attempts that were awarded")
        }
        let cost = try prices.cost(of: use)
        return Settlement(
            model: winner, outcome: outcome, code: code, cost: cost, latencyNs: nanoseconds(use.latencyMs),
            cpuNs: nanoseconds(use.cpuMs),
            credits: try credits(
                record.input.weights, outcome: outcome, cost: cost, latencyMs: use.latencyMs, secondScore: second))
    }

    /// Internal credits in 1e-9 for an outcome: `V · right − risk · wrong − λ · cost − μ · latency − second score`.
    ///
    /// - Throws: `overflow` when a number, or the result, leaves the auction's integers or is negative where it cannot be.
    public static func credits(
        _ weights: AuctionWeights, outcome: AttemptOutcome, cost: Int64, latencyMs: Int64, secondScore: Int64
    ) throws(AuctionError) -> Int64 {
        guard outcome != .valid else { return 0 }
        let what = "the credit"
        // Weights and second score can come from a record that nobody checked yet.
        let quality = try Checked.kept(weights.quality, what)
        let risk = try Checked.kept(weights.risk, what)
        let second = try Checked.kept(secondScore, what)
        let worth = outcome == .right ? quality : -risk
        let money = try weights.cost(ofMicro: cost, what)
        let time = try weights.cost(ofMilliseconds: latencyMs, what)
        // Each of the four lies within 2^53.
        return try Checked.kept(worth - money - time - second, what)
    }

    /// A whole number of milliseconds, so the digits are exact whatever its size.
    private static func nanoseconds(_ milliseconds: Int64) -> String {
        milliseconds == 0 ? "0" : "\(milliseconds)000000"
    }
}

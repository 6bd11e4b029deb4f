// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Writes a record in canonical form (RFC 8785) in one pass: members stand here in their order, so that nothing has to be sorted, and no
/// value is looked at twice. The bytes are those that the general encoder makes, which a test compares.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []
    /// Set when a number is too large to be exact in JSON: the general encoder has the error for it.
    private(set) var isInexact = false

    init(_ record: AuctionRecord) {
        let input = record.input
        // Of version 3, a bid and its forecast; before, a bid, its score, its place in the ranking and its loss.
        let each = record.v == 3 ? 288 : 640
        bytes.reserveCapacity(1_024 + each * input.bids.count + 320 * input.exclusions.count)
        write("{\"award\":")
        if record.v == 3 { outcome(of: record.award) } else { write(record.award) }
        write(",\"input\":")
        write(input)
        write(",\"kind\":")
        string(record.kind)
        write(",\"v\":")
        integer(Int64(record.v))
        write("}")
    }

    // MARK: Award

    /// What ``AwardSummary`` has.
    private mutating func outcome(of award: Award) {
        write("{")
        draw(award.draw)
        write(award.explored ? "\"explored\":true" : "\"explored\":false")
        if let incumbent = award.incumbent {
            write(",\"incumbent\":")
            string(incumbent)
        }
        if let reason = award.reason {
            write(",\"reason\":")
            string(reason.rawValue)
        }
        if let runnerUp = award.runnerUp {
            write(",\"runnerUp\":")
            string(runnerUp)
        }
        if let second = award.secondScore {
            write(",\"secondScore\":")
            integer(second)
        }
        if let void = award.void {
            write(",\"void\":")
            string(void.rawValue)
        }
        if let winner = award.winner {
            write(",\"winner\":")
            string(winner)
        }
        write("}")
    }

    private mutating func draw(_ draw: ExplorationDraw?) {
        guard let draw else { return }
        write("\"draw\":{\"coin\":")
        integer(draw.coin)
        if let pick = draw.pick {
            write(",\"pick\":")
            integer(Int64(pick))
        }
        write(",\"plausible\":")
        strings(draw.plausible)
        write("},")
    }

    private mutating func write(_ award: Award) {
        write("{")
        draw(award.draw)
        write(award.explored ? "\"explored\":true,\"losses\":" : "\"explored\":false,\"losses\":")
        list(award.losses) { writer, loss in
            writer.write("{\"code\":")
            writer.integer(Int64(loss.code))
            writer.write(",\"digest\":")
            writer.digest(loss.digest)
            writer.write(",\"model\":")
            writer.string(loss.model)
            writer.write(",\"reason\":")
            writer.string(loss.reason.rawValue)
            writer.write("}")
        }
        write(",\"ranking\":")
        strings(award.ranking)
        if let runnerUp = award.runnerUp {
            write(",\"runnerUp\":")
            string(runnerUp)
        }
        write(",\"scores\":")
        list(award.scores) { $0.write($1) }
        if let second = award.secondScore {
            write(",\"secondScore\":")
            integer(second)
        }
        write(",\"ties\":")
        list(award.ties) { writer, tie in
            writer.write("{\"draw\":")
            writer.integer(tie.draw)
            writer.write(",\"model\":")
            writer.string(tie.model)
            writer.write("}")
        }
        if let void = award.void {
            write(",\"void\":")
            string(void.rawValue)
        }
        if let winner = award.winner {
            write(",\"winner\":")
            string(winner)
        }
        write("}")
    }

    private mutating func write(_ bid: ScoredBid) {
        write("{")
        if let claimed = bid.claimed {
            write("\"claimed\":")
            integer(claimed)
            write(",")
        }
        write("\"cost\":")
        integer(bid.cost)
        write(",\"digest\":")
        digest(bid.digest)
        write(",\"gain\":")
        integer(bid.gain)
        write(",\"latency\":")
        integer(bid.latency)
        write(",\"model\":")
        string(bid.model)
        write(",\"price\":")
        integer(bid.price)
        write(",\"probability\":")
        integer(bid.probability)
        if let right = bid.right {
            write(",\"right\":")
            integer(right)
        }
        write(",\"risk\":")
        integer(bid.risk)
        write(",\"score\":")
        integer(bid.score)
        if let wrong = bid.wrong {
            write(",\"wrong\":")
            integer(wrong)
        }
        write("}")
    }

    // MARK: Input

    private mutating func write(_ input: AuctionInput) {
        write("{\"attempt\":")
        integer(Int64(input.attempt))
        write(",\"bids\":")
        list(input.bids) { writer, bid in
            var isPlain = true
            writer.fill(256 + bid.model.utf8.count) { pen in
                pen.literal("{\"confidence\":")
                pen.integer(Int64(bid.confidence))
                pen.literal(",\"costStep\":")
                pen.integer(Int64(bid.costStep))
                pen.literal(",\"digest\":\"sha256:")
                pen.hex(bid.digest)
                pen.literal("\",\"latencyStep\":")
                pen.integer(Int64(bid.latencyStep))
                pen.literal(",\"model\":")
                isPlain = pen.string(bid.model)
            }
            if !isPlain { writer.escaped(bid.model) }
            writer.bytes.append(0x7d)
        }
        write(",\"budgetRemaining\":")
        integer(input.budgetRemaining)
        write(",\"exclusions\":")
        list(input.exclusions) { $0.write($1) }
        if let experience = input.experience {
            write(",\"experience\":")
            list(experience) { writer, known in
                writer.write("{\"digest\":")
                writer.digest(known.digest)
                writer.write(",\"model\":")
                writer.string(known.model)
                writer.write(",\"right\":")
                writer.integer(known.right)
                writer.write(",\"wrong\":")
                writer.integer(known.wrong)
                writer.write("}")
            }
        }
        write(",\"exploration\":{\"floor\":")
        integer(input.exploration.floor)
        write(",\"margin\":")
        integer(input.exploration.margin)
        write("},\"features\":")
        write(input.features)
        write(",\"job\":")
        string(input.job)
        write(",\"jobDigest\":")
        digest(input.jobDigest)
        write(",\"late\":")
        list(input.late) { writer, bidder in
            writer.write("{\"digest\":")
            writer.digest(bidder.digest)
            writer.write(",\"model\":")
            writer.string(bidder.model)
            writer.write(",\"reason\":")
            writer.string(bidder.reason.rawValue)
            writer.write("}")
        }
        if let learning = input.learning {
            write(",\"learning\":")
            write(learning)
        }
        write(",\"microtask\":")
        string(input.microtask)
        write(",\"minBids\":")
        integer(Int64(input.minBids))
        write(",\"policy\":{\"digest\":")
        digest(input.policy.digest)
        write(",\"sequence\":")
        integer(input.policy.sequence)
        write("},\"previous\":")
        digest(input.previous)
        write(",\"prior\":")
        list(input.prior) { writer, attempt in
            writer.write("{\"code\":")
            writer.string(attempt.code)
            writer.write(",\"cost\":")
            writer.integer(attempt.cost)
            writer.write(",\"digest\":")
            writer.digest(attempt.digest)
            writer.write(",\"model\":")
            writer.string(attempt.model)
            writer.write("}")
        }
        write(",\"round\":")
        integer(Int64(input.round))
        write(",\"seed\":")
        string(input.seed)
        write(",\"sequence\":")
        integer(input.sequence)
        write(",\"weights\":{\"latency\":")
        integer(input.weights.latency)
        write(",\"price\":")
        integer(input.weights.price)
        write(",\"quality\":")
        integer(input.weights.quality)
        write(",\"reserve\":")
        integer(input.weights.reserve)
        write(",\"risk\":")
        integer(input.weights.risk)
        write("}}")
    }

    private mutating func write(_ learning: LearnedInput) {
        write("{\"engine\":{\"challengerError\":")
        integer(learning.engine.challengerError)
        write(",\"compared\":")
        integer(learning.engine.compared)
        write(",\"name\":")
        string(learning.engine.name)
        write(",\"reason\":")
        string(learning.engine.reason.rawValue)
        write(",\"usualError\":")
        integer(learning.engine.usualError)
        write("},\"forecasts\":")
        list(learning.forecasts) { writer, forecast in
            writer.note(forecast)
            // Seven numbers of at most 20 characters each, what stands between them, and room to write eight digits at once.
            writer.fill(160) { pen in
                pen.append(0x5b)
                pen.integer(forecast.quality)
                pen.append(0x2c)
                pen.integer(forecast.deviation)
                pen.append(0x2c)
                pen.integer(forecast.cost)
                pen.append(0x2c)
                pen.integer(forecast.costDeviation)
                pen.append(0x2c)
                pen.integer(forecast.latency)
                pen.append(0x2c)
                pen.integer(forecast.usualQuality)
                pen.append(0x2c)
                pen.integer(forecast.usualCost)
                pen.append(0x5d)
            }
        }
        write(",\"outcomes\":")
        integer(learning.outcomes)
        write(",\"pace\":{\"pressure\":")
        integer(learning.pace.pressure)
        write(",\"share\":")
        integer(learning.pace.share)
        write("},\"settings\":")
        integer(Int64(learning.settings))
        write(",\"state\":")
        digest(learning.state)
        write("}")
    }

    private mutating func note(_ forecast: Forecast) {
        let most = max(
            forecast.quality.magnitude, forecast.deviation.magnitude, forecast.cost.magnitude,
            forecast.costDeviation.magnitude, forecast.latency.magnitude, forecast.usualQuality.magnitude,
            forecast.usualCost.magnitude)
        if most > UInt64(Checked.limit) { isInexact = true }
    }

    private mutating func write(_ model: Exclusion) {
        write("{\"digest\":")
        digest(model.digest)
        write(",\"kind\":")
        string(model.kind)
        write(",\"model\":")
        string(model.model)
        if let reason = model.reason {
            write(",\"reason\":")
            string(reason)
        }
        write(",\"rules\":")
        strings(model.rules)
        write("}")
    }

    private mutating func write(_ features: TaskFeatures) {
        write("{\"class\":")
        string(features.class)
        write(",\"language\":")
        string(features.language)
        write(",\"lengthStep\":")
        integer(Int64(features.lengthStep))
        write(",\"purpose\":")
        string(features.purpose)
        write(",\"schema\":")
        digest(features.schema)
        write(",\"type\":")
        string(features.type)
        write("}")
    }

    // MARK: Values

    private mutating func list<Item>(_ items: [Item], _ write: (inout RecordWriter, Item) -> Void) {
        bytes.append(0x5b)
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            write(&self, item)
        }
        bytes.append(0x5d)
    }

    private mutating func strings(_ texts: [String]) { list(texts) { $0.string($1) } }

    private mutating func write(_ literal: StaticString) {
        // SAFETY: the literal lends its UTF-8 for the call.
        literal.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func string(_ text: String) {
        var isPlain = true
        fill(2 + text.utf8.count) { isPlain = $0.string(text) }
        if !isPlain { escaped(text) }
    }

    /// Rare: what has to be escaped, the general encoder does.
    private mutating func escaped(_ text: String) { bytes += JSONValue.string(text).canonical }

    private mutating func digest(_ digest: Digest) {
        fill(80) { pen in
            pen.literal("\"sha256:")
            pen.hex(digest)
            pen.append(0x22)
        }
    }

    private mutating func integer(_ value: Int64) {
        if value.magnitude > UInt64(Checked.limit) { isInexact = true }
        fill(32) { $0.integer(value) }
    }

    /// Appends what `body` writes, at most `most` bytes: one look at the array for all of it.
    private mutating func fill(_ most: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: most, initializingWith: body)
    }
}

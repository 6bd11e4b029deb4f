// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Reads a table of recorded outcomes: JSON, one task a line. Whatever is wrong is said with the number of its line.
public enum OutcomeTableReader {
    /// Lines of both tables as they are written, before money has its unit.
    public struct Draft: Sendable {
        struct Row: Sendable {
            let id: String
            let type: String
            let bytes: Int
            /// By model, in the order of names: quality, cost, latency, confidence.
            let numbers: [(quality: Double, cost: Double, latency: Double, confidence: Double?)]
        }

        let name: String
        public let models: [String]
        let rows: [Row]

        /// The highest cost of any outcome, in cents.
        public var highestCost: Double { rows.lazy.flatMap(\.numbers).map(\.cost).max() ?? 0 }
    }

    /// - Parameters:
    ///   - name: what to call the file in errors.
    ///   - models: names that every line must have; nil to take those of the first line.
    /// - Throws: `table` with the number of the first line that is wrong.
    public static func read(_ bytes: [UInt8], named name: String, models: [String]?) throws(AuctionError) -> Draft {
        var models = models
        var rows: [Draft.Row] = []
        var ids: [String: Int] = [:]
        var number = 0
        for text in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
            let place = Place(file: name, line: number)
            let row = try row(Array(text), &models, place)
            if let earlier = ids.updateValue(number, forKey: row.id) {
                throw place.error("the id \(row.id) is that of line \(earlier) too", "give every line an id of its own")
            }
            rows.append(row)
        }
        guard let models, !rows.isEmpty else {
            throw AuctionError(
                .table, "\(name) has no lines", remedy: "write one JSON object a line, as docs/auction.md shows")
        }
        return Draft(name: name, models: models, rows: rows)
    }

    struct Place {
        let file: String
        let line: Int

        func error(_ what: String, _ remedy: String) -> AuctionError {
            AuctionError(.table, "\(file), line \(line): \(what)", remedy: remedy)
        }
    }

    private static func row(_ text: [UInt8], _ models: inout [String]?, _ place: Place) throws(AuctionError)
        -> Draft.Row
    {
        let value: JSONValue
        do { value = try JSONValue.parse(text) } catch {
            throw place.error(
                "no JSON: \(error.message)", "write one JSON object a line; NaN and infinity are not JSON")
        }
        guard value.objectValue != nil else { throw place.error("not an object", "write one JSON object a line") }
        let id = try string(value, "id", 256, place)
        let type = try string(value, "type", 128, place)
        // An input's text is only measured, and may be left out.
        let input = value["text"]
        guard input == nil || input?.stringValue != nil else {
            throw place.error("`text` is no string", "quote it, or leave it out")
        }
        guard let outcomes = value["outcomes"]?.objectValue, !outcomes.isEmpty else {
            throw place.error("`outcomes` is missing or empty", "name each model's quality, cost and latency there")
        }
        let names = models ?? outcomes.keys.sorted()
        models = names
        if let missing = names.first(where: { outcomes[$0] == nil }) {
            throw place.error(
                "the model \(missing) is missing", "every line of both tables needs an outcome of every model")
        }
        if outcomes.count > names.count, let extra = outcomes.keys.sorted().first(where: { !names.contains($0) }) {
            throw place.error(
                "the model \(extra) is not on the first line", "every line of both tables needs the same models")
        }
        var numbers: [(quality: Double, cost: Double, latency: Double, confidence: Double?)] = []
        for name in names { numbers.append(try outcome(outcomes[name] ?? .null, of: name, place)) }
        return Draft.Row(id: id, type: type, bytes: input?.stringValue?.utf8.count ?? 0, numbers: numbers)
    }

    private static func string(
        _ value: JSONValue, _ key: String, _ most: Int, _ place: Place
    ) throws(AuctionError) -> String {
        guard let text = value[key]?.stringValue else {
            throw place.error("`\(key)` is missing or no string", "every line has `id`, `type` and `outcomes`")
        }
        guard (1...most).contains(text.utf8.count) else {
            throw place.error("`\(key)` has \(text.utf8.count) bytes", "use 1 to \(most) bytes")
        }
        return text
    }

    private static func outcome(
        _ value: JSONValue, of model: String, _ place: Place
    ) throws(AuctionError) -> (quality: Double, cost: Double, latency: Double, confidence: Double?) {
        guard value.objectValue != nil else {
            throw place.error("the outcome of \(model) is no object", "write {\"quality\":…,\"cost\":…,\"latency\":…}")
        }
        guard (1...128).contains(model.utf8.count) else {
            throw place.error("a model's name has \(model.utf8.count) bytes", "use 1 to 128 bytes")
        }
        let quality = try number(value, "quality", model, most: 1, place)
        let cost = try number(value, "cost", model, most: 1e12, place)
        let latency = try number(value, "latency", model, most: 1e7, place)
        let isAbsent = value["confidence"] == nil || value["confidence"] == .null
        return (quality, cost, latency, isAbsent ? nil : try number(value, "confidence", model, most: 1, place))
    }

    private static func number(
        _ value: JSONValue, _ key: String, _ model: String, most: Double, _ place: Place
    ) throws(AuctionError) -> Double {
        let found: Double? =
            switch value[key] {
            case .integer(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        guard let found else {
            throw place.error(
                "`\(key)` of \(model) is missing or no number", "each outcome has quality, cost and latency")
        }
        guard found.isFinite, found >= 0, found <= most else {
            let bound = most == 1 ? "1" : most == 1e12 ? "10^12 cents" : "10^7 seconds"
            throw place.error("`\(key)` of \(model) is \(found)", "it lies from 0 to \(bound)")
        }
        return found
    }
}

extension OutcomeTableReader.Draft {
    /// Numbers as the engine has them.
    ///
    /// - Parameter unitsPerCent: a power of ten by which no cost exceeds ``VerifiedOutcome/mostCost``.
    public func table(unitsPerCent: Int64) -> OutcomeTable {
        let lines = rows.map { row in
            OutcomeTable.Line(
                id: row.id,
                task: LearnedTask(type: row.type, lengthStep: LogSteps.lengthStep(bytes: Int64(row.bytes))),
                outcomes: row.numbers.map { number in
                    OutcomeTable.Outcome(
                        quality: Int64((number.quality * 1e9).rounded()),
                        cost: Int64((number.cost * Double(unitsPerCent)).rounded()),
                        latency: Int64((number.latency * 1e3).rounded()),
                        claim: number.confidence.map { Int(($0 * 64).rounded()) })
                })
        }
        return OutcomeTable(models: models, lines: lines, unitsPerCent: unitsPerCent)
    }

    /// The finest money unit in which `cents` still fits: how many of it are a cent.
    public static func unitsPerCent(upTo cents: Double) -> Int64 {
        var units: Int64 = 1_000_000_000_000
        while units > 1, cents * Double(units) > Double(VerifiedOutcome.mostCost) { units /= 10 }
        return units
    }
}

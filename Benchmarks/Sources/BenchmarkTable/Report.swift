// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// What a row promises; the number is the row's `target`.
public enum Target: Sendable {
    /// Ours is at most, or at least, so many times the peer's.
    case ratioAtMost(Double)
    case ratioAtLeast(Double)
    /// Ours is at most, or at least, this value, whatever the peer's is.
    case atMost(Double)
    case atLeast(Double)
    /// Nobody promised anything; the row is there to be read.
    case open
}

/// One thing measured for us and for a peer in the same run.
public struct Row: Sendable {
    public let name: String
    public let ours: Samples
    public let peer: String
    public let version: String
    public let theirs: Samples
    /// Ours over the peer's, of the medians unless the row says otherwise.
    public let ratio: Double
    public let target: Target

    /// - Parameters:
    ///   - name: what is measured, and its unit.
    ///   - ratio: by default that of the medians.
    public init(
        _ name: String, ours: Samples, peer: String, version: String, theirs: Samples, ratio: Double? = nil,
        target: Target
    ) {
        self.name = name
        self.ours = ours
        self.peer = peer
        self.version = version
        self.theirs = theirs
        self.ratio = ratio ?? (theirs.p50 > 0 ? ours.p50 / theirs.p50 : 0)
        self.target = target
    }

    var promise: (number: Double, text: String, holds: Bool)? {
        switch target {
        case .ratioAtMost(let most): (most, "<= \(text(most)) x", ratio <= most)
        case .ratioAtLeast(let least): (least, ">= \(text(least)) x", ratio >= least)
        case .atMost(let most): (most, "<= \(text(most))", ours.p50 <= most)
        case .atLeast(let least): (least, ">= \(text(least))", ours.p50 >= least)
        case .open: nil
        }
    }
}

/// What one benchmark prints.
public struct Report {
    public let bench: String
    public private(set) var rows: [Row] = []
    /// Read at the start: afterwards the load would be our own.
    private let host = Host.description

    public init(_ bench: String) { self.bench = bench }

    public mutating func add(_ row: Row) { rows.append(row) }

    /// Prints the table, or with `json` the same as one line of canonical JSON.
    public func print(json: Bool) {
        if json {
            Swift.print(String(decoding: self.json.canonical, as: UTF8.self))
        } else {
            Swift.print(table)
        }
    }

    private var json: JSONValue {
        .object([
            "bench": .string(bench), "host": .string(host),
            "rows": .array(
                rows.map { row in
                    .object([
                        "name": .string(row.name), "ours": value(row.ours),
                        "peer": .object([
                            "name": .string(row.peer), "version": .string(row.version),
                            "p50": number(row.theirs.p50), "p99": number(row.theirs.p99),
                        ]),
                        "ratio": number(row.ratio),
                        "target": row.promise.map { number($0.number) } ?? .null,
                        "holds": row.promise.map { .bool($0.holds) } ?? .null,
                    ])
                }),
        ])
    }

    private func value(_ samples: Samples) -> JSONValue {
        .object(["p50": number(samples.p50), "p99": number(samples.p99)])
    }

    /// Four significant digits: more would be noise. Integers where there is no fraction, as canonical JSON wants.
    private func number(_ value: Double) -> JSONValue {
        guard value.isFinite, value != 0 else { return .integer(0) }
        let scale = pow(10, 3 - floor(log10(abs(value))))
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? .integer(Int64(rounded)) : .double(rounded)
    }

    /// A Markdown table, so that it can be committed as it is.
    private var table: String {
        var lines = ["\(bench) on \(host)", ""]
        lines.append("| what | ours p50 | p99 | peer | its p50 | p99 | ratio | target | holds |")
        lines.append("|---|---|---|---|---|---|---|---|---|")
        for row in rows {
            let cells = [
                row.name, text(row.ours.p50), text(row.ours.p99), "\(row.peer) \(row.version)", text(row.theirs.p50),
                text(row.theirs.p99), text(row.ratio), row.promise?.text ?? "",
                row.promise.map { $0.holds ? "yes" : "**no**" } ?? "",
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }
}

/// Three significant digits, whole numbers with thousands apart.
private func text(_ value: Double) -> String {
    if abs(value) >= 1000 {
        let whole = String(Int64(value.rounded()))
        return whole.reversed().enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, digit.offset % 3 == 0 { text.insert(",", at: text.startIndex) }
            text.insert(digit.element, at: text.startIndex)
        }
    }
    let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 3
    let scale = pow(10, Double(places))
    let rounded = (value * scale).rounded() / scale
    return places == 0 || rounded == rounded.rounded() ? String(Int64(rounded)) : String(rounded)
}

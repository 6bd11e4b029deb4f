// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// How long executions took, per microtask and model: the distribution over a logarithmic axis, its middle and its bad end.
struct LatencyPlot {
    let facts: JobFacts
    let summary: JobSummary

    private static let binsPerDecade = 12.0

    var figure: Figure? {
        let rows = summary.models.compactMap { row -> (JobSummary.Model, Quantiles)? in
            let values = facts.attempts.filter { $0.microtask == row.microtask && $0.model == row.model }
                .map { max(1_000, $0.latencyNs) }
            return values.isEmpty ? nil : (row, Quantiles(values))
        }
        guard !rows.isEmpty else { return nil }
        let (left, right, pitch, top) = (250.0, 725.0, 34.0, 8.0)
        let bottom = top + pitch * Double(rows.count)
        let axis = Axis(
            decadesOf: rows.flatMap { [Double($0.1.sorted.first ?? 1), Double($0.1.sorted.last ?? 1)] },
            from: left,
            to: right)
        var shapes: [HTML] = axis.ticks.flatMap { tick in
            [
                Shape.line(axis.at(tick), top, axis.at(tick), bottom + 4, "grid"),
                Shape.text(axis.at(tick), bottom + 20, Self.tick(tick), "s m"),
            ]
        }
        var table = PageTable(
            "Latency per microtask and model, nearest rank",
            [
                ("microtask", false), ("model", false), ("executions", true), ("least", true),
                ("p50", true),
                ("p90", true),
                ("p99", true), ("most", true),
            ])
        for (index, (row, values)) in rows.enumerated() {
            let base = top + pitch * Double(index + 1) - 6
            shapes.append(Shape.text(left - 10, base - 5, "\(row.microtask) · \(row.model)", "e"))
            shapes += ridge(values, axis, base: base)
            let points = [50, 90, 99].map { values.at(percent: $0) ?? 0 }
            shapes.append(
                Shape.line(
                    axis.at(Double(points[0])), base - 20, axis.at(Double(points[0])), base + 3, "mark"))
            shapes.append(
                Shape.line(
                    axis.at(Double(points[2])), base - 9, axis.at(Double(points[2])), base + 3, "tail"))
            table.add(
                [
                    row.microtask, row.model, String(values.sorted.count),
                    Shown.time(values.sorted.first ?? 0),
                ]
                    + points.map { Shown.time($0) } + [Shown.time(values.sorted.last ?? 0)])
        }
        return Figure(
            id: "latency", title: "Latency per model",
            description: rows.map { row, values in
                "\(row.microtask), \(row.model): median \(Shown.time(values.at(percent: 50) ?? 0)), "
                    + "99th percentile \(Shown.time(values.at(percent: 99) ?? 0)) over \(values.sorted.count) executions"
            }.joined(separator: ". "),
            caption:
                "Each hill is the distribution of one model's executions, failed ones included, as tall as its fullest step. "
                + "The tall mark is the median, the short one the 99th percentile (nearest rank). The axis is logarithmic.",
            height: bottom + 28, shapes: shapes, table: table)
    }

    private func ridge(_ values: Quantiles, _ axis: Axis, base: Double) -> [HTML] {
        let first = axis.low * Self.binsPerDecade
        var counts = [Double](repeating: 0, count: Int((axis.high - axis.low) * Self.binsPerDecade) + 2)
        for value in values.sorted {
            let bin = Int(log10(Double(value)) * Self.binsPerDecade - first)
            counts[min(counts.count - 1, max(0, bin))] += 1
        }
        let most = max(1, counts.max() ?? 1)
        let step = (axis.to - axis.from) / ((axis.high - axis.low) * Self.binsPerDecade)
        return counts.enumerated().filter { $0.element > 0 }.map { bin, count in
            Shape.rect(
                axis.from + Double(bin) * step, base - 18 * count / most, step - 0.5, 18 * count / most,
                "strong half")
        } + [Shape.line(axis.from, base, axis.to, base, "grid")]
    }

    private static func tick(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<999_999: "\(Int64((nanoseconds / 1e3).rounded())) µs"
        case ..<999_999_999: "\(Int64((nanoseconds / 1e6).rounded())) ms"
        default: "\(Int64((nanoseconds / 1e9).rounded())) s"
        }
    }
}

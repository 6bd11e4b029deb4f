// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What an execution costs against how often the answer is right, per microtask and model. Needs labels.
struct CostPlot {
    let summary: JobSummary

    var figure: Figure? {
        let rows = summary.models.filter { $0.accuracy != nil && $0.attempts > 0 }
        guard !rows.isEmpty else { return nil }
        // A price of nothing has no logarithm: it stands at the left end, below everything that costs.
        func cost(_ row: JobSummary.Model) -> Double { Double(row.cost) / Double(row.attempts) }
        let priced = rows.map(cost).filter { $0 > 0 }
        let (left, right, top, bottom) = (60.0, 560.0, 14.0, 314.0)
        let isWide = (priced.max() ?? 1) > 20 * (priced.min() ?? 1)
        let x =
            isWide
            ? Axis(decadesOf: priced, from: left, to: right)
            : Axis(linear: 0, max(1, (priced.max() ?? 1) * 1.15), from: left, to: right)
        let lowest = rows.compactMap { $0.accuracy.map { Double($0.low) / 1e9 } }.min() ?? 0
        let y = Axis(linear: lowest > 0.55 ? 0.5 : 0, 1, from: bottom, to: top)
        var shapes: [HTML] = []
        for tick in x.ticks {
            shapes.append(Shape.line(x.at(tick), top, x.at(tick), bottom, "grid"))
            shapes.append(Shape.text(x.at(tick), bottom + 18, Shown.money(Int64(tick.rounded())), "s m"))
        }
        for tick in y.ticks {
            shapes.append(Shape.line(left, y.at(tick), right, y.at(tick), "grid"))
            shapes.append(
                Shape.text(left - 8, y.at(tick) + 4, Shown.percent(Int64((tick * 1e9).rounded())), "s e"))
        }
        shapes.append(
            Shape.text(
                (left + right) / 2, bottom + 38, "cost per execution, \(summary.totals.currency)", "s m"))
        var table = PageTable(
            "Cost and accuracy",
            [
                ("microtask", false), ("model", false), ("cost per execution", true), ("right", true),
                ("95 % interval", true),
            ])
        var labels: [(y: Double, at: Double, words: String, x: Double)] = []
        for row in rows {
            guard let accuracy = row.accuracy else { continue }
            let (px, py) = (x.at(cost(row)), y.at(Double(accuracy.rate) / 1e9))
            shapes.append(
                Shape.line(
                    px, y.at(Double(accuracy.low) / 1e9), px, y.at(Double(accuracy.high) / 1e9), "whisker"))
            shapes.append(
                Shape.dot(px, py, 5, "strong", "\(row.microtask) \(row.model): \(Shown.accuracy(accuracy))")
            )
            labels.append((py, py, "\(row.microtask) · \(row.model)", px))
            table.add([
                row.microtask, row.model, Shown.money(Int64(cost(row).rounded())),
                "\(Shown.percent(accuracy.rate)) (\(accuracy.right)/\(accuracy.of))",
                "\(Shown.percent(accuracy.low)) – \(Shown.percent(accuracy.high))",
            ])
        }
        shapes += names(labels, from: right + 16)
        return Figure(
            id: "cost", title: "Cost and accuracy per model",
            description: rows.map {
                "\($0.microtask), \($0.model): \(Shown.money(Int64(cost($0).rounded()))) per execution, "
                    + "right \(Shown.accuracy($0.accuracy))"
            }.joined(separator: ". "),
            caption:
                "Up is right more often, left is cheaper. The bar through a dot is the 95 % interval (Wilson): where two bars "
                + "overlap widely, these messages do not tell which model is better."
                + (isWide ? " The cost axis is logarithmic." : ""),
            height: bottom + 48, shapes: shapes, table: table)
    }

    /// Names in a column beside the plot, moved apart, each led to its dot by a line.
    private func names(_ labels: [(y: Double, at: Double, words: String, x: Double)], from x: Double)
        -> [HTML]
    {
        var last = -Double.infinity
        return labels.sorted { $0.y < $1.y }.flatMap { label in
            let y = max(label.y, last + 15)
            last = y
            return [
                Shape.line(label.x + 6, label.at, x - 4, y, "lead"), Shape.text(x, y + 4, label.words, "s"),
            ]
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// On how many messages each model bid, and how many it won, per microtask.
struct WinsPlot {
    let summary: JobSummary

    var figure: Figure? {
        let rows = summary.models
        guard !rows.isEmpty else { return nil }
        let groups = summary.microtasks.map(\.id).filter { id in rows.contains { $0.microtask == id } }
        let most = Double(max(1, rows.map { max($0.bids, $0.wins) }.max() ?? 1))
        let (left, right, pitch) = (250.0, 620.0, 20.0)
        let scale = Axis(linear: 0, most, from: left, to: right)
        var shapes: [HTML] = []
        var y = 26.0
        for group in groups {
            shapes.append(Shape.text(0, y + 12, group, "b"))
            for row in rows where row.microtask == group {
                shapes.append(Shape.text(left - 10, y + 12, row.model, "e"))
                shapes.append(Shape.rect(left, y + 1, scale.at(Double(row.bids)) - left, 14, "soft"))
                shapes.append(
                    Shape.rect(
                        left, y + 1, scale.at(Double(row.wins)) - left, 14, "strong",
                        "\(row.model): \(row.wins) wins, \(row.bids) bids"))
                let after = scale.at(Double(max(row.bids, row.wins))) + 8
                let words =
                    "\(row.wins) of \(row.bids)" + (row.takeovers > 0 ? ", took over \(row.takeovers)" : "")
                shapes.append(Shape.text(after, y + 12, words, "s"))
                y += pitch
            }
            y += 8
        }
        shapes.insert(
            Shape.rect(left, 4, 12, 10, "strong") + Shape.text(left + 18, 13, "wins", "s"), at: 0)
        shapes.insert(
            Shape.rect(left + 70, 4, 12, 10, "soft")
                + Shape.text(left + 88, 13, "bids without a win", "s"), at: 1)
        return Figure(
            id: "wins", title: "Wins per model and microtask",
            description: "Horizontal bars. "
                + groups.map { group in
                    group + ": "
                        + rows.filter { $0.microtask == group }.map {
                            "\($0.model) won \($0.wins) of \($0.bids) bids"
                        }
                        .joined(separator: ", ")
                }.joined(separator: ". "),
            caption:
                "A bid is a message on which the model offered to work; a win is a message whose answer is its own.",
            height: y, shapes: shapes, table: nil)
    }
}

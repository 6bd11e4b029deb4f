// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// When which model was at work: a lane per model and role over the time of the job.
struct TimelinePlot {
    let facts: JobFacts

    private struct Lane: Hashable {
        let role: String
        let model: String
    }

    var figure: Figure? {
        let spans = facts.spans.filter { $0.endNs > $0.startNs }
        guard !spans.isEmpty, facts.heading.wallNs > 0 else { return nil }
        let byLane = Dictionary(grouping: spans) { Lane(role: $0.role, model: $0.model) }
        func start(_ lane: Lane) -> Int64 { byLane[lane]?.map(\.startNs).min() ?? 0 }
        let lanes = byLane.keys.sorted {
            (start($0), $0.model, $0.role) < (start($1), $1.model, $1.role)
        }
        let wall = max(facts.heading.wallNs, spans.map(\.endNs).max() ?? 0)
        let (left, right, pitch, top) = (250.0, 735.0, 22.0, 24.0)
        let bottom = top + pitch * Double(lanes.count)
        let axis = Axis(linear: 0, Double(wall) / 1e9, from: left, to: right)
        var shapes: [HTML] = [
            Shape.rect(left, 4, 12, 10, "strong") + Shape.text(left + 18, 13, "working", "s"),
            Shape.rect(left + 90, 4, 12, 10, "soft") + Shape.text(left + 108, 13, "starting", "s"),
        ]
        for tick in axis.ticks {
            shapes.append(Shape.line(axis.at(tick), top, axis.at(tick), bottom, "grid"))
            shapes.append(Shape.text(axis.at(tick), bottom + 16, Self.seconds(tick), "s m"))
        }
        var table = PageTable(
            "Time at work",
            [
                ("role", false), ("model", false), ("spans", true), ("at work", true),
                ("share of wall", true),
            ])
        var words: [String] = []
        for (index, lane) in lanes.enumerated() {
            let y = top + pitch * Double(index)
            let mine = byLane[lane] ?? []
            shapes.append(
                Shape.text(
                    left - 10, y + 14, lane.model + (lane.role == "executor" ? "" : " (\(lane.role))"), "e"))
            shapes.append(Shape.line(left, y + 18.5, right, y + 18.5, "grid"))
            for (phase, style) in [("starting", "soft"), ("working", "strong")] {
                for drawn in Self.merged(mine.filter { $0.phase == phase }, axis) {
                    shapes.append(Shape.rect(drawn.from, y + 3, max(0.5, drawn.to - drawn.from), 14, style))
                }
            }
            let busy = BusyTime.union(mine.map { (start: $0.startNs, end: $0.endNs) })
            let share = Shown.percent(Int64(Double(busy) / Double(wall) * 1e9))
            table.add([lane.role, lane.model, String(mine.count), Shown.time(busy), share])
            words.append(
                "\(lane.model) as \(lane.role): at work \(Shown.time(busy)), \(share) of the time")
        }
        return Figure(
            id: "timeline", title: "Who worked when", description: words.joined(separator: ". "),
            caption:
                "Seconds since the job began, from the times of the log's entries. Work that lies closer together than a line is "
                + "drawn as one block.", height: bottom + 26, shapes: shapes, table: table)
    }

    /// Spans that would touch on paper, as one: a thousand messages stay a small drawing.
    private static func merged(_ spans: [JobFacts.Span], _ axis: Axis) -> [(from: Double, to: Double)] {
        var drawn: [(from: Double, to: Double)] = []
        for span in spans.sorted(by: { $0.startNs < $1.startNs }) {
            let (from, to) = (axis.at(Double(span.startNs) / 1e9), axis.at(Double(span.endNs) / 1e9))
            if let last = drawn.last, from - last.to < 0.5 {
                drawn[drawn.count - 1].to = max(last.to, to)
            } else {
                drawn.append((from, to))
            }
        }
        return drawn
    }

    private static func seconds(_ value: Double) -> String {
        Shown.decimal(value, places: value == value.rounded() ? 0 : value < 1 ? 2 : 1) + " s"
    }
}

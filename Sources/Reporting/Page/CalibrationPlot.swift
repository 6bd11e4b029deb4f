// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Whether a stated confidence means what it says: answers by stated confidence against how many were right. Needs labels.
struct CalibrationPlot {
    let facts: JobFacts

    private struct Bin {
        var right = 0
        var count = 0
        var stated = 0.0
    }

    var figure: Figure? {
        let known = facts.answers.filter { $0.right != nil && $0.confidence != nil }
        let groups = facts.microtasks.filter { id in known.contains { $0.microtask == id } }
        guard !groups.isEmpty else { return nil }
        let (size, gap, left, top) = (190.0, 50.0, 44.0, 26.0)
        let perRow = 3
        var shapes: [HTML] = []
        var words: [String] = []
        var table = PageTable(
            "Stated confidence and share that was right",
            [("microtask", false), ("stated, mean", true), ("right", true), ("95 % interval", true)])
        for (index, group) in groups.enumerated() {
            let (x0, y0) = (
                left + Double(index % perRow) * (size + gap),
                top + Double(index / perRow) * (size + gap + 10)
            )
            let x = Axis(linear: 0, 1, from: x0, to: x0 + size)
            let y = Axis(linear: 0, 1, from: y0 + size, to: y0)
            shapes += frame(group, x, y)
            var error = 0.0
            let bins = self.bins(known.filter { $0.microtask == group })
            for bin in bins {
                guard let right = Proportion(right: bin.right, of: bin.count) else { continue }
                let stated = bin.stated / Double(bin.count)
                error += abs(stated - Double(right.rate) / 1e9) * Double(bin.count)
                let px = x.at(stated)
                shapes.append(
                    Shape.line(
                        px, y.at(Double(right.low) / 1e9), px, y.at(Double(right.high) / 1e9), "whisker"))
                shapes.append(
                    Shape.dot(
                        px, y.at(Double(right.rate) / 1e9), 4.5, "strong",
                        "said \(Shown.percent(Int64(stated * 1e9))), right \(Shown.accuracy(right))"))
                table.add([
                    group, Shown.percent(Int64(stated * 1e9)),
                    "\(Shown.percent(right.rate)) (\(right.right)/\(right.of))",
                    "\(Shown.percent(right.low)) – \(Shown.percent(right.high))",
                ])
            }
            let mean = error / Double(max(1, bins.reduce(0) { $0 + $1.count }))
            words.append(
                "\(group): on average \(Shown.percent(Int64(mean * 1e9))) between what was said and what was right"
            )
        }
        let rows = (groups.count + perRow - 1) / perRow
        return Figure(
            id: "calibration", title: "Calibration per microtask",
            description: words.joined(separator: ". "),
            caption:
                "Answers are put together by what their model said of its own certainty, in tenths. On the diagonal a confidence "
                + "means what it says; below it, a model is surer than it should be. "
                + words.joined(separator: "; ")
                + ".",
            height: top + Double(rows) * (size + gap + 10), shapes: shapes, table: table)
    }

    private func bins(_ answers: [JobFacts.Answer]) -> [Bin] {
        var bins = [Bin](repeating: Bin(), count: 10)
        for answer in answers {
            let confidence = min(1, max(0, Double(answer.confidence ?? 0) / 1e9))
            let index = min(9, Int(confidence * 10))
            bins[index].count += 1
            bins[index].stated += confidence
            if answer.right == true { bins[index].right += 1 }
        }
        return bins.filter { $0.count > 0 }
    }

    private func frame(_ name: String, _ x: Axis, _ y: Axis) -> [HTML] {
        var shapes = [Shape.text(x.from, y.to - 8, name, "b")]
        for tick in [0, 0.5, 1.0] {
            shapes.append(Shape.line(x.from, y.at(tick), x.to, y.at(tick), "grid"))
            shapes.append(Shape.line(x.at(tick), y.from, x.at(tick), y.to, "grid"))
            let label = "\(Int(tick * 100)) %"
            shapes.append(Shape.text(x.from - 6, y.at(tick) + 4, label, "s e"))
            shapes.append(Shape.text(x.at(tick), y.from + 16, label, "s m"))
        }
        shapes.append(Shape.line(x.from, y.from, x.to, y.to, "ideal"))
        shapes.append(Shape.text((x.from + x.to) / 2, y.from + 32, "stated → right ↑", "s m"))
        return shapes
    }
}

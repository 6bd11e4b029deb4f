// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// An evaluation of the auction as one page: no script, nothing loaded.
public struct EvaluationPage: Sendable {
    /// A point of the frontier: mean cost in cents and mean quality.
    public struct Point: Sendable {
        public let name: String
        public let cost: Double
        public let quality: Double
        public let isAuction: Bool

        public init(name: String, cost: Double, quality: Double, isAuction: Bool = false) {
            self.name = name
            self.cost = cost
            self.quality = quality
            self.isAuction = isAuction
        }
    }

    /// Lines of one screen, as the command prints them.
    public let words: [String]
    public let points: [Point]
    /// Summed regret after so many tasks.
    public let regret: [(tasks: Double, regret: Double)]
    /// Mean forecast and mean outcome of so many winners.
    public let calibration: [(count: Int64, forecast: Double, outcome: Double)]

    public init(
        words: [String], points: [Point], regret: [(tasks: Double, regret: Double)],
        calibration: [(count: Int64, forecast: Double, outcome: Double)]
    ) {
        self.words = words
        self.points = points
        self.regret = regret
        self.calibration = calibration
    }

    /// UTF-8 of the document.
    public var bytes: [UInt8] { Array(html.text.utf8) }

    var html: HTML {
        let lines: [HTML] = words.map { "\($0)\n" }
        return PageShell(
            title: "Evaluation of the auction",
            body: [
                "<pre class=\"scroll\">\(lines)</pre>\n", "<h2>Cost and quality</h2>\n", frontier.html,
                "<h2>Regret</h2>\n", curve.html, "<h2>Calibration</h2>\n", reliability.html,
            ]
        ).html
    }

    private var frontier: Figure {
        let costs = points.map(\.cost).filter { $0 > 0 }
        let isWide = (costs.max() ?? 1) > 20 * (costs.min() ?? 1)
        let x =
            isWide
            ? Axis(decadesOf: costs, from: 60, to: 560)
            : Axis(linear: 0, max(1e-6, (costs.max() ?? 1) * 1.15), from: 60, to: 560)
        let y = Axis(linear: 0, 1, from: 314, to: 14)
        var shapes = grid(x, y, "cents per task")
        var table = PageTable("Cost and quality", [("who", false), ("cents", true), ("quality", true)])
        for point in points {
            let (px, py) = (x.at(point.cost), y.at(point.quality))
            shapes.append(
                Shape.dot(px, py, point.isAuction ? 7 : 4, point.isAuction ? "strong" : "soft", point.name))
            if point.isAuction { shapes.append(Shape.text(px + 10, py + 4, point.name, "b")) }
            table.add([point.name, Shown.decimal(point.cost, places: 4), Shown.decimal(point.quality, places: 4)])
        }
        return Figure(
            id: "frontier", title: "Cost and quality on tasks that were not learned from",
            description: points.map {
                "\($0.name): quality \(Shown.decimal($0.quality, places: 3)) at \(Shown.decimal($0.cost, places: 4)) cents"
            }.joined(separator: ". "),
            caption: "Left and up is better. The large dot is the auction, the others are single models.", height: 370,
            shapes: shapes, table: table)
    }

    private var curve: Figure {
        let x = Axis(linear: 0, max(1, regret.last?.tasks ?? 1), from: 60, to: 560)
        let y = Axis(linear: 0, max(1e-6, regret.map(\.regret).max() ?? 1), from: 314, to: 14)
        var shapes = grid(x, y, "tasks")
        for (from, to) in zip([(tasks: 0.0, regret: 0.0)] + regret, regret) {
            shapes.append(Shape.line(x.at(from.tasks), y.at(from.regret), x.at(to.tasks), y.at(to.regret), "whisker"))
        }
        let last = regret.last.map { Shown.decimal($0.regret, places: 1) } ?? "0"
        return Figure(
            id: "regret", title: "Regret of the stream against the best model of each task",
            description: "Regret sums to \(last).",
            caption: "A curve that bends is an engine that learns; the best of each task is no policy anybody has.",
            height: 370, shapes: shapes, table: nil)
    }

    private var reliability: Figure {
        let x = Axis(linear: 0, 1, from: 60, to: 360)
        let y = Axis(linear: 0, 1, from: 314, to: 14)
        var shapes = grid(x, y, "forecast")
        shapes.append(Shape.line(x.from, y.from, x.to, y.to, "ideal"))
        var table = PageTable("Calibration of winners", [("forecast", false), ("outcome", true), ("awards", true)])
        for bin in calibration {
            shapes.append(Shape.dot(x.at(bin.forecast), y.at(bin.outcome), 4.5, "strong", "\(bin.count) awards"))
            table.add([
                Shown.decimal(bin.forecast, places: 3), Shown.decimal(bin.outcome, places: 3), String(bin.count),
            ])
        }
        return Figure(
            id: "calibration", title: "Forecasts of winners against what came of them",
            description: calibration.map {
                "\($0.count) awards forecast \(Shown.decimal($0.forecast, places: 2)), outcome \(Shown.decimal($0.outcome, places: 2))"
            }.joined(separator: ". "),
            caption: "On the dashed line a forecast means what it says.", height: 370, shapes: shapes, table: table)
    }

    private func grid(_ x: Axis, _ y: Axis, _ name: String) -> [HTML] {
        func label(_ value: Double) -> String {
            var text = Shown.decimal(value, places: value < 1 ? 4 : 0)
            while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") {
                let wasPoint = text.hasSuffix(".")
                text.removeLast()
                if wasPoint { break }
            }
            return text
        }
        var shapes: [HTML] = []
        for tick in x.ticks {
            shapes.append(Shape.line(x.at(tick), y.to, x.at(tick), y.from, "grid"))
            shapes.append(Shape.text(x.at(tick), y.from + 18, label(tick), "s m"))
        }
        for tick in y.ticks {
            shapes.append(Shape.line(x.from, y.at(tick), x.to, y.at(tick), "grid"))
            shapes.append(Shape.text(x.from - 8, y.at(tick) + 4, label(tick), "s e"))
        }
        shapes.append(Shape.text((x.from + x.to) / 2, y.from + 38, name, "s m"))
        return shapes
    }
}

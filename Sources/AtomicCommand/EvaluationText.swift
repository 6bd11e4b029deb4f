// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Foundation

extension EvaluationReport {
    /// One screen for a person.
    var text: String {
        var lines = [
            "Utility is quality less \(lambda) per cent; means over \(heldOut.lines ?? 0) tasks that were not learned from",
            "                        utility   quality     cents   seconds",
            row("the auction", heldOut), row("best single model", fixedBest), row("cheapest model", cheapest),
            row("a model at random", random), row("best model of each task", oracle), "",
            "Best single model: \(short(fixedBest.model)); cheapest: \(short(cheapest.model))",
            "Stream from nothing, \(stream.lines) tasks: utility \(number(stream.utility, 4)), regret \(number(stream.regret, 1))",
            "Engine: \(engine.name), version \(engine.version) (\(engine.reason)); a model's usual record counts as \(number(engine.shrinkage, 0)) of a type",
        ]
        if !engine.liars.isEmpty {
            let credits = engine.liars.reduce(0) { $0 + (engine.bidders[$1]?.credits ?? 0) }
            lines.append("Liars: \(engine.liars.count), together \(number(credits, 1)) credits in the stream")
        }
        lines += ["", "type                       tasks   auction  best single    oracle  mostly"]
        let shown = perType.sorted { ($1.value.lines, $0.key) < ($0.value.lines, $1.key) }
        for (type, part) in shown.prefix(8) {
            let mostly = part.winners.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
            lines.append(
                pad(short(type, 22), 22) + left(String(part.lines), 10) + left(number(part.utility, 4), 10)
                    + left(number(part.fixedBest, 4), 13) + left(number(part.oracle, 4), 10) + "  " + short(mostly, 20))
        }
        if shown.count > 8 { lines.append("… and \(shown.count - 8) more types") }
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ means: Means) -> String {
        pad(name, 23) + [means.utility, means.quality, means.cost].map { left(number($0, 4), 10) }.joined()
            + left(number(means.latency, 2), 10)
    }

    private func number(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

    private func short(_ text: String?, _ most: Int = 40) -> String {
        let line = TerminalText.line(text ?? "–")
        return line.count <= most ? line : line.prefix(most - 1) + "…"
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Auction
internal import Reporting

extension EvaluationReport {
    /// The report as a web page of plots and figures.
    func page(_ evaluation: Evaluation, _ result: EvaluationResult) -> EvaluationPage {
        let units = Double(evaluation.test.unitsPerCent)
        func point(_ name: String, _ score: EvaluationScore, isAuction: Bool = false) -> EvaluationPage.Point {
            let lines = Double(max(1, score.lines))
            return EvaluationPage.Point(
                name: name, cost: Double(score.cost) / units / lines, quality: Double(score.quality) / 1e9 / lines,
                isAuction: isAuction)
        }
        let models = zip(evaluation.test.models, result.perModel).map { point($0, $1) }
        return EvaluationPage(
            words: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init),
            points: models + [point("the auction", result.heldOut.total, isAuction: true)],
            regret: result.stream.curve.map { (Double($0.lines), Double($0.regret) / 1e9) },
            calibration: engine.calibration.map { ($0.count, $0.forecast, $0.outcome) })
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension Evaluation {
    /// Replays everything.
    public func run() -> EvaluationResult {
        let prices = prices
        let engine = learned(prices)
        let best = most(train, train.models.indices.map { total(train, $0).utility })
        let cheapest = most(train, train.models.indices.map { -total(train, $0).cost })
        var oracle = EvaluationScore()
        var typeFixed: [String: EvaluationScore] = [:]
        var typeOracle: [String: EvaluationScore] = [:]
        for line in test.lines {
            let outcome = line.outcomes[bestOf(line).model]
            oracle.add(outcome, weights)
            typeOracle[line.task.type, default: EvaluationScore()].add(outcome, weights)
            typeFixed[line.task.type, default: EvaluationScore()].add(line.outcomes[best], weights)
        }
        return EvaluationResult(
            heldOut: heldOut(engine, prices), stream: stream(prices), fixedBest: (best, total(test, best)),
            cheapest: (cheapest, total(test, cheapest)), perModel: test.models.indices.map { total(test, $0) },
            oracle: oracle, typeFixed: typeFixed, typeOracle: typeOracle, engine: engine)
    }

    /// Every outcome of the training table learned, a line at a time.
    func learned(_ prices: [Int64]) -> Learner {
        var engine = Learner(settings)
        for line in train.lines {
            engine.learn(
                line.outcomes.indices.map { verified(line, $0) }, among: bidders(line, prices), on: line.task)
        }
        return engine
    }

    /// The frozen engine on lines it has not seen; nobody is tried.
    func heldOut(_ engine: Learner, _ prices: [Int64]) -> EvaluationResult.Run {
        let auction = LearnedAuction(weights: weights, guardDeviations: settings.incumbentGuard, explores: false)
        var run = EvaluationResult.Run(models: test.models.count)
        for line in test.lines {
            let bidders = bidders(line, prices)
            guard let award = auction.hold(bidders, on: line.task, by: engine, seed: lineSeed(line.id, round: 0)),
                let model = bidders.firstIndex(where: { $0.digest == award.winner })
            else { continue }
            run.add(award, model: model, line, best: bestOf(line).score, weights)
        }
        return run
    }

    /// Cold, line by line, learning from the winner's outcome and from nothing else.
    func stream(_ prices: [Int64]) -> EvaluationResult.Run {
        let auction = LearnedAuction(weights: weights, guardDeviations: settings.incumbentGuard, explores: true)
        var engine = Learner(settings)
        var run = EvaluationResult.Run(models: train.models.count)
        let all = Int64(train.lines.count * rounds)
        for round in 1...max(1, rounds) {
            for line in train.lines {
                let bidders = bidders(line, prices)
                let seed = lineSeed(line.id, round: round)
                guard let award = auction.hold(bidders, on: line.task, by: engine, seed: seed),
                    let model = bidders.firstIndex(where: { $0.digest == award.winner })
                else { continue }
                run.add(award, model: model, line, best: bestOf(line).score, weights)
                if run.total.lines * 200 / all > (run.total.lines - 1) * 200 / all {
                    run.curve.append((run.total.lines, run.regret))
                }
                engine.learn([verified(line, model)], among: bidders, on: line.task)
            }
        }
        return run
    }

    private func bidders(_ line: OutcomeTable.Line, _ prices: [Int64]) -> [Bidder] {
        line.outcomes.indices.map { model in
            Bidder(
                digest: digests[model], claim: liars.contains(model) ? 63 : line.outcomes[model].claim,
                unitPrice: prices[model])
        }
    }

    private func verified(_ line: OutcomeTable.Line, _ model: Int) -> VerifiedOutcome {
        let outcome = line.outcomes[model]
        return VerifiedOutcome(
            bidder: model, quality: outcome.quality, cost: outcome.cost, latency: outcome.latency)
    }

    private func bestOf(_ line: OutcomeTable.Line) -> (model: Int, score: Int64) {
        var best = (model: 0, score: Int64.min)
        for (model, outcome) in line.outcomes.enumerated() {
            let score = weights.score(quality: outcome.quality, cost: outcome.cost)
            if score > best.score { best = (model, score) }
        }
        return best
    }

    private func total(_ table: OutcomeTable, _ model: Int) -> EvaluationScore {
        var score = EvaluationScore()
        for line in table.lines { score.add(line.outcomes[model], weights) }
        return score
    }

    private func most(_ table: OutcomeTable, _ values: [Int128]) -> Int {
        values.indices.max { values[$0] != values[$1] ? values[$0] < values[$1] : $0 > $1 } ?? 0
    }
}

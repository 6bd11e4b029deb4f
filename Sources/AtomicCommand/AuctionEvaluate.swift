// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Auction
internal import Reporting

/// `atomic auction evaluate`
struct AuctionEvaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Replay recorded outcomes through the auction's engine.",
        discussion: """
            A table has one task a line, with what every model did on it:
            {"id":"1","type":"spam","text":"…","outcomes":{"MODEL":{"quality":0.9,"cost":0.02,"latency":1.5,"confidence":0.8}}}
            with quality and confidence (optional) from 0 to 1, cost in cents and latency in seconds. Utility is quality less
            lambda times cost. The engine learns all of --train and is tried on --test; and it streams through --train from
            nothing, learning from winners only.
            Example: atomic auction evaluate --train a.jsonl --test b.jsonl --lambda 0.1
            """)

    @OptionGroup var options: CommandOptions
    @Option(help: "Table to learn from, and to stream through.")
    var train: String
    @Option(help: "Table to be tried on.")
    var test: String
    @Option(help: "What a cent is worth, in right answers.")
    var lambda: Double
    @Option(
        help: ArgumentHelp("Share of the models that claim 0.99 whatever they believe, 0 to 1.", valueName: "fraction"))
    var adversary: Double = 0
    @Option(help: "Seed of all chance.")
    var seed: UInt64 = 1
    @Option(help: "How often the stream goes through --train.")
    var rounds: Int = 1
    @Option(help: ArgumentHelp("Write a web page of plots and figures to this file.", valueName: "file.html"))
    var html: String?

    /// Utilities are exact up to this: lambda times the highest cost.
    private static let mostUtility = 1e9

    func validate() throws {
        guard lambda.isFinite, (0...1e6).contains(lambda) else {
            throw ValidationError("--lambda lies from 0 to 1000000")
        }
        guard (0...1).contains(adversary) else { throw ValidationError("--adversary lies from 0 to 1") }
        guard (1...1_000).contains(rounds) else { throw ValidationError("--rounds lies from 1 to 1000") }
    }

    func run() throws {
        let first = try Self.draft(train, models: nil)
        let second = try Self.draft(test, models: first.models)
        let highest = max(first.highestCost, second.highestCost)
        guard lambda * highest <= Self.mostUtility else {
            throw UsageFault(
                "lambda times the highest cost, \(highest) cents, is above 10^9", remedy: "use a lower --lambda")
        }
        let units = OutcomeTableReader.Draft.unitsPerCent(upTo: highest)
        var evaluation = Evaluation(
            train: first.table(unitsPerCent: units), test: second.table(unitsPerCent: units),
            weights: LearnedWeights(price: Int64((lambda * 1e9).rounded()), unitsPerPrice: units))
        evaluation.seed = seed
        evaluation.rounds = rounds
        evaluation.chooseLiars(Int((adversary * Double(first.models.count)).rounded()))
        let result = evaluation.run()
        let report = EvaluationReport(evaluation, result, lambda: lambda)
        if let html { try Files.writeVisibly(report.page(evaluation, result).bytes, to: html) }
        if options.json { return try Console.json(report) }
        try Console.line(report.text)
    }

    private static func draft(_ path: String, models: [String]?) throws -> OutcomeTableReader.Draft {
        try OutcomeTableReader.read(try Files.read(path, limit: 1 << 30), named: path, models: models)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import SovereignPolicy

/// `atomic policy diff`
struct PolicyDiff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What another policy loosens and tightens.",
        discussion: """
            Example: atomic policy diff ward-7.yaml ward-8.yaml

            TIGHTENS: allows nothing that was not allowed. LOOSENS: everything else, also where the direction cannot be told, \
            such as another digest of a model. Decisions are compared for every kind of request that the two policies can tell \
            apart, at a time when each holds; one such request stands below each line. Texts, tests and the order of rules are \
            no differences. Exits 0.
            """)

    private struct Report: Encodable {
        let loosens: Bool
        let changes: [PolicyChange]
    }

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy before: its YAML file or an envelope.")
    var old: String
    @Argument(help: "The policy after.")
    var new: String

    func run() throws {
        let changes = try PolicySource(old).policy.changes(to: PolicySource(new).policy)
        let loosens = changes.contains { $0.direction == .loosens }
        if options.json { return try Console.json(Report(loosens: loosens, changes: changes)) }
        for change in changes { try Console.line(Self.text(change)) }
        try Console.line(
            changes.isEmpty
                ? "no difference" : loosens ? "it loosens: a quorum must decide" : "it only tightens")
    }

    private static func text(_ change: PolicyChange) throws -> String {
        let word = change.direction == .loosens ? "LOOSENS " : "TIGHTENS"
        guard let decisions = change.decisions else {
            return "\(word)  \(change.place ?? "")  \(change.old ?? "nothing") -> \(change.new ?? "nothing")"
        }
        let who = decisions.models.isEmpty ? "" : "  \(decisions.models.joined(separator: ", "))"
        let purposes = decisions.purposes.joined(separator: ", ")
        let witness = String(decoding: try CanonicalJSON.encode(decisions.witness), as: UTF8.self)
        return """
            \(word)  \(decisions.actions.joined(separator: ", "))  \(decisions.class)\(who)  for \(purposes)  asked by \
            \(decisions.requesters.joined(separator: ", "))
                      e.g. \(witness)
                      \(Self.text(decisions.before)), then \(Self.text(decisions.after))
            """
    }

    private static func text(_ decision: PolicyDecision) -> String {
        let by = decision.ruleIDs.isEmpty ? "" : " by \(decision.ruleIDs.joined(separator: ", "))"
        return "\(decision.outcome.rawValue) (\(decision.kind.rawValue))\(by)"
    }
}

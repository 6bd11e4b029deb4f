// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import SovereignPolicy

/// `atomic policy export`
struct PolicyExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a policy in another language.",
        discussion: """
            Example: atomic policy export ward.yaml --cedar > ward.cedar
                     atomic policy export ward.yaml --cedar --json | jq .entities > ward.entities.json

            Cedar permits the same requests, but for those that cannot be evaluated: Cedar passes over a rule that errs, Atomic \
            denies. The reference says how a request is written there.
            """)

    private struct Report: Encodable {
        let policies: String
        let entities: JSONValue
    }

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy: its YAML file or an envelope.")
    var policy: String
    @Flag(help: "As Cedar policies; with --json beside its entities.")
    var cedar = false

    func validate() throws {
        if !cedar { throw ValidationError("say what to write: --cedar") }
    }

    func run() throws {
        let export = CedarExport(try PolicySource(policy).policy)
        if options.json { return try Console.json(Report(policies: export.policies, entities: export.entities)) }
        try Console.line(String(export.policies.dropLast()))
    }
}

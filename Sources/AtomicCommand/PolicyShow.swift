// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Sealing
internal import SovereignPolicy

/// `atomic policy show`
struct PolicyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a policy: a file, an envelope, or the one that rules a room.",
        discussion: """
            Example: atomic policy show --room ward-3

            With --json the policy is in its signed form; no signature is taken for granted by showing it.
            """)

    private struct Report: Encodable {
        let digest: String
        let policy: SovereignPolicy
        /// Members whose signatures are good; absent for a file that is not signed.
        let signers: [String]?
    }

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Argument(help: "A policy's YAML file or an envelope; by default the room's newest.")
    var file: String?

    func run() throws {
        let source = try file.map { try PolicySource($0) } ?? PolicySource(room: room.directory())
        if options.json {
            try Console.json(
                Report(digest: source.digest.description, policy: source.policy, signers: source.signers))
        } else {
            try Console.line(Self.text(source).joined(separator: "\n"))
        }
    }

    private static func text(_ source: PolicySource) -> [String] {
        let policy = source.policy
        let authority = policy.authority
        let signed = source.signers.map { $0.isEmpty ? "nobody that it names" : $0.joined(separator: ", ") }
        var lines = [
            "\(policy.id), policy \(policy.sequence)  \(source.digest)",
            "holds     \(policy.metadata.notBefore) until \(policy.metadata.expires)",
            "quorum    \(authority.threshold) of \(authority.distinctKeys.count) keys"
                + (authority.requireRoles.isEmpty ? "" : ", among them \(list(authority.requireRoles))"),
            "signed    \(signed ?? "not signed (a file)")",
        ]
        lines += table(
            "CLASS", ["ABOVE", "RESIDENCY", "PURPOSES", "COST/JOB", "COST/DAY"],
            policy.dataClasses.keys.sorted().map { name in
                let dataClass = policy.dataClasses[name]
                let budget = policy.budgets[name]
                return [
                    name, list(dataClass?.above ?? []), list(dataClass?.residency ?? []),
                    list(dataClass?.purposes ?? []), budget?.perJob?.cost?.description ?? "-",
                    budget?.perDay?.cost?.description ?? "-",
                ]
            })
        lines += table(
            "MODEL", ["WHERE", "LAW", "UP TO", "ISOLATION", "DIGEST"],
            policy.models.sorted { $0.key < $1.key }.map { name, model in
                [
                    name, model.deployment, model.jurisdiction, model.maxClass, model.isolation,
                    String(model.digest.description.prefix(19)) + "…",
                ]
            })
        lines.append("")
        for rule in policy.rules {
            let conditions = [("when", rule.when), ("unless", rule.unless)].filter { !$0.1.isEmpty }.map { word, all in
                "\(word) " + all.keys.sorted().map { "\($0) is \(list(all[$0] ?? []))" }.joined(separator: " and ")
            }
            let what = "\(rule.effect.rawValue) \(list(rule.actions)) of \(list(rule.classes))"
            lines.append(
                ([rule.id, what] + conditions + [rule.reason.map { "“\($0)”" }].compactMap { $0 })
                    .joined(separator: "  "))
        }
        lines += table(
            "REQUESTER", ["CALLER", "ROLES", "RECIPIENT"],
            policy.requesters.sorted { $0.key < $1.key }.map { name, requester in
                let caller = requester.uid.map { "uid \($0)" } ?? requester.key.map { "key \($0.keyID.prefix(12))" }
                return [name, caller ?? "-", list(requester.roles), String(requester.recipient.prefix(16)) + "…"]
            })
        lines += table(
            "TASK", ["DIGEST"], policy.tasks.sorted { $0.key < $1.key }.map { [$0.key, $0.value.digest.description] })
        return lines
    }

    private static func list(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: ",") }

    private static func table(_ first: String, _ heads: [String], _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let all = [[first] + heads] + rows
        let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return [""]
            + all.map { row in
                var line = ""
                for (column, cell) in row.enumerated() {
                    line += cell
                    if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
                }
                return line
            }
    }
}

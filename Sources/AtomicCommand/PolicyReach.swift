// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import SovereignPolicy

/// `atomic policy who-can`
struct PolicyWhoCan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-can", abstract: "Which models could ever do what with a class of data?",
        discussion: """
            Example: atomic policy who-can ward.yaml --class phi
                     atomic policy who-can ward.yaml --class phi --action key-release --json

            The answer is exact: every kind of request that the policy can tell apart is decided. What is not listed is \
            never permitted; for what is listed there is a request that is permitted (in --json, "witness"). It is about \
            data of exactly this class: classes above have answers of their own.
            """)

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy: its YAML file or an envelope.")
    var policy: String
    @Option(name: .customLong("class"), help: "Class of the data.")
    var dataClass: String
    @Option(help: "One of \(PolicyAction.all.joined(separator: ", ")); by default all.")
    var action: String?

    func run() throws {
        let policy = try PolicySource(policy).policy
        try GrantReport.demand(dataClass, isOneOf: policy.dataClasses.keys.sorted(), "class")
        if let action { try GrantReport.demand(action, isOneOf: PolicyAction.all, "action") }
        let grants = policy.grants(actions: action.map { [$0] } ?? PolicyAction.all, classes: [dataClass])
        try GrantReport(policy: policy.sequence, grants: grants).print(
            json: options.json, nobody: "nobody, whatever is asked, for data of class \(dataClass)")
    }
}

/// `atomic policy what-can`
struct PolicyWhatCan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-can", abstract: "What could a model ever do?",
        discussion: """
            Example: atomic policy what-can ward.yaml --model bogofilter

            Exact in the same way as atomic policy who-can.
            """)

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy: its YAML file or an envelope.")
    var policy: String
    @Option(help: "Name of the model in the policy.")
    var model: String

    func run() throws {
        let policy = try PolicySource(policy).policy
        try GrantReport.demand(model, isOneOf: policy.models.keys.sorted(), "model")
        try GrantReport(policy: policy.sequence, grants: policy.grants(model: model)).print(
            json: options.json, nobody: "\(model) can do nothing, whatever is asked")
    }
}

/// What both print.
private struct GrantReport: Encodable {
    let policy: Int64
    let grants: [PolicyGrant]

    static func demand(_ name: String, isOneOf names: [String], _ what: String) throws {
        guard !names.contains(name) else { return }
        throw ValidationError("the policy has no \(what) \(name); it has \(names.joined(separator: ", "))")
    }

    func print(json: Bool, nobody: String) throws {
        if json { return try Console.json(self) }
        if grants.isEmpty { return try Console.line(nobody) }
        // Models that can do the same under the same conditions are one line, and so are their actions.
        var lines: [(actions: [String], text: String, who: [String])] = []
        for (action, grants) in PolicyAction.all.map({ action in (action, grants.filter { $0.action == action }) }) {
            var found: [(text: String, who: [String])] = []
            for grant in grants {
                let text = Self.text(grant)
                if let same = found.firstIndex(where: { $0.text == text }) {
                    found[same].who += [grant.model].compactMap { $0 }
                } else {
                    found.append((text, [grant.model].compactMap { $0 }))
                }
            }
            for (text, who) in found {
                if let same = lines.firstIndex(where: { $0.text == text && $0.who == who }) {
                    lines[same].actions.append(action)
                } else {
                    lines.append(([action], text, who))
                }
            }
        }
        for line in lines {
            let who = line.who.isEmpty ? "the room" : line.who.joined(separator: ", ")
            try Console.line("\(who): \(line.actions.joined(separator: ", ")) \(line.text)")
        }
    }

    private static func text(_ grant: PolicyGrant) -> String {
        let purposes = grant.purposes + (grant.anyOtherPurpose ? ["any other purpose"] : [])
        return "\(grant.class) for \(purposes.joined(separator: ", ")); asked by "
            + "\(grant.requesters.joined(separator: ", ")) in \(grant.tasks.joined(separator: ", ")); by "
            + grant.rules.joined(separator: ", ") + (grant.always ? "" : "; at some times only")
    }
}

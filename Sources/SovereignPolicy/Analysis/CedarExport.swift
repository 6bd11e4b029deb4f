// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A policy in Cedar (cedarpolicy.com), for those who have tools for that language: to read, to compare, to analyse.
///
/// The same requests are permitted, but for those that we cannot evaluate: Cedar passes over a rule that errs, we deny. A
/// request is principal `Model::"NAME"` (`Nobody::"nobody"` for actions of no model), action `Action::"bid"`, resource
/// `Class::"NAME"` (`Class::"⊤"` for the implicit top), and a context of `at` (nanoseconds since 1970), `purpose`,
/// `requester` (`Requester::"NAME"`), `task` (the digest), `windows` (those of the policy's that `at` is in, as they are written
/// there: Cedar has no time zones), and what exists at release: `outputCheck`, `outputBytes`, `outputCanaries`, `review`, `approvals`.
public struct CedarExport: Sendable {
    /// The rules, and what the language itself holds against a request.
    public let policies: String
    /// Classes, models and requesters, in Cedar's JSON form.
    public let entities: JSONValue

    public init(_ policy: SovereignPolicy) {
        var text = [
            "// \(policy.id), policy \(policy.sequence): what it permits and forbids, then the limits without a rule."
        ]
        text += policy.rules.map { Self.rule($0, policy) }
        func forbid(_ id: String, _ when: String) {
            text.append("@id(\(Self.quoted(id)))\nforbid(principal, action, resource) when { \(when) };")
        }
        forbid("models", "principal is Model && !(principal has maxClass)")
        forbid("requesters", "context has requester && !(context.requester has roles)")
        let digests = policy.tasks.values.map { $0.digest.description }.sorted()
        forbid("tasks", "context has task && !\(Self.list(digests)).contains(context.task)")
        let (start, end) = (policy.metadata.notBefore.nanoseconds, policy.metadata.expires.nanoseconds)
        forbid("validity", "context has at && (context.at < \(start) || context.at >= \(end))")
        forbid("clearance", "principal has maxClass && !(principal.maxClass in resource)")
        for (name, dataClass) in policy.dataClasses.sorted(by: { $0.key < $1.key }) {
            let covers = "resource in \(Self.entity("Class", name))"
            if let countries = dataClass.residency {
                forbid(
                    "residency:\(name)",
                    "\(covers) && principal has jurisdiction && !\(Self.list(countries)).contains(principal.jurisdiction)"
                )
            }
            if let purposes = dataClass.purposes {
                forbid(
                    "purpose:\(name)",
                    "\(covers) && context has purpose && !\(Self.list(purposes)).contains(context.purpose)")
            }
            if let limit = policy.outputs[name] {
                forbid(
                    "output:\(name)", "\(covers) && context has outputBytes && context.outputBytes > \(limit.maxBytes)")
            }
        }
        policies = text.joined(separator: "\n") + "\n"
        entities = .array(Self.entities(policy))
    }

    private static func rule(_ rule: PolicyRule, _ policy: SovereignPolicy) -> String {
        let classes = "[" + rule.classes.map { entity("Class", $0) }.joined(separator: ", ") + "]"
        let covers = rule.effect == .permit ? "\(classes).contains(resource)" : "resource in \(classes)"
        let when = [covers] + conditions(rule.when, policy)
        let unless = conditions(rule.unless, policy).joined(separator: " && ")
        let actions = rule.actions.map { entity("Action", $0) }.joined(separator: ", ")
        return "@id(\(quoted(rule.id)))\n" + (rule.reason.map { "@reason(\(quoted($0)))\n" } ?? "")
            + "\(rule.effect.rawValue)(principal, action in [\(actions)], resource) when { \(when.joined(separator: " && ")) }"
            + (unless.isEmpty ? "" : " unless { \(unless) }") + ";"
    }

    private static func conditions(_ conditions: [String: [String]], _ policy: SovereignPolicy) -> [String] {
        conditions.sorted { $0.key < $1.key }.map { name, values in
            switch PolicyAttribute(rawValue: name) {
            case .modelName: entities("Model", values) + ".contains(principal)"
            case .modelDeployment: list(values) + ".contains(principal.deployment)"
            case .modelJurisdiction: list(values) + ".contains(principal.jurisdiction)"
            case .modelIsolation: list(values) + ".contains(principal.isolation)"
            case .purpose: list(values) + ".contains(context.purpose)"
            case .class: entities("Class", values) + ".contains(resource)"
            case .requesterName: entities("Requester", values) + ".contains(context.requester)"
            case .requesterRoles: "context.requester.roles.containsAny(\(list(values)))"
            case .task: list(values.compactMap { policy.tasks[$0]?.digest.description }) + ".contains(context.task)"
            case .outputCheck: list(values) + ".contains(context.outputCheck)"
            case .outputBytes: comparisons("context.outputBytes", values)
            case .outputCanaries: list(values) + ".contains(context.outputCanaries)"
            case .review: list(values) + ".contains(context.review)"
            case .approvals: comparisons("context.approvals", values)
            case .jobHours, .jobDay: list(values) + ".containsAny(context.windows)"
            // What is not in the vocabulary is an error here, and so it is there.
            case nil: "context.\"unknown attribute\" == true"
            }
        }
    }

    private static func comparisons(_ attribute: String, _ values: [String]) -> String {
        "(" + values.map { "\(attribute) \($0)" }.joined(separator: " || ") + ")"
    }

    private static func entities(_ policy: SovereignPolicy) -> [JSONValue] {
        func uid(_ type: String, _ name: String) -> JSONValue { .object(["type": .string(type), "id": .string(name)]) }
        func entity(_ type: String, _ name: String, _ attributes: [String: JSONValue], in parents: [String] = [])
            -> JSONValue
        {
            .object([
                "uid": uid(type, name), "attrs": .object(attributes), "parents": .array(parents.map { uid(type, $0) }),
            ])
        }
        let classes = policy.dataClasses.sorted { $0.key < $1.key }
        return classes.map { entity("Class", $0.key, [:], in: $0.value.above) }
            + [entity("Class", ClassLattice.implicitTop, [:], in: classes.map(\.key))]
            + policy.models.sorted { $0.key < $1.key }.map { name, model in
                entity(
                    "Model", name,
                    [
                        "deployment": .string(model.deployment), "jurisdiction": .string(model.jurisdiction),
                        "isolation": .string(model.isolation),
                        "maxClass": .object(["__entity": uid("Class", model.maxClass)]),
                    ])
            }
            + policy.requesters.sorted { $0.key < $1.key }.map { name, requester in
                entity("Requester", name, ["roles": .array(requester.roles.map(JSONValue.string))])
            }
    }

    private static func entity(_ type: String, _ name: String) -> String { "\(type)::\(quoted(name))" }

    private static func entities(_ type: String, _ names: [String]) -> String {
        "[" + names.map { entity(type, $0) }.joined(separator: ", ") + "]"
    }

    private static func list(_ values: [String]) -> String {
        "[" + values.map(quoted).joined(separator: ", ") + "]"
    }

    /// A JSON string: names have no characters that Cedar writes otherwise, and a reason has no control characters.
    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONValue.string(text).appendCanonical(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

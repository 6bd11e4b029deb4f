// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Sealing
internal import TransparencyLog

/// Something in a policy that cannot stand, or that should not.
public struct PolicyProblem: Equatable, Sendable {
    /// Keys and list indices from the top, for example `["rules", "3", "when", "model.name", "0"]`.
    public let path: [String]
    public let found: String
    /// What may stand there, in words.
    public let allowed: String
    /// The names that may stand there, when it is a matter of names.
    public let names: [String]
    /// The misspelt name, when it is a matter of names.
    public let name: String?

    init(_ path: [String], found: String, allowed: String) {
        self.path = path
        self.found = found
        self.allowed = allowed
        names = []
        name = nil
    }

    init(_ path: [String], _ name: String, notOf names: some Sequence<String>) {
        self.path = path
        self.names = names.sorted()
        self.name = name
        found = "\"\(name)\""
        allowed = self.names.joined(separator: ", ")
    }

    /// The problem as an error without a place in a file.
    public var error: PolicyError {
        PolicyError(
            "policy", "\(path.joined(separator: "/")): found \(found); allowed \(allowed)",
            remedy: "correct the policy and have it signed again")
    }
}

extension SovereignPolicy {
    /// Everything that makes this policy unusable, in the order of the file. Empty for a sound policy.
    public var problems: [PolicyProblem] {
        authorityProblems + problemsOfDeciding + limitProblems + taskProblems + requesterProblems + auctionProblems
            + witnessProblems
            + invariantProblems + duplicates(tests.map(\.name), at: ["tests"], key: "name")
    }

    /// Those that a decision would stumble over; no cryptography, because it is asked before deciding.
    var problemsOfDeciding: [PolicyProblem] {
        var found = metadataProblems + classProblems + modelProblems + zoneProblems
        for (index, rule) in rules.enumerated() { found += problems(of: rule, at: ["rules", String(index)]) }
        return found + duplicates(rules.map(\.id), at: ["rules"], key: "id")
    }

    /// Whether sequence and previous belong together. Not one of `problems`: when an envelope is examined, the chain has
    /// errors of its own (`first`, `fork`).
    public var chainProblems: [PolicyProblem] {
        guard (metadata.sequence == 1) != (metadata.previous == nil) else { return [] }
        let isMissing = metadata.previous == nil
        return [
            .init(
                ["metadata", isMissing ? "sequence" : "previous"],
                found: isMissing ? "no previous in policy \(metadata.sequence)" : "a previous in policy 1",
                allowed: "previous in every policy but the one with sequence 1")
        ]
    }

    private var metadataProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        if apiVersion != Self.apiVersion { found.append(.init(["apiVersion"], apiVersion, notOf: [Self.apiVersion])) }
        if kind != Self.kind { found.append(.init(["kind"], kind, notOf: [Self.kind])) }
        found += names(metadata.id, at: ["metadata", "id"])
        if metadata.sequence < 1 || metadata.sequence > 1 << 53 {
            found.append(
                .init(
                    ["metadata", "sequence"], found: "\(metadata.sequence)", allowed: "1 for the first policy, then +1")
            )
        }
        if metadata.notBefore >= metadata.expires {
            found.append(
                .init(["metadata", "expires"], found: "\(metadata.expires)", allowed: "a time after notBefore"))
        }
        return found
    }

    private var authorityProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        let members = authority.keys
        for (index, member) in members.enumerated() {
            found += names(member.id, at: ["authority", "keys", String(index), "id"])
            found += names(member.role, at: ["authority", "keys", String(index), "role"])
        }
        found += duplicates(members.map(\.id), at: ["authority", "keys"], key: "id")
        for (index, member) in members.enumerated() where member.role == "model-owner" {
            // Whoever owns both could let the own model see the own label's data without anybody else.
            if members.contains(where: { $0.key == member.key && $0.role == "data-owner" }) {
                found.append(
                    .init(
                        ["authority", "keys", String(index), "key"], found: "a key that is data owner and model owner",
                        allowed: "different keys for the two roles"))
            }
        }
        let distinct = Int64(authority.distinctKeys.count)
        if authority.threshold < 1 || authority.threshold > distinct {
            found.append(
                .init(
                    ["authority", "threshold"], found: "\(authority.threshold)",
                    allowed: "1 to \(distinct), the number of distinct keys"))
        }
        for (index, role) in authority.requireRoles.enumerated() where !members.contains(where: { $0.role == role }) {
            found.append(.init(["authority", "requireRoles", String(index)], role, notOf: Set(members.map(\.role))))
        }
        if let stop = authority.emergencyStop {
            if stop.threshold < 1 || stop.threshold > distinct {
                found.append(
                    .init(
                        ["authority", "emergencyStop", "threshold"], found: "\(stop.threshold)",
                        allowed: "1 to \(distinct), the number of distinct keys"))
            }
            found += values(stop.may, of: ["halt", "revoke"], at: ["authority", "emergencyStop", "may"])
        }
        return found
    }

    private var classProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        if dataClasses.isEmpty {
            found.append(.init(["dataClasses"], found: "no class", allowed: "at least one class"))
        }
        for (name, dataClass) in dataClasses.sorted(by: { $0.key < $1.key }) {
            found += names(name, at: ["dataClasses", name])
            for (index, lower) in dataClass.above.enumerated() where dataClasses[lower] == nil {
                found.append(.init(["dataClasses", name, "above", String(index)], lower, notOf: dataClasses.keys))
            }
            for (index, country) in (dataClass.residency ?? []).enumerated() where !PolicyName.isCountry(country) {
                found.append(
                    .init(
                        ["dataClasses", name, "residency", String(index)], found: "\"\(country)\"",
                        allowed: "countries by ISO 3166-1 alpha-2"))
            }
            for (index, purpose) in (dataClass.purposes ?? []).enumerated() {
                found += names(purpose, at: ["dataClasses", name, "purposes", String(index)])
            }
            if let retention = dataClass.retention {
                let path = ["dataClasses", name, "retention"]
                if retention == .init() {
                    found.append(.init(path, found: "nothing", allowed: "inputs, outputs, or both"))
                }
                for (key, value) in [("inputs", retention.inputs), ("outputs", retention.outputs)] {
                    guard let value, value.value < 0 else { continue }
                    found.append(.init(path + [key], found: "\(value)", allowed: "a duration of 0 or more"))
                }
            }
        }
        for name in ClassLattice(dataClasses).cyclic {
            found.append(
                .init(["dataClasses", name], found: "a class above itself", allowed: "an order without circles"))
        }
        return found
    }

    private var modelProblems: [PolicyProblem] {
        byName(models) { name, model in
            var found = names(name, at: ["models", name])
            if dataClasses[model.maxClass] == nil {
                found.append(.init(["models", name, "maxClass"], model.maxClass, notOf: dataClasses.keys))
            }
            if let publisher = model.publisher { found += names(publisher, at: ["models", name, "publisher"]) }
            found += values([model.deployment], of: .modelDeployment, at: ["models", name, "deployment"])
            found += values([model.jurisdiction], of: .modelJurisdiction, at: ["models", name, "jurisdiction"])
            found += values([model.isolation], of: .modelIsolation, at: ["models", name, "isolation"])
            // A room of this version builds jails of processes and virtual machines; to run the model in a weaker one than the quorum signed for would
            // be a protection relaxed in silence.
            if model.isolation == PolicyModel.isolationToCome {
                found.append(
                    .init(
                        ["models", name, "isolation"], found: "\(model.isolation), which this version cannot give",
                        allowed: "process, microvm"))
            }
            return found
        }
    }

    private func problems(of rule: PolicyRule, at path: @autoclosure () -> [String]) -> [PolicyProblem] {
        var found = names(rule.id, at: path() + ["id"])
        if PolicyRule.reservedIDs.contains(rule.id) {
            found.append(
                .init(path() + ["id"], found: "\"\(rule.id)\"", allowed: "a name that the language does not use"))
        }
        found += values(rule.actions, of: PolicyAction.all, at: path() + ["action"])
        found += values(rule.classes, of: dataClasses.keys, at: path() + ["class"])
        found += problems(of: rule.when, at: path() + ["when"])
        return found + problems(of: rule.unless, at: path() + ["unless"])
    }

    private func problems(of conditions: [String: [String]], at path: @autoclosure () -> [String]) -> [PolicyProblem] {
        byName(conditions) { name, accepted in
            PolicyAttribute.named(name).map { values(accepted, of: $0, at: path() + [name]) }
                ?? [.init(path() + [name], name, notOf: PolicyAttribute.allCases.map(\.rawValue))]
        }
    }

    private var invariantProblems: [PolicyProblem] {
        var found = duplicates((invariants ?? []).map(\.name), at: ["invariants"], key: "name")
        for (index, invariant) in (invariants ?? []).enumerated() {
            let path = ["invariants", String(index), "never"]
            if invariant.never.isEmpty {
                found.append(.init(path, found: "no condition", allowed: "at least one condition"))
            }
            found +=
                invariant.never[PolicyInvariant.action].map {
                    values($0, of: PolicyAction.all, at: path + [PolicyInvariant.action])
                } ?? []
            found += problems(of: invariant.never.filter { $0.key != PolicyInvariant.action }, at: path)
        }
        if let tolerance = clockTolerance, !(0...Self.mostClockTolerance).contains(tolerance.value) {
            found.append(
                .init(["clockTolerance"], found: "\(Decimal9.format(tolerance.value)) s", allowed: "0s to 1h"))
        }
        return found
    }

    private static let mostClockTolerance: Int64 = 3_600_000_000_000

    /// Offsets come from a file's reader; in a foreign envelope they may be anything.
    private var zoneProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        for name in zoneNames.subtracting((zones ?? [:]).keys).sorted() {
            found.append(
                .init(["zones"], found: "no offsets of \(name)", allowed: "those of every zone that a window names"))
        }
        for (name, offsets) in (zones ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path = ["zones", name]
            let times = offsets.changes.map(\.at)
            if zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) {
                found.append(.init(path, found: "changes out of order", allowed: "changes that rise in time"))
            }
            if times.count > TimeZoneOffsets.mostChanges {
                found.append(
                    .init(path, found: "\(times.count) changes", allowed: "at most \(TimeZoneOffsets.mostChanges)"))
            }
            if ([offsets.offset] + offsets.changes.map(\.offset)).contains(where: {
                abs($0) > TimeZoneOffsets.mostOffset
            }) {
                found.append(
                    .init(path, found: "an offset of more than 26 hours", allowed: "one that a clock can have"))
            }
        }
        return found
    }

    private var limitProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        for (name, limit) in outputs.sorted(by: { $0.key < $1.key }) {
            if dataClasses[name] == nil { found.append(.init(["outputs", name], name, notOf: dataClasses.keys)) }
            if limit.maxBytes < 1 {
                found.append(.init(["outputs", name, "maxBytes"], found: "\(limit.maxBytes)", allowed: "1 or more"))
            }
            if let count = limit.cosignatures, count < 1 {
                found.append(.init(["outputs", name, "cosignatures"], found: "\(count)", allowed: "1 or more"))
            }
            if limit.schema?.isEmpty == true {
                found.append(
                    .init(["outputs", name, "schema"], found: "an empty list", allowed: "at least one digest"))
            }
            if let review = limit.review {
                let people = Int64(requesters.values.count { $0.roles.contains("reviewer") })
                if review.reviewers < 1 || review.reviewers > people {
                    found.append(
                        .init(
                            ["outputs", name, "review", "reviewers"], found: "\(review.reviewers)",
                            allowed: people == 0
                                ? "requesters with the role reviewer, of whom there are none"
                                : "1 to \(people), the requesters with the role reviewer"))
                }
            }
            if let word = limit.canaries {
                found += values([word], of: OutputLimit.canaryWords, at: ["outputs", name, "canaries"])
            }
            if let least = limit.minCell, least < 1 {
                found.append(.init(["outputs", name, "minCell"], found: "\(least)", allowed: "1 or more"))
            }
            if let most = limit.maxVerbatim, most < 1 {
                found.append(.init(["outputs", name, "maxVerbatim"], found: "\(most)", allowed: "1 or more"))
            }
        }
        for (name, budget) in budgets.sorted(by: { $0.key < $1.key }) {
            if dataClasses[name] == nil { found.append(.init(["budgets", name], name, notOf: dataClasses.keys)) }
            let amounts = [("perJob", budget.perJob?.cost), ("perDay", budget.perDay?.cost)]
            for (part, amount) in amounts {
                guard let amount else { continue }
                if amount.micro < 0 || currency == nil {
                    found.append(
                        .init(["budgets", name, part, "cost"], found: "\(amount)", allowed: "an amount of money"))
                }
            }
            if let wall = budget.perJob?.wall, wall.value <= 0 {
                found.append(
                    .init(["budgets", name, "perJob", "wall"], found: "\(wall)", allowed: "a duration above 0"))
            }
        }
        return found
    }

    private var witnessProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        guard let witnesses else { return found }
        if witnesses.isEmpty {
            found.append(.init(["witnesses"], found: "an empty list", allowed: "at least one witness, or no witnesses"))
        }
        var keys: Set<PublicKey> = []
        for (index, text) in witnesses.enumerated() {
            let path = ["witnesses", String(index)]
            do throws(LogError) {
                let witness = try CosignatureVerifier(vkey: text)
                if !keys.insert(witness.publicKey).inserted {
                    found.append(.init(path, found: "the key of \(witness.name) again", allowed: "each key once"))
                }
            } catch {
                found.append(
                    .init(
                        path, found: error.message,
                        allowed: "a witness's verifier key, as `atomic witness init` prints it"))
            }
        }
        for (name, limit) in outputs.sorted(by: { $0.key < $1.key }) {
            guard let count = limit.cosignatures, count > Int64(keys.count) else { continue }
            found.append(
                .init(
                    ["outputs", name, "cosignatures"], found: "\(count)",
                    allowed: "at most \(keys.count), the number of witnesses that the policy lists"))
        }
        return found
    }

    private var taskProblems: [PolicyProblem] { tasks.keys.sorted().flatMap { names($0, at: ["tasks", $0]) } }

    private var requesterProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        for (name, requester) in requesters.sorted(by: { $0.key < $1.key }) {
            let path = ["requesters", name]
            found += names(name, at: path)
            if (requester.uid == nil) == (requester.key == nil) {
                found.append(.init(path, found: "uid and key, or neither", allowed: "exactly one of uid and key"))
            }
            if let uid = requester.uid, !(0...Int64(UInt32.max) - 1).contains(uid) {
                found.append(.init(path + ["uid"], found: "\(uid)", allowed: "a numeric user id"))
            }
            found += values(requester.roles, of: PolicyRequester.knownRoles, at: path + ["roles"])
            if Set(["data-owner", "model-owner"]).isSubset(of: requester.roles) {
                found.append(
                    .init(
                        path + ["roles"], found: "data-owner and model-owner together",
                        allowed: "different people for the two roles"))
            }
            if (try? AgeRecipient(requester.recipient)) == nil {
                found.append(.init(path + ["recipient"], found: "no age recipient", allowed: "a recipient age1…"))
            }
        }
        return found
    }

    private var auctionProblems: [PolicyProblem] {
        var found: [PolicyProblem] = []
        let weights = [
            ("quality", auction.weights.quality), ("price", auction.weights.price),
            ("latency", auction.weights.latency), ("risk", auction.weights.risk ?? 0),
        ]
        for (key, value) in weights where !(0...1_000_000_000_000).contains(value) {
            found.append(
                .init(["auction", "weights", key], found: Decimal9.format(value), allowed: "a weight of 0 to 1000"))
        }
        if !(0...1_000_000_000).contains(auction.explorationFloor) {
            found.append(
                .init(
                    ["auction", "explorationFloor"], found: Decimal9.format(auction.explorationFloor),
                    allowed: "a probability of 0 to 1"))
        }
        if !(1...1_000).contains(auction.minBids) {
            found.append(.init(["auction", "minBids"], found: "\(auction.minBids)", allowed: "1 to 1000"))
        }
        if let bids = auction.bidsPerPublisher, !(1...1_000).contains(bids) {
            found.append(.init(["auction", "bidsPerPublisher"], found: "\(bids)", allowed: "1 to 1000"))
        }
        if let trials = auction.trials, !(1...10_000).contains(trials) {
            found.append(.init(["auction", "trials"], found: "\(trials)", allowed: "1 to 10000"))
        }
        return found
    }
}

/// Nearly every policy that is looked at is sound, so places and words are made for what is found and not before.
extension SovereignPolicy {
    private func names(_ text: String, at path: @autoclosure () -> [String]) -> [PolicyProblem] {
        if PolicyName.isName(text) { return [] }
        return [
            .init(path(), found: "\"\(text)\"", allowed: "a name of letters, digits, '.', '_' and '-', at most 64")
        ]
    }

    /// The problems of each of many parts in the order of their names, of which only those with problems are sorted.
    private func byName<Part>(
        _ parts: [String: Part], _ problems: (String, Part) -> [PolicyProblem]
    ) -> [PolicyProblem] {
        var found: [(name: String, problems: [PolicyProblem])] = []
        for (name, part) in parts {
            let problems = problems(name, part)
            if !problems.isEmpty { found.append((name, problems)) }
        }
        return found.sorted { $0.name < $1.name }.flatMap(\.problems)
    }

    private func duplicates(_ texts: [String], at path: @autoclosure () -> [String], key: String) -> [PolicyProblem] {
        if Set(texts).count == texts.count { return [] }
        var seen: Set<String> = []
        return texts.enumerated().filter { !seen.insert($0.element).inserted }.map {
            .init(path() + [String($0.offset), key], found: "\"\($0.element)\" again", allowed: "each \(key) once")
        }
    }

    private func values(_ texts: [String], of known: some Collection<String>, at path: @autoclosure () -> [String])
        -> [PolicyProblem]
    {
        if texts.isEmpty {
            return [.init(path(), found: "an empty list", allowed: "at least one of \(known.sorted())")]
        }
        if texts.allSatisfy(known.contains) { return [] }
        return texts.enumerated().filter { !known.contains($0.element) }.map {
            .init(path() + [String($0.offset)], $0.element, notOf: known)
        }
    }

    private func values(_ texts: [String], of attribute: PolicyAttribute, at path: @autoclosure () -> [String])
        -> [PolicyProblem]
    {
        func refuse(_ allowed: String, unless isGood: (String) -> Bool) -> [PolicyProblem] {
            if texts.isEmpty { return [.init(path(), found: "an empty list", allowed: allowed)] }
            if texts.allSatisfy(isGood) { return [] }
            return texts.enumerated().filter { !isGood($0.element) }.map {
                .init(path() + [String($0.offset)], found: "\"\($0.element)\"", allowed: allowed)
            }
        }
        switch attribute.domain {
        case .oneOf(let known): return values(texts, of: known, at: path())
        case .listed("models"): return values(texts, of: models.keys, at: path())
        case .listed("tasks"): return values(texts, of: tasks.keys, at: path())
        case .listed("requesters"): return values(texts, of: requesters.keys, at: path())
        case .listed: return values(texts, of: dataClasses.keys, at: path())
        case .country: return refuse("countries by ISO 3166-1 alpha-2", unless: PolicyName.isCountry)
        case .name: return refuse("names", unless: PolicyName.isName)
        case .comparison:
            return refuse("\"<= N\", \"< N\", \"> N\" or \">= N\"") { Comparison($0) != nil }
        case .hours:
            return refuse(
                "\"HH:MM-HH:MM ZONE\" such as \"06:00-22:00 Europe/Berlin\", the start before the end (a night is two windows: "
                    + "22:00-24:00 and 00:00-06:00)"
            ) { TimeWindow(hours: $0) != nil }
        case .days:
            return refuse(
                "\"DAY ZONE\" or \"DAY-DAY ZONE\" such as \"mon-fri Europe/Berlin\", the week from mon to sun"
            ) {
                TimeWindow(days: $0) != nil
            }
        }
    }
}

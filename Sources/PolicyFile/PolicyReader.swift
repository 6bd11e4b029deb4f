// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy

/// Turns the nodes of a policy file into the policy. It checks shapes and forms of single values; whether names exist
/// and parts agree is `SovereignPolicy.problems`.
struct PolicyReader {
    private let root: YAMLNode
    private let database: ZoneDatabase

    init(_ root: YAMLNode, database: ZoneDatabase = ZoneDatabase()) {
        self.root = root
        self.database = database
    }

    func read() throws(PolicyFileError) -> SovereignPolicy {
        let top = try root.mapping()
        _ = try top.required("apiVersion").oneOf([SovereignPolicy.apiVersion])
        _ = try top.required("kind").oneOf([SovereignPolicy.kind])
        let metadata = try metadata(top.required("metadata"))
        let authority = try authority(top.required("authority"))
        let classes = try named(top.required("dataClasses"), dataClass)
        let models = try named(top.required("models"), model)
        let rules = try list(top.required("rules"), rule)
        let outputs = try top.optional("outputs").map { node throws(PolicyFileError) in try named(node, output) }
        var currency = Currency()
        var budgets: [String: ClassBudget] = [:]
        if let node = top.optional("budgets") {
            for entry in try node.mapping().entries { budgets[entry.key] = try budget(entry.value, &currency) }
        }
        let tasks = try named(top.required("tasks"), task)
        let requesters = try named(top.required("requesters"), requester)
        let auction = try auction(top.required("auction"))
        var tests: [PolicyTest] = []
        if let node = top.optional("tests") {
            for item in try node.sequence() { tests.append(try test(item, tasks)) }
        }
        let invariants = try top.optional("invariants").map { node throws(PolicyFileError) in try list(node, invariant)
        }
        let tolerance = try top.optional("clockTolerance").map { node throws(PolicyFileError) in
            Nanoseconds(try node.nanoseconds())
        }
        let witnesses = try top.optional("witnesses").map { node throws(PolicyFileError) in
            try list(node) { item throws(PolicyFileError) in try item.string() }
        }
        try top.finish()
        let policy = SovereignPolicy(
            metadata: metadata, authority: authority, dataClasses: classes, models: models, rules: rules,
            outputs: outputs ?? [:], budgets: budgets, currency: currency.code, tasks: tasks, requesters: requesters,
            auction: auction, tests: tests, invariants: invariants, clockTolerance: tolerance, witnesses: witnesses)
        return policy.with(zones: try zones(of: policy))
    }

    /// What the windows of a policy mean in UTC while it holds.
    private func zones(of policy: SovereignPolicy) throws(PolicyFileError) -> [String: TimeZoneOffsets]? {
        var found: [String: TimeZoneOffsets] = [:]
        for name in policy.zoneNames.sorted() {
            let place = ["rules", "invariants"].lazy.compactMap { root.node(at: [$0]).place(ofZone: name) }.first
            found[name] = try database.offsets(
                of: name, from: policy.metadata.notBefore, until: policy.metadata.expires, at: place ?? root.place)
        }
        return found.isEmpty ? nil : found
    }

    private func metadata(_ node: YAMLNode) throws(PolicyFileError) -> PolicyMetadata {
        let mapping = try node.mapping()
        let metadata = PolicyMetadata(
            id: try mapping.required("id").string(), sequence: try mapping.required("sequence").integer(),
            previous: try mapping.optional("previous").map { node throws(PolicyFileError) in try node.digest() },
            notBefore: try mapping.required("notBefore").time(), expires: try mapping.required("expires").time())
        try mapping.finish()
        return metadata
    }

    private func authority(_ node: YAMLNode) throws(PolicyFileError) -> PolicyAuthority {
        let mapping = try node.mapping()
        let threshold = try mapping.required("threshold").integer()
        let keys = try list(mapping.required("keys")) { item throws(PolicyFileError) in
            let member = try item.mapping()
            let result = PolicyAuthority.Member(
                id: try member.required("id").string(), role: try member.required("role").string(),
                key: try member.required("key").publicKey())
            try member.finish()
            return result
        }
        let roles = try mapping.optional("requireRoles").map { node throws(PolicyFileError) in try node.sequence() }
        let stop = try mapping.optional("emergencyStop").map { node throws(PolicyFileError) in
            let part = try node.mapping()
            let result = PolicyAuthority.EmergencyStop(
                threshold: try part.required("threshold").integer(), may: try part.required("may").strings())
            try part.finish()
            return result
        }
        try mapping.finish()
        var required: [String] = []
        for role in roles ?? [] { required.append(try role.string()) }
        return PolicyAuthority(threshold: threshold, keys: keys, requireRoles: required, emergencyStop: stop)
    }

    private func dataClass(_ node: YAMLNode) throws(PolicyFileError) -> DataClass {
        let mapping = try node.mapping()
        let result = DataClass(
            above: try mapping.optional("above")?.strings() ?? [],
            residency: try mapping.optional("residency")?.strings(),
            purposes: try mapping.optional("purposes")?.strings(),
            retention: try mapping.optional("retention").map(retention))
        try mapping.finish()
        return result
    }

    private func retention(_ node: YAMLNode) throws(PolicyFileError) -> DataClass.Retention {
        func duration(_ node: YAMLNode?) throws(PolicyFileError) -> Nanoseconds? {
            try node.map { node throws(PolicyFileError) in Nanoseconds(try node.nanoseconds()) }
        }
        let mapping = try node.mapping()
        let result = DataClass.Retention(
            inputs: try duration(mapping.optional("inputs")), outputs: try duration(mapping.optional("outputs")))
        try mapping.finish()
        return result
    }

    private func model(_ node: YAMLNode) throws(PolicyFileError) -> PolicyModel {
        let mapping = try node.mapping()
        let result = PolicyModel(
            digest: try mapping.required("digest").digest(), deployment: try mapping.required("deployment").string(),
            jurisdiction: try mapping.required("jurisdiction").string(),
            maxClass: try mapping.required("maxClass").string(), isolation: try mapping.required("isolation").string(),
            publisher: try mapping.optional("publisher")?.string())
        try mapping.finish()
        return result
    }

    private func rule(_ node: YAMLNode) throws(PolicyFileError) -> PolicyRule {
        let mapping = try node.mapping()
        let effectName = try mapping.required("effect").oneOf(["permit", "forbid"])
        let result = PolicyRule(
            id: try mapping.required("id").string(), effect: effectName == "permit" ? .permit : .forbid,
            actions: try mapping.required("action").strings(), classes: try mapping.required("class").strings(),
            when: try conditions(mapping.optional("when")), unless: try conditions(mapping.optional("unless")),
            reason: try mapping.optional("reason")?.reason())
        try mapping.finish()
        return result
    }

    private func conditions(_ node: YAMLNode?) throws(PolicyFileError) -> [String: [String]] {
        guard let node else { return [:] }
        var found: [String: [String]] = [:]
        for entry in try node.mapping().entries {
            found[entry.key] = try entry.value.strings()
        }
        guard !found.isEmpty else { throw node.refusing("value", allowed: "at least one condition") }
        return found
    }

    private func output(_ node: YAMLNode) throws(PolicyFileError) -> OutputLimit {
        let mapping = try node.mapping()
        var schemas: [Digest]?
        if let node = mapping.optional("schema") {
            schemas = []
            for item in try node.oneOrMany() { schemas?.append(try item.digest()) }
        }
        let result = OutputLimit(
            schema: schemas, maxBytes: try mapping.required("maxBytes").integer(),
            cosignatures: try mapping.optional("cosignatures")?.integer(),
            canaries: try mapping.optional("canaries")?.oneOf(OutputLimit.canaryWords),
            minCell: try mapping.optional("minCell")?.integer(),
            maxVerbatim: try mapping.optional("maxVerbatim")?.integer(),
            review: try mapping.optional("review").map(review))
        try mapping.finish()
        return result
    }

    private func review(_ node: YAMLNode) throws(PolicyFileError) -> OutputLimit.Review {
        let mapping = try node.mapping()
        let review = OutputLimit.Review(reviewers: try mapping.required("reviewers").integer())
        if let other = mapping.optional("notRequester"), try !other.boolean() {
            throw other.refusing("value", found: "false", allowed: "true: who asked never reviews the answer")
        }
        try mapping.finish()
        return review
    }

    private func budget(_ node: YAMLNode, _ currency: inout Currency) throws(PolicyFileError) -> ClassBudget {
        let mapping = try node.mapping()
        var perJob: ClassBudget.PerJob?
        if let part = try mapping.optional("perJob")?.mapping() {
            let cost = try currency.amount(part.optional("cost"))
            perJob = .init(
                cost: cost,
                wall: try part.optional("wall").map { node throws(PolicyFileError) in
                    Nanoseconds(try node.nanoseconds())
                })
            try part.finish()
        }
        var perDay: ClassBudget.PerDay?
        if let part = try mapping.optional("perDay")?.mapping() {
            perDay = .init(cost: try currency.amount(part.optional("cost")))
            try part.finish()
        }
        try mapping.finish()
        return ClassBudget(perJob: perJob, perDay: perDay)
    }

    private func task(_ node: YAMLNode) throws(PolicyFileError) -> PolicyTask {
        let mapping = try node.mapping()
        let result = PolicyTask(digest: try mapping.required("digest").digest())
        try mapping.finish()
        return result
    }

    private func requester(_ node: YAMLNode) throws(PolicyFileError) -> PolicyRequester {
        let mapping = try node.mapping()
        let result = PolicyRequester(
            recipient: try mapping.required("recipient").string(), uid: try mapping.optional("uid")?.integer(),
            key: try mapping.optional("key")?.publicKey(), roles: try mapping.required("roles").strings())
        try mapping.finish()
        return result
    }

    private func auction(_ node: YAMLNode) throws(PolicyFileError) -> PolicyAuction {
        let mapping = try node.mapping()
        let weights = try mapping.required("weights").mapping()
        let result = PolicyAuction(
            weights: .init(
                quality: try weights.required("quality").decimal(), price: try weights.required("price").decimal(),
                latency: try weights.required("latency").decimal(),
                risk: try weights.optional("risk")?.decimal()),
            explorationFloor: try mapping.required("explorationFloor").decimal(),
            minBids: try mapping.optional("minBids")?.integer() ?? 1,
            bidsPerPublisher: try mapping.optional("bidsPerPublisher")?.integer(),
            trials: try mapping.optional("trials")?.integer())
        try weights.finish()
        try mapping.finish()
        return result
    }

    private func invariant(_ node: YAMLNode) throws(PolicyFileError) -> PolicyInvariant {
        let mapping = try node.mapping()
        let result = PolicyInvariant(
            name: try mapping.required("name").reason(), never: try conditions(mapping.required("never")))
        try mapping.finish()
        return result
    }

    private func test(_ node: YAMLNode, _ tasks: [String: PolicyTask]) throws(PolicyFileError) -> PolicyTest {
        let mapping = try node.mapping()
        let expect = try mapping.required("expect").oneOf(["permit", "deny"])
        let kindNames = ["permitted", "forbidden", "not-permitted", "error"]
        let kind = try mapping.optional("kind")?.oneOf(kindNames)
        let result = PolicyTest(
            name: try mapping.required("name").reason(),
            given: try PolicyRequestReader(tasks: tasks).read(mapping.required("given")),
            expect: expect == "permit" ? .permit : .deny, kind: kind.flatMap(PolicyDecision.Kind.init(rawValue:)),
            by: try mapping.optional("by")?.strings() ?? [])
        try mapping.finish()
        return result
    }

    private func named<Value>(
        _ node: YAMLNode, _ read: (YAMLNode) throws(PolicyFileError) -> Value
    ) throws(PolicyFileError) -> [String: Value] {
        var found: [String: Value] = [:]
        for entry in try node.mapping().entries { found[entry.key] = try read(entry.value) }
        return found
    }

    private func list<Value>(
        _ node: YAMLNode, _ read: (YAMLNode) throws(PolicyFileError) -> Value
    ) throws(PolicyFileError) -> [Value] {
        var found: [Value] = []
        for item in try node.sequence() { found.append(try read(item)) }
        return found
    }
}

/// A policy has one currency: the first amount sets it, the others must agree.
private struct Currency {
    private(set) var code: String?

    mutating func amount(_ node: YAMLNode?) throws(PolicyFileError) -> Money? {
        guard let node else { return nil }
        let text = try node.string()
        guard let (amount, currency) = try? Money.parse(text) else {
            throw node.refusing("value", allowed: "an amount such as \"0.40 EUR\"")
        }
        if let code, code != currency {
            throw node.refusing("value", allowed: "amounts in \(code), the policy's one currency")
        }
        code = currency
        return amount
    }
}

extension YAMLNode {
    /// Where a window in a zone stands.
    fileprivate func place(ofZone zone: String) -> YAMLPlace? {
        switch content {
        case .string(let text): text.hasSuffix(" " + zone) ? place : nil
        case .sequence(let nodes): nodes.lazy.compactMap { $0.place(ofZone: zone) }.first
        case .mapping(let entries): entries.lazy.compactMap { $0.value.place(ofZone: zone) }.first
        case .integer, .boolean, .decimal: nil
        }
    }
}

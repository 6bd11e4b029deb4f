// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import CleanRoom
internal import RoomStore
internal import SovereignPolicy
internal import TransparencyLog

/// `atomic auction what-if`
struct AuctionWhatIf: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if", abstract: "Hold a job's auctions once more with one thing changed.",
        discussion: """
            Example: atomic auction what-if latest --without big-cloud-400b --room ward-3
                     atomic auction what-if ward-3.atomic --weights price=0.6
                     atomic auction what-if latest --rule F1 --room ward-3

            Only first attempts count: what comes after a failure depends on who failed. --rule takes one rule out of the policy: whom it alone kept \
            out bids as elsewhere in the same job, or is named as unknown. What other winners would have been worth is estimated from verified \
            outcomes, where auctions left enough to chance; otherwise that is said.
            """)

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Argument(help: "The job's id, the beginning of it, `latest`, or a bundle's file.")
    var subject: String
    @Option(help: ArgumentHelp("A model that would not take part; may be repeated.", valueName: "model"))
    var without: [String] = []
    @Option(help: ArgumentHelp("A rule that the policy would not have; may be repeated.", valueName: "id"))
    var rule: [String] = []
    @Option(
        help: ArgumentHelp(
            "Other weights, such as quality=0.6,price=0.3,latency=0.1; those that are not named stay.",
            valueName: "weights"))
    var weights: String?

    func validate() throws {
        guard !without.isEmpty || !rule.isEmpty || weights != nil else {
            throw ValidationError("say what would be otherwise: --without, --rule or --weights")
        }
        _ = try weights.map(ChangedWeights.init)
    }

    func run() throws {
        let source = try source()
        let history = try AuctionHistory(source.entries, record: source.record)
        guard !history.items.isEmpty else {
            throw AuctionError(
                .record, "no auction was held in \(subject)", remedy: "give a job or a bundle with auctions",
                exit: .usage)
        }
        let names = Set(
            history.items.flatMap { item in
                item.record.input.bids.map(\.model) + item.record.input.exclusions.map(\.model)
                    + item.record.input.late.map(\.model)
            })
        for name in without where !names.contains(name) {
            throw UsageFault(
                "no model \(name) took part", remedy: "these did: \(names.sorted().joined(separator: ", "))")
        }
        var change = WhatIf()
        change.without = Set(without)
        if let weights = try weights.map(ChangedWeights.init) { change.weights = { weights.applied(to: $0) } }
        let rules = rule.isEmpty ? nil : try ChangedRules(rule, source, history)
        var report = WhatIfReport(source.entries)
        for item in history.items where item.record.input.attempt == 1 && item.held.trial != true {
            if let rules { change.eligible = try rules.eligibility(of: item) }
            try report.add(item, change.hold(item.record.input))
        }
        let answer = report.answer
        if options.json { return try Console.json(answer) }
        try Console.line(answer.text)
    }

    /// Where the auctions lie.
    struct Source {
        let entries: [LogEntry]
        let record: (Digest) throws -> [UInt8]?
        let policies: [Int64: [UInt8]]
    }

    private func source() throws -> Source {
        if Files.isRegularFile(subject) {
            let bundle = try Bundle(bytes: try Files.read(subject, limit: CanonicalArchive.maximumBytes))
            var policies: [Int64: [UInt8]] = [:]
            for member in bundle.members where member.name.hasPrefix("policy/") {
                policies[try PolicyEnvelope.inspect(member.content).policy.sequence] = member.content
            }
            return Source(entries: try bundle.entries(), record: { bundle.record($0) }, policies: policies)
        }
        let view = try RoomView(room.directory())
        return Source(
            entries: try view.entries(of: view.job(subject)), record: { try view.records.bytes($0) },
            policies: try view.policyEnvelopes())
    }
}

/// `quality=0.6,price=0.3`
struct ChangedWeights: Sendable {
    private var values: [String: Int64] = [:]
    private static let names = ["quality", "price", "latency", "risk", "reserve"]

    /// - Throws: `ValidationError` for an unknown name, a value twice, and what is no decimal.
    init(_ text: String) throws {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, Self.names.contains(sides[0]), let value = Decimal9.parse(sides[1]),
                values.updateValue(value, forKey: sides[0]) == nil
            else {
                throw ValidationError(
                    "“\(part)” is no weight: write NAME=DECIMAL once for \(Self.names.joined(separator: ", "))")
            }
        }
    }

    func applied(to old: AuctionWeights) -> AuctionWeights {
        AuctionWeights(
            quality: values["quality"] ?? old.quality, price: values["price"] ?? old.price,
            latency: values["latency"] ?? old.latency, risk: values["risk"] ?? old.risk,
            reserve: values["reserve"] ?? old.reserve)
    }
}

/// The policies of a history without some of their rules.
private struct ChangedRules {
    private var changed: [Int64: PolicyEvaluator] = [:]
    private var policies: [Int64: SovereignPolicy] = [:]
    private let jobs: [String: Event.JobAccepted]
    /// The last bid of each model for a type of task.
    private var bids: [String: [String: Bid]] = [:]

    init(_ rules: [String], _ source: AuctionWhatIf.Source, _ history: AuctionHistory) throws {
        var found: Set<String> = []
        for sequence in Set(history.items.map(\.record.input.policy.sequence)) {
            guard let envelope = source.policies[sequence] else {
                throw AuctionError(
                    .record, "policy \(sequence) is not there", remedy: "export the bundle anew", exit: .unverified)
            }
            let policy = try PolicyEnvelope.inspect(envelope).policy
            policies[sequence] = policy
            var other = policy
            for id in rules {
                guard let less = other.without(rule: id) else { continue }
                found.insert(id)
                other = less
            }
            changed[sequence] = PolicyEvaluator(other)
        }
        if let missing = rules.first(where: { !found.contains($0) }) {
            let names = Set(policies.values.flatMap(\.rules).map(\.id)).sorted().joined(separator: ", ")
            throw UsageFault("no policy of these auctions has a rule \(missing)", remedy: "its rules are \(names)")
        }
        var jobs: [String: Event.JobAccepted] = [:]
        for entry in source.entries where entry.type == Event.JobAccepted.type {
            if let job = entry.job {
                jobs[job] = try CanonicalJSON.decodeStrict(Event.JobAccepted.self, from: entry.data)
            }
        }
        self.jobs = jobs
        for item in history.items {
            for bid in item.record.input.bids { bids[item.record.input.features.type, default: [:]][bid.model] = bid }
        }
    }

    func eligibility(of item: AuctionHistory.Item) throws -> @Sendable (AuctionInput) -> WhatIf.Eligibility {
        let input = item.record.input
        guard let job = jobs[item.job], let evaluator = changed[input.policy.sequence],
            let policy = policies[input.policy.sequence]
        else {
            throw AuctionError(
                .record, "the job \(item.job) was not accepted in these entries", remedy: "export the bundle anew",
                exit: .unverified)
        }
        func decide(_ model: String, _ digest: Digest) -> PolicyDecision {
            let isListed = policy.models[model]?.digest == digest
            return evaluator.decide(
                PolicyRequest(
                    action: PolicyAction.bid, at: item.held.at, model: isListed ? model : digest.description,
                    class: input.features.class, purpose: input.features.purpose, requester: job.requester,
                    task: job.task.digest,
                    attributes: item.held.clock.map { [PolicyAttribute.clock: .string($0)] } ?? [:]))
        }
        let asked = input.bids.map { ($0.model, $0.digest) } + input.late.map { ($0.model, $0.digest) }
        let denied = asked.compactMap { model, digest -> Exclusion? in
            let decision = decide(model, digest)
            guard !decision.isPermitted else { return nil }
            return Exclusion(
                model: model, digest: digest, kind: decision.kind.rawValue, rules: decision.ruleIDs)
        }
        let freed = input.exclusions.filter { !Participation.isRoomsOwn($0) && decide($0.model, $0.digest).isPermitted }
        let known = bids[input.features.type] ?? [:]
        let admitted = freed.compactMap { model in known[model.model].flatMap { $0.digest == model.digest ? $0 : nil } }
        let unknown = freed.map(\.model).filter { name in !admitted.contains { $0.model == name } }
        let answer = WhatIf.Eligibility(denied: denied, admitted: admitted, unknown: unknown)
        return { _ in answer }
    }
}

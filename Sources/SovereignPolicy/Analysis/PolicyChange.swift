// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

/// A difference between two policies.
public struct PolicyChange: Codable, Equatable, Sendable {
    public enum Direction: String, Codable, Sendable {
        /// Something may be allowed that was not, or it cannot be told that nothing is: a quorum must decide.
        case loosens
        /// Nothing is allowed that was not.
        case tightens
    }

    /// Requests that are decided otherwise than before.
    public struct Decisions: Codable, Equatable, Sendable {
        public let actions: [String]
        public let `class`: String
        /// Empty for actions that name none (`learn`).
        public let models: [String]
        /// Those for which something changes; one that neither policy names stands for all of those.
        public let purposes: [String]
        public let requesters: [String]
        public let tasks: [String]
        /// One of the requests, and how it is decided.
        public let witness: PolicyRequest
        public let before: PolicyDecision
        public let after: PolicyDecision
    }

    public let direction: Direction
    /// Where in the policy, for example `budgets.pii.perJob.cost`; absent for decisions.
    public let place: String?
    /// What stood there and what stands there; absent where there was or is nothing.
    public let old: String?
    public let new: String?
    public let decisions: Decisions?

    init(_ direction: Direction, _ place: String, _ old: String?, _ new: String?) {
        self.direction = direction
        self.place = place
        self.old = old
        self.new = new
        decisions = nil
    }

    init(_ direction: Direction, _ decisions: Decisions) {
        self.direction = direction
        place = nil
        old = nil
        new = nil
        self.decisions = decisions
    }
}

extension SovereignPolicy {
    /// All differences that matter, those of decisions first, exactly: a request that the two policies decide otherwise, at a
    /// time when each holds, is in one of them. Reasons, tests and the order of rules are no differences.
    public func changes(to new: SovereignPolicy) -> [PolicyChange] {
        DecisionChanges(self, new).all + PartChanges(self, new).all
    }
}

/// The requests that two policies decide otherwise.
private struct DecisionChanges {
    /// What a line is about; alike for several models and actions as a rule.
    private struct Shape: Hashable {
        let direction: PolicyChange.Direction
        let className: String
        let purposes: [Int]
        let requesters: [Int]
        let tasks: [Int]
    }

    private struct Found {
        var purposes: Set<Int> = []
        var requesters: Set<Int> = []
        var tasks: Set<Int> = []
        let witness: PolicyRequest
    }

    private let old: SovereignPolicy
    private let new: SovereignPolicy
    private let space: RequestSpace
    private let models: [String]
    private let before: PolicyTable
    private let after: PolicyTable
    private let deciding: (old: PolicyEvaluator, new: PolicyEvaluator)

    init(_ old: SovereignPolicy, _ new: SovereignPolicy) {
        self.old = old
        self.new = new
        space = RequestSpace([old, new])
        models = Set(old.models.keys).union(new.models.keys).sorted()
        before = PolicyTable(old, models: models)
        after = PolicyTable(new, models: models)
        deciding = (PolicyEvaluator(old), PolicyEvaluator(new))
    }

    var all: [PolicyChange] {
        var changes: [PolicyChange] = []
        for className in Set(old.dataClasses.keys).union(new.dataClasses.keys).sorted() {
            // Lines of several actions that say the same are one line.
            var lines: [(actions: [String], models: [String], shape: Shape, witness: PolicyRequest)] = []
            for action in PolicyAction.all {
                for (direction, found) in found(action, className) {
                    var byShape: [Shape: [(model: String?, witness: PolicyRequest)]] = [:]
                    for (model, what) in found {
                        let shape = Shape(
                            direction: direction, className: className, purposes: what.purposes.sorted(),
                            requesters: what.requesters.sorted(), tasks: what.tasks.sorted())
                        byShape[shape, default: []].append((model, what.witness))
                    }
                    for (shape, members) in byShape.sorted(by: { $0.value[0].model ?? "" < $1.value[0].model ?? "" }) {
                        let models = members.compactMap(\.model)
                        if let same = lines.firstIndex(where: { $0.shape == shape && $0.models == models }) {
                            lines[same].actions.append(action)
                        } else {
                            lines.append(([action], models, shape, members[0].witness))
                        }
                    }
                }
            }
            changes += lines.map { change($0.actions, $0.models, $0.shape, $0.witness) }
        }
        return changes.filter { $0.direction == .loosens } + changes.filter { $0.direction == .tightens }
    }

    /// For each direction the models that are concerned, by name, with what is.
    private func found(_ action: String, _ className: String)
        -> [(PolicyChange.Direction, [(model: String?, what: Found)])]
    {
        let subjects = before.subjects(of: action)
        var loosened: [Int: Found] = [:]
        var tightened: [Int: Found] = [:]
        func note(_ models: ModelSet, _ circumstance: RequestSpace.Circumstance, in found: inout [Int: Found]) {
            for number in models.members {
                var what = found[number] ?? Found(witness: circumstance.request)
                what.purposes.insert(circumstance.purpose)
                what.requesters.insert(circumstance.requester)
                what.tasks.insert(circumstance.task)
                found[number] = what
            }
        }
        for circumstance in space.circumstances(action, class: className) {
            let was = before.findings(circumstance.request).permitted
            let now = after.findings(circumstance.request).permitted
            if was == now { continue }
            // At a time when a policy does not hold it allows nothing.
            let holds = space.times[circumstance.time].valid
            if holds[1] { note(now.subtracting(was), circumstance, in: &loosened) }
            if holds[0] { note(was.subtracting(now), circumstance, in: &tightened) }
        }
        return [(.loosens, loosened), (.tightens, tightened)].map { direction, found in
            (direction, found.sorted { $0.key < $1.key }.map { (subjects[$0.key], $0.value) })
        }
    }

    private func change(_ actions: [String], _ models: [String], _ shape: Shape, _ witness: PolicyRequest)
        -> PolicyChange
    {
        let asked = witness.about(models.first)
        return PolicyChange(
            shape.direction,
            PolicyChange.Decisions(
                actions: actions, class: shape.className, models: models,
                purposes: shape.purposes.map { space.purposes[$0] },
                requesters: shape.requesters.flatMap { space.requesters[$0].names }.sorted(),
                tasks: shape.tasks.flatMap { space.tasks[$0].names }.sorted(), witness: asked,
                before: deciding.old.decide(asked), after: deciding.new.decide(asked)))
    }
}

/// Differences that no decision shows, or not all of.
private struct PartChanges {
    private let old: SovereignPolicy
    private let new: SovereignPolicy

    init(_ old: SovereignPolicy, _ new: SovereignPolicy) {
        self.old = old
        self.new = new
    }

    var all: [PolicyChange] {
        metadata + authority + classes + models + outputs + budgets + tasks + requesters + auction + promises
    }

    /// A part whose direction cannot be told counts as loosened: a quorum must look at it.
    private func differs<Value: Equatable>(_ place: String, _ old: Value?, _ new: Value?, _ text: (Value) -> String)
        -> [PolicyChange]
    {
        old == new ? [] : [PolicyChange(.loosens, place, old.map(text), new.map(text))]
    }

    /// A limit: less is tighter, and none at all is the loosest.
    private func limit<Value: Comparable>(
        _ place: String, _ old: Value?, _ new: Value?, _ text: (Value) -> String = { "\($0)" }
    ) -> [PolicyChange] {
        guard old != new else { return [] }
        let tightens = if let new { old.map { new < $0 } ?? true } else { false }
        return [PolicyChange(tightens ? .tightens : .loosens, place, old.map(text), new.map(text))]
    }

    /// A demand: more is tighter, and none is like nothing.
    private func demand(_ place: String, _ old: Int64?, _ new: Int64?) -> [PolicyChange] {
        guard old != new else { return [] }
        return [
            PolicyChange(new ?? 0 >= old ?? 0 ? .tightens : .loosens, place, old?.description, new?.description)
        ]
    }

    /// Members of a list, of which each one demands something, or each one allows something.
    private func members(_ place: String, _ old: [String], _ new: [String], more: PolicyChange.Direction)
        -> [PolicyChange]
    {
        let less: PolicyChange.Direction = more == .loosens ? .tightens : .loosens
        return Set(new).subtracting(old).sorted().map { PolicyChange(more, place, nil, $0) }
            + Set(old).subtracting(new).sorted().map { PolicyChange(less, place, $0, nil) }
    }

    private var metadata: [PolicyChange] {
        var found = differs("metadata.id", old.metadata.id, new.metadata.id) { $0 }
        if old.metadata.notBefore != new.metadata.notBefore {
            found.append(
                PolicyChange(
                    new.metadata.notBefore > old.metadata.notBefore ? .tightens : .loosens, "metadata.notBefore",
                    old.metadata.notBefore.description, new.metadata.notBefore.description))
        }
        return found
            + limit("metadata.expires", old.metadata.expires, new.metadata.expires)
    }

    private var authority: [PolicyChange] {
        var found = demand("authority.threshold", old.authority.threshold, new.authority.threshold)
        func signers(_ policy: SovereignPolicy) -> [String] {
            policy.authority.keys.map { "\($0.id) (\($0.role), \($0.key.keyID.prefix(12)))" }
        }
        found += members("authority.keys", signers(old), signers(new), more: .loosens)
        found += members(
            "authority.requireRoles", old.authority.requireRoles, new.authority.requireRoles, more: .tightens)
        let stop = (old.authority.emergencyStop, new.authority.emergencyStop)
        if stop.0?.threshold != stop.1?.threshold {
            // To stop must stay easy: what makes it harder loosens.
            let easier = if let new = stop.1 { stop.0.map { new.threshold < $0.threshold } ?? true } else { false }
            found.append(
                PolicyChange(
                    easier ? .tightens : .loosens, "authority.emergencyStop.threshold",
                    stop.0?.threshold.description, stop.1?.threshold.description))
        }
        return found + members("authority.emergencyStop.may", stop.0?.may ?? [], stop.1?.may ?? [], more: .tightens)
    }

    /// The order decides what the join of several labels is.
    private var classes: [PolicyChange] {
        Set(old.dataClasses.keys).union(new.dataClasses.keys).sorted().flatMap { name -> [PolicyChange] in
            let (was, now) = (old.dataClasses[name], new.dataClasses[name])
            let place = "dataClasses.\(name)"
            let kept =
                limit("\(place).retention.inputs", was?.retention?.inputs, now?.retention?.inputs, Self.seconds)
                + limit("\(place).retention.outputs", was?.retention?.outputs, now?.retention?.outputs, Self.seconds)
            guard let was, let now else {
                return differs("\(place).above", was?.above.sorted(), now?.above.sorted(), Self.list) + kept
            }
            return kept + differs("\(place).above", was.above.sorted(), now.above.sorted(), Self.list)
                + restriction("\(place).residency", was.residency, now.residency)
                + restriction("\(place).purposes", was.purposes, now.purposes)
        }
    }

    private static func seconds(_ duration: Nanoseconds) -> String { "\(Decimal9.format(duration.value)) s" }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "nothing" : names.joined(separator: ", ") }

    /// A list of what is allowed; without one everything is.
    private func restriction(_ place: String, _ old: [String]?, _ new: [String]?) -> [PolicyChange] {
        if let old, let new { return members(place, old, new, more: .loosens) }
        guard old != new else { return [] }
        return [PolicyChange(new == nil ? .loosens : .tightens, place, old.map(Self.list), new.map(Self.list))]
    }

    private var models: [PolicyChange] {
        Set(old.models.keys).union(new.models.keys).sorted().flatMap { name -> [PolicyChange] in
            let place = "models.\(name)"
            guard let was = old.models[name] else {
                return [PolicyChange(.loosens, place, nil, new.models[name]?.digest.description)]
            }
            guard let now = new.models[name] else {
                return [PolicyChange(.tightens, place, was.digest.description, nil)]
            }
            let text: (String) -> String = { $0 }
            var found = differs("\(place).digest", was.digest, now.digest) { $0.description }
            found += differs("\(place).deployment", was.deployment, now.deployment, text)
            found += differs("\(place).jurisdiction", was.jurisdiction, now.jurisdiction, text)
            found += differs("\(place).publisher", was.publisher, now.publisher, text)
            if was.isolation != now.isolation {
                let strength = ["process": 0, "microvm": 1, "tee": 2]
                let isStronger = (strength[now.isolation] ?? 0) > (strength[was.isolation] ?? 0)
                found.append(
                    PolicyChange(
                        isStronger ? .tightens : .loosens, "\(place).isolation", was.isolation, now.isolation))
            }
            if was.maxClass != now.maxClass {
                let isLower = ClassLattice(new.dataClasses).isAtOrBelow(now.maxClass, was.maxClass)
                found.append(
                    PolicyChange(isLower ? .tightens : .loosens, "\(place).maxClass", was.maxClass, now.maxClass))
            }
            return found
        }
    }

    private var outputs: [PolicyChange] {
        Set(old.outputs.keys).union(new.outputs.keys).sorted().flatMap { name -> [PolicyChange] in
            let (was, now) = (old.outputs[name], new.outputs[name])
            let place = "outputs.\(name)"
            var found = limit("\(place).maxBytes", was?.maxBytes, now?.maxBytes)
            found += demand("\(place).cosignatures", was?.cosignatures, now?.cosignatures)
            found += schemas("\(place).schema", was?.schema, now?.schema)
            found += canaries("\(place).canaries", was?.canaries, now?.canaries)
            found += demand("\(place).minCell", was?.minCell, now?.minCell)
            found += limit("\(place).maxVerbatim", was?.maxVerbatim, now?.maxVerbatim)
            found += demand("\(place).review.reviewers", was?.review?.reviewers, now?.review?.reviewers)
            return found
        }
    }

    /// A list of what is allowed: fewer is tighter, and no list is the loosest.
    private func schemas(_ place: String, _ old: [Digest]?, _ new: [Digest]?) -> [PolicyChange] {
        func text(_ list: [Digest]) -> String { list.map(\.description).sorted().joined(separator: ", ") }
        switch (old, new) {
        case (let old?, let new?): return members(place, old.map(\.description), new.map(\.description), more: .loosens)
        case (nil, let new?): return [PolicyChange(.tightens, place, nil, text(new))]
        case (let old?, nil): return [PolicyChange(.loosens, place, text(old), nil)]
        case (nil, nil): return []
        }
    }

    /// There is one word, and it forbids.
    private func canaries(_ place: String, _ old: String?, _ new: String?) -> [PolicyChange] {
        old == new ? [] : [PolicyChange(old == nil ? .tightens : .loosens, place, old, new)]
    }

    private var budgets: [PolicyChange] {
        guard old.currency == new.currency || old.currency == nil || new.currency == nil else {
            return differs("budgets", old.currency, new.currency) { "in \($0)" }
        }
        return Set(old.budgets.keys).union(new.budgets.keys).sorted().flatMap { name in
            let was = old.budgets[name]
            let now = new.budgets[name]
            return limit("budgets.\(name).perJob.cost", was?.perJob?.cost, now?.perJob?.cost)
                + limit("budgets.\(name).perJob.wall", was?.perJob?.wall, now?.perJob?.wall, Self.seconds)
                + limit("budgets.\(name).perDay.cost", was?.perDay?.cost, now?.perDay?.cost)
        }
    }

    private var tasks: [PolicyChange] {
        Set(old.tasks.keys).union(new.tasks.keys).sorted().flatMap { name -> [PolicyChange] in
            let (was, now) = (old.tasks[name]?.digest, new.tasks[name]?.digest)
            guard was != now else { return [] }
            return [
                PolicyChange(now == nil ? .tightens : .loosens, "tasks.\(name)", was?.description, now?.description)
            ]
        }
    }

    private var requesters: [PolicyChange] {
        Set(old.requesters.keys).intersection(new.requesters.keys).sorted().flatMap { name -> [PolicyChange] in
            guard let was = old.requesters[name], let now = new.requesters[name] else { return [] }
            let place = "requesters.\(name)"
            return differs("\(place).recipient", was.recipient, now.recipient) { $0 }
                + differs("\(place).uid", was.uid, now.uid) { $0.description }
                + differs("\(place).key", was.key, now.key) { $0.keyID }
                + members("\(place).roles", was.roles, now.roles, more: .loosens)
        }
            + members(
                "requesters", old.requesters.keys.sorted(), new.requesters.keys.sorted(), more: .loosens)
    }

    /// Who wins is nobody's to change alone.
    private var auction: [PolicyChange] {
        differs("auction", old.auction, new.auction) { auction in
            let weights = auction.weights
            let parts = [weights.quality, weights.price, weights.latency, weights.risk ?? 0, auction.explorationFloor]
            return parts.map(Decimal9.format).joined(separator: " ") + " \(auction.minBids)"
                + (auction.bidsPerPublisher.map { " at most \($0) of a publisher" } ?? "")
                + (auction.trials.map { " \($0) trials" } ?? "")
        }
    }

    /// Invariants, whose cosignatures count, and how far the clock may be wrong.
    private var promises: [PolicyChange] {
        func texts(_ policy: SovereignPolicy) -> [String] {
            (policy.invariants ?? []).map { invariant in
                let parts = invariant.never.sorted { $0.key < $1.key }.map { "\($0): \($1.joined(separator: " or "))" }
                return "never \(parts.joined(separator: " and "))"
            }
        }
        let usual = SovereignPolicy.usualClockTolerance
        return members("invariants", texts(old), texts(new), more: .tightens)
            + restriction("witnesses", old.witnesses, new.witnesses)
            + limit("clockTolerance", old.clockTolerance ?? usual, new.clockTolerance ?? usual, Self.seconds)
    }
}

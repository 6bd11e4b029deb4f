// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A policy prepared for questions about all models at once: `PolicyEvaluator` with a set of models in place of one.
///
/// A *circumstance* is a whole request without its model. Everything that a rule asks about the model is worked out once for
/// all models; for a circumstance the rest is compared once, not once for each model. It ignores validity: whoever asks
/// what a policy allows asks about the time when it holds.
struct PolicyTable {
    /// Who a request can be about: the models, or nobody for actions that name none.
    private struct Column {
        let subjects: [String?]
        let rules: [Row]
        /// For each class those that may not see it: not listed by this policy, not cleared, or under another law.
        let barred: [String: ModelSet]
    }

    /// A rule, with what it asks about models answered.
    private struct Row {
        /// Place in the policy.
        let index: Int
        let rule: CompiledRule
        let when: ModelSet
        let unless: ModelSet
        /// Those that lack what the rule asks about.
        let missing: ModelSet
        let whenRest: [CompiledCondition]
        let unlessRest: [CompiledCondition]
    }

    /// What one rule says in a circumstance.
    struct Verdict {
        let index: Int
        let effect: PolicyRule.Effect
        /// The models that it says it of.
        let models: ModelSet
    }

    /// What a circumstance met.
    struct Findings {
        /// The rules that say something, without those that err.
        var verdicts: [Verdict] = []
        /// What the language itself, or a rule that cannot be evaluated, holds against.
        var objections: ModelSet
        /// A rule could not be evaluated for these.
        var errors: ModelSet
        /// The places of such rules.
        var erring: [Int] = []

        /// The models that are permitted.
        var permitted: ModelSet {
            var permits = objections.subtracting(objections)
            var against = objections
            for verdict in verdicts {
                if verdict.effect == .permit {
                    permits.formUnion(verdict.models)
                } else {
                    against.formUnion(verdict.models)
                }
            }
            return permits.subtracting(against)
        }
    }

    let policy: SovereignPolicy
    let lattice: ClassLattice
    private let columns: [String: Column]
    private let tasks: Set<Digest>
    private let isSound: Bool

    /// - Parameter models: names of models, for numbers that several policies share; by default those of the policy.
    init(_ policy: SovereignPolicy, models: [String]? = nil) {
        self.policy = policy
        let lattice = ClassLattice(policy.dataClasses)
        self.lattice = lattice
        tasks = Set(policy.tasks.values.map(\.digest))
        isSound = policy.problemsOfDeciding.isEmpty
        let names = models ?? policy.models.keys.sorted()
        var columns: [String: Column] = [:]
        for action in PolicyAction.all {
            let subjects: [String?] = Self.namesModel(action) ? names : [nil]
            let facts = subjects.map { name in
                RequestFacts(
                    PolicyRequest(
                        action: action, at: nil, model: name, class: nil, purpose: nil, requester: nil, task: nil), "",
                    policy)
            }
            let rows = policy.rules.enumerated().filter { $0.element.actions.contains(action) }.map { index, rule in
                Self.row(index, CompiledRule(rule, lattice, policy.tasks), facts)
            }
            let known = subjects.map { $0.flatMap { policy.models[$0] } }
            var barred: [String: ModelSet] = [:]
            for className in policy.dataClasses.keys {
                let residencies = lattice.atOrBelow(className).compactMap { policy.dataClasses[$0]?.residency }
                barred[className] = ModelSet(subjects.count) { number in
                    guard let model = known[number] else { return subjects[number] != nil }
                    return !lattice.isAtOrBelow(className, model.maxClass)
                        || residencies.contains { !$0.contains(model.jurisdiction) }
                }
            }
            columns[action] = Column(subjects: subjects, rules: rows, barred: barred)
        }
        self.columns = columns
    }

    /// Whether requests for an action are about a model. That of `learn` is about the room; an answer that is released is a
    /// model's.
    static func namesModel(_ action: String) -> Bool { action != PolicyAction.learn }

    /// The models, or nil, that the numbers of a set stand for.
    func subjects(of action: String) -> [String?] { columns[action]?.subjects ?? [] }

    private static func row(_ index: Int, _ rule: CompiledRule, _ facts: [RequestFacts]) -> Row {
        var missing = ModelSet.none(facts.count)
        func models(_ conditions: [CompiledCondition]) -> ModelSet {
            var all = ModelSet.all(facts.count)
            for condition in conditions where condition.isAboutModel {
                all.formIntersection(ModelSet(facts.count) { condition.match(facts[$0]) == true })
                missing.formUnion(ModelSet(facts.count) { condition.match(facts[$0]) == nil })
            }
            return all
        }
        return Row(
            index: index, rule: rule, when: models(rule.when), unless: models(rule.unless), missing: missing,
            whenRest: rule.when.filter { !$0.isAboutModel }, unlessRest: rule.unless.filter { !$0.isAboutModel })
    }

    /// What is said of each model in a circumstance that is complete but for time and model.
    func findings(_ circumstance: PolicyRequest) -> Findings {
        guard let column = columns[circumstance.action] else {
            return Findings(objections: .none(0), errors: .none(0))
        }
        let count = column.subjects.count
        var found = Findings(objections: .all(count), errors: .none(count))
        let className = circumstance.class ?? lattice.top
        // No model is cleared for the implicit top, and none is barred from it by name.
        guard isSound, let barred = column.barred[className], let task = circumstance.task, tasks.contains(task),
            let requester = circumstance.requester, policy.requesters[requester] != nil
        else { return found }
        if !isOutOfBounds(circumstance, className) { found.objections = barred }
        let reach = lattice.reach(className)
        let facts = RequestFacts(circumstance, className, policy)
        for row in column.rules where row.rule.applies(to: reach) {
            guard let applies = Self.all(row.whenRest, facts), let excepted = Self.all(row.unlessRest, facts) else {
                found.errors = .all(count)
                found.erring.append(row.index)
                continue
            }
            if !row.missing.isEmpty {
                found.errors.formUnion(row.missing)
                found.erring.append(row.index)
            }
            var models = applies ? row.when : .none(count)
            if excepted, !row.rule.unless.isEmpty { models.subtract(row.unless) }
            models.subtract(row.missing)
            if !models.isEmpty {
                found.verdicts.append(Verdict(index: row.index, effect: row.rule.effect, models: models))
            }
        }
        found.objections.formUnion(found.errors)
        return found
    }

    /// Whether all conditions hold, or nil when the circumstance lacks what one asks about.
    private static func all(_ conditions: [CompiledCondition], _ facts: RequestFacts) -> Bool? {
        var all = true
        for condition in conditions {
            guard let holds = condition.match(facts) else { return nil }
            all = all && holds
        }
        return all
    }

    /// Purposes and sizes, which hold for every model.
    private func isOutOfBounds(_ circumstance: PolicyRequest, _ className: String) -> Bool {
        lattice.atOrBelow(className).contains { name in
            if let purposes = policy.dataClasses[name]?.purposes, !purposes.contains(circumstance.purpose ?? "") {
                return true
            }
            guard let limit = policy.outputs[name], case .integer(let bytes)? = circumstance.attributes["output.bytes"]
            else { return false }
            return bytes > limit.maxBytes
        }
    }
}

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
        /// For each class the rules that are about data of it.
        let rules: [String: [Row]]
        /// For each class those that may not see it: not listed by this policy, not cleared, or under another law.
        let barred: [String: ModelSet]
        let marks: ModelMarks
    }

    /// A rule, with what it asks about models answered.
    private struct Row {
        /// Place in the policy.
        let index: Int
        let effect: PolicyRule.Effect
        let when: ModelSet
        let unless: ModelSet
        let hasUnless: Bool
        /// Those that lack what the rule asks about, nil when none does.
        let missing: ModelSet?
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
    private let bounds: ClassBounds
    private let columns: [String: Column]
    private let tasks: Set<Digest>
    private let isSound: Bool

    /// - Parameter models: names of models, for numbers that several policies share; by default those of the policy.
    init(_ policy: SovereignPolicy, models: [String]? = nil) {
        self.policy = policy
        let lattice = ClassLattice(policy.dataClasses)
        self.lattice = lattice
        bounds = ClassBounds(policy, lattice)
        tasks = Set(policy.tasks.values.map(\.digest))
        isSound = policy.problemsOfDeciding.isEmpty
        let names = models ?? policy.models.keys.sorted()
        let reaches = policy.dataClasses.keys.map { ($0, lattice.reach($0)) }
        let compiled = policy.rules.map { CompiledRule($0, lattice, policy) }
        // Which models an action is about differs between two kinds of actions only.
        let kinds = [true, false].map { namesModel in
            let subjects: [String?] = namesModel ? names : [nil]
            let marks = ModelMarks(subjects, policy)
            let rows = compiled.indices.map { Self.row($0, compiled[$0], marks) }
            var barred: [String: ModelSet] = [:]
            for className in policy.dataClasses.keys { barred[className] = marks.barred(className, policy, lattice) }
            return (subjects, rows, barred, marks)
        }
        var columns: [String: Column] = [:]
        for action in PolicyAction.all {
            let (subjects, rows, barred, marks) = kinds[Self.namesModel(action) ? 0 : 1]
            let ofAction = rows.indices.filter { policy.rules[$0].actions.contains(action) }
            var byClass: [String: [Row]] = [:]
            for (className, reach) in reaches {
                byClass[className] = ofAction.filter { compiled[$0].applies(to: reach) }.map { rows[$0] }
            }
            columns[action] = Column(subjects: subjects, rules: byClass, barred: barred, marks: marks)
        }
        self.columns = columns
    }

    /// Whether requests for an action are about a model. That of `learn` is about the room; an answer that is released is a
    /// model's.
    static func namesModel(_ action: String) -> Bool { action != PolicyAction.learn }

    /// The models, or nil, that the numbers of a set stand for.
    func subjects(of action: String) -> [String?] { columns[action]?.subjects ?? [] }

    private static func row(_ index: Int, _ rule: CompiledRule, _ marks: ModelMarks) -> Row {
        func models(_ conditions: [CompiledCondition]) -> ModelSet {
            var all = marks.all
            for condition in conditions where condition.isAboutModel { all.formIntersection(marks.matching(condition)) }
            return all
        }
        let asksAboutModel = (rule.when + rule.unless).contains(where: \.isAboutModel)
        return Row(
            index: index, effect: rule.effect, when: models(rule.when), unless: models(rule.unless),
            hasUnless: !rule.unless.isEmpty, missing: asksAboutModel && !marks.unlisted.isEmpty ? marks.unlisted : nil,
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
        // Residency is of the models that are barred; purposes and sizes hold for every model.
        if bounds.breaches(by: circumstance, about: className, model: nil).isEmpty { found.objections = barred }
        let facts = RequestFacts(circumstance, className, policy)
        for row in column.rules[className] ?? [] {
            guard let applies = Self.all(row.whenRest, facts), let excepted = Self.all(row.unlessRest, facts) else {
                found.errors = .all(count)
                found.erring.append(row.index)
                continue
            }
            if let missing = row.missing {
                found.errors.formUnion(missing)
                found.erring.append(row.index)
            }
            guard applies else { continue }
            var models = row.when
            if excepted, row.hasUnless { models.subtract(row.unless) }
            if let missing = row.missing { models.subtract(missing) }
            if !models.isEmpty {
                found.verdicts.append(Verdict(index: row.index, effect: row.effect, models: models))
            }
        }
        found.objections.formUnion(found.errors)
        return found
    }

    /// The models for which a circumstance has all these attributes with one of the values each.
    func models(with conditions: [CompiledCondition], in circumstance: PolicyRequest) -> ModelSet {
        guard let column = columns[circumstance.action] else { return .none(0) }
        let facts = RequestFacts(circumstance, circumstance.class ?? lattice.top, policy)
        var all = column.marks.all
        for condition in conditions {
            if condition.isAboutModel {
                all.formIntersection(column.marks.matching(condition))
            } else if condition.match(facts) != true {
                return .none(column.subjects.count)
            }
        }
        return all
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
}

/// Which models have which attribute, so that a condition is answered for all of them without asking each.
private struct ModelMarks {
    let all: ModelSet
    /// Those that the policy does not list, and nobody in place of a model: they have no attributes.
    let unlisted: ModelSet
    private let numbers: [String: Int]
    private let known: [PolicyModel?]
    private var byValue: [PolicyAttribute: [String: ModelSet]] = [:]

    init(_ subjects: [String?], _ policy: SovereignPolicy) {
        let known = subjects.map { $0.flatMap { policy.models[$0] } }
        self.known = known
        all = .all(subjects.count)
        unlisted = ModelSet(subjects.count) { known[$0] == nil }
        numbers = Dictionary(
            subjects.enumerated().compactMap { number, name in name.map { ($0, number) } }
        ) { first, _ in first }
        let attributes: [(PolicyAttribute, (PolicyModel) -> String)] = [
            (.modelDeployment, \.deployment), (.modelJurisdiction, \.jurisdiction), (.modelIsolation, \.isolation),
        ]
        for (attribute, value) in attributes {
            for text in Set(known.compactMap { $0.map(value) }) {
                byValue[attribute, default: [:]][text] = ModelSet(subjects.count) { known[$0].map(value) == text }
            }
        }
    }

    /// The listed models that a condition about models holds for.
    func matching(_ condition: CompiledCondition) -> ModelSet {
        var found = all.subtracting(all)
        for value in condition.values {
            if condition.attribute == .modelName {
                if let number = numbers[value], known[number] != nil { found.insert(number) }
            } else if let attribute = condition.attribute, let models = byValue[attribute]?[value] {
                found.formUnion(models)
            }
        }
        return found
    }

    /// Those that may not see data of a class: not listed, not cleared, or under another law.
    func barred(_ className: String, _ policy: SovereignPolicy, _ lattice: ClassLattice) -> ModelSet {
        let residencies = lattice.atOrBelow(className).compactMap { policy.dataClasses[$0]?.residency }
        var clearances: [String: Bool] = [:]
        for name in policy.dataClasses.keys { clearances[name] = lattice.isAtOrBelow(className, name) }
        return ModelSet(known.count) { number in
            // Nobody in place of a model is not barred.
            guard let model = known[number] else { return !numbers.isEmpty }
            return clearances[model.maxClass] != true || residencies.contains { !$0.contains(model.jurisdiction) }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import SovereignPolicy
import Testing

/// A generator that gives the same policies and requests in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func some<T>(of items: [T]) -> [T] {
        let chosen = items.filter { _ in chance(40) }
        return chosen.isEmpty ? [items[Int.random(in: 0..<items.count, using: &self)]] : chosen
    }

    mutating func one<T>(of items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &self)] }

    /// A random order of up to eight classes: each may be above some of those before it.
    mutating func classes() -> [String: DataClass] {
        let names = (0..<Int.random(in: 1...8, using: &self)).map { "c\($0)" }
        var classes: [String: DataClass] = [:]
        for (index, name) in names.enumerated() {
            let above = index == 0 ? [] : names.prefix(index).filter { _ in chance(35) }
            classes[name] = DataClass(
                above: above, residency: chance(15) ? some(of: ["DE", "FR"]) : nil,
                purposes: chance(15) ? some(of: ["treatment", "support"]) : nil)
        }
        return classes
    }

    mutating func conditions() -> [String: [String]] {
        var found: [String: [String]] = [:]
        if chance(30) { found["model.deployment"] = some(of: ["onprem", "cloud"]) }
        if chance(30) { found["model.jurisdiction"] = some(of: ["DE", "FR", "US"]) }
        if chance(30) { found["purpose"] = some(of: ["treatment", "support", "marketing"]) }
        if chance(15) { found["requester.roles"] = some(of: ["requester", "auditor"]) }
        if chance(15) { found["output.check"] = some(of: ["pass", "fail"]) }
        if chance(10) { found["model.name"] = some(of: ["local", "french", "low", "cloud"]) }
        return found
    }

    mutating func rule(_ id: String, _ effect: PolicyRule.Effect, classes: [String]) -> PolicyRule {
        PolicyRule(
            id: id, effect: effect, actions: some(of: PolicyAction.all), classes: some(of: classes),
            when: conditions(), unless: chance(25) ? conditions() : [:])
    }

    mutating func policy(_ fixture: PolicyFixture) -> SovereignPolicy {
        let classes = classes()
        let names = classes.keys.sorted()
        var rules: [PolicyRule] = []
        for index in 0..<Int.random(in: 1...8, using: &self) {
            rules.append(rule("r\(index)", chance(70) ? .permit : .forbid, classes: names))
        }
        var models = PolicyFixture.models
        for (name, model) in models {
            models[name] = PolicyModel(
                digest: model.digest, deployment: model.deployment, jurisdiction: model.jurisdiction,
                maxClass: one(of: names), isolation: model.isolation)
        }
        let base = fixture.policy(rules: rules, classes: classes)
        return SovereignPolicy(
            metadata: base.metadata, authority: base.authority, dataClasses: classes, models: models, rules: rules,
            tasks: base.tasks, requesters: base.requesters, auction: base.auction)
    }

    mutating func request(_ policy: SovereignPolicy) -> PolicyRequest {
        PolicyFixture.request(
            one(of: PolicyAction.all), model: chance(5) ? nil : one(of: ["local", "french", "low", "cloud"]),
            class: chance(5) ? nil : one(of: policy.dataClasses.keys.sorted()),
            purpose: chance(5) ? nil : one(of: ["treatment", "support", "marketing"]),
            at: chance(3) ? nil : PolicyFixture.noon,
            attributes: chance(60) ? ["output.check": .string(one(of: ["pass", "fail"]))] : [:])
    }
}

extension SovereignPolicy {
    func with(rules: [PolicyRule]) -> SovereignPolicy {
        SovereignPolicy(
            metadata: metadata, authority: authority, dataClasses: dataClasses, models: models, rules: rules,
            outputs: outputs, budgets: budgets, currency: currency, tasks: tasks, requesters: requesters,
            auction: auction, tests: tests)
    }
}

@Suite struct PolicyPropertyTests {
    /// Runs a check on random policies and requests; `reached` counts the cases that say something.
    func sample(
        seed: UInt64, policies: Int = 60, requests: Int = 25,
        _ check: (SovereignPolicy, PolicyRequest, inout Dice) throws -> Bool
    ) throws {
        let fixture = try #require(PolicyFixture.shared)
        var dice = Dice(seed: seed)
        var reached = 0
        for _ in 0..<policies {
            let policy = dice.policy(fixture)
            try #require(policy.problems.isEmpty, "\(policy.problems)")
            for _ in 0..<requests where try check(policy, dice.request(policy), &dice) { reached += 1 }
        }
        #expect(reached > 100, "only \(reached) cases were of interest")
    }

    @Test func aFurtherForbidNeverAllows() throws {
        try sample(seed: 1, policies: 60, requests: 20) { policy, request, dice in
            guard !policy.decide(request).isPermitted else { return false }
            let forbid = dice.rule("extra", .forbid, classes: policy.dataClasses.keys.sorted())
            #expect(!policy.with(rules: policy.rules + [forbid]).decide(request).isPermitted)
            return true
        }
    }

    @Test func aPermitCoversExactlyItsClasses() throws {
        try sample(seed: 2, policies: 90) { policy, request, _ in
            let decision = policy.decide(request)
            guard decision.isPermitted else { return false }
            let name = request.class ?? policy.top
            for id in decision.ruleIDs {
                let rule = try #require(policy.rules.first { $0.id == id })
                #expect(rule.effect == .permit && rule.classes.contains(name) && rule.actions.contains(request.action))
            }
            return true
        }
    }

    @Test func aForbidReachesEverythingAbove() throws {
        try sample(seed: 3) { policy, request, _ in
            guard let name = request.class else { return false }
            let forbids = policy.decide(request).rules.filter { $0.effect == .forbid && $0.id.hasPrefix("r") }
            guard !forbids.isEmpty else { return false }
            let lattice = ClassLattice(policy.dataClasses)
            for upper in policy.dataClasses.keys where lattice.isAtOrBelow(name, upper) {
                var above = request
                above.class = upper
                let decision = policy.decide(above)
                #expect(!decision.isPermitted)
                for rule in forbids { #expect(decision.ruleIDs.contains(rule.id)) }
            }
            return true
        }
    }

    @Test func whatIsDeniedByAnErrorIsNeverAllowedByAskingLess() throws {
        try sample(seed: 4) { policy, request, _ in
            let full = policy.decide(request)
            var less: [PolicyRequest] = []
            for cut in 0..<5 {
                var request = request
                switch cut {
                case 0: request.at = nil
                case 1: request.model = nil
                case 2: request.purpose = nil
                case 3: request.requester = nil
                default: request.attributes = [:]
                }
                less.append(request)
            }
            for (index, smaller) in less.enumerated() where policy.decide(smaller).isPermitted {
                // Leaving something out may only keep a permit that did not depend on it, or drop a limit that binds
                // models at a release; it never turns an error into a permit.
                #expect(full.kind != .error, "\(index): \(smaller)")
            }
            #expect(policy.decide(less[0]).kind == .error)
            #expect(policy.decide(less[3]).kind == .error)
            return true
        }
    }

    @Test func everyRuleThatSaysNoIsNamed() throws {
        try sample(seed: 5) { policy, request, _ in
            let decision = policy.decide(request)
            guard decision.kind == .forbidden else { return false }
            for rule in policy.rules where rule.effect == .forbid {
                let alone = policy.with(rules: [rule]).decide(request)
                let fires = alone.ruleIDs.contains(rule.id)
                #expect(fires == decision.ruleIDs.contains(rule.id))
            }
            return true
        }
    }

    @Test func theOrderOfRulesHasNoMeaning() throws {
        try sample(seed: 6, policies: 60, requests: 20) { policy, request, dice in
            let other = policy.with(rules: policy.rules.shuffled(using: &dice)).decide(request)
            let decision = policy.decide(request)
            #expect(other.kind == decision.kind && Set(other.ruleIDs) == Set(decision.ruleIDs))
            return decision.kind != .error
        }
    }

    @Test func joiningObeysItsLaws() throws {
        var dice = Dice(seed: 7)
        var exact = 0
        for _ in 0..<400 {
            let classes = dice.classes()
            let lattice = ClassLattice(classes)
            let names = classes.keys.sorted()
            let some = dice.some(of: names)
            let join = lattice.join(some)
            #expect(some.allSatisfy { lattice.isAtOrBelow($0, join) })
            #expect(lattice.join(some.reversed()) == join)
            #expect(lattice.join(some + some) == join)
            if some.count == 1 { #expect(join == some[0]) }
            if join != ClassLattice.implicitTop {
                exact += 1
                let bounds = names.filter { bound in some.allSatisfy { lattice.isAtOrBelow($0, bound) } }
                #expect(bounds.allSatisfy { lattice.isAtOrBelow(join, $0) })
            }
            #expect(lattice.join(some + ["nowhere"]) == ClassLattice.implicitTop)
        }
        #expect(exact > 100)
        #expect(ClassLattice([:]).join([String]()) == ClassLattice.implicitTop)
    }

    /// Data of several owners has the join of their classes: what is forbidden for the data of one of them is for all of it together,
    /// and every limit is at least as strict as each owner's own.
    @Test func ofSeveralOwnersTheMostRestrictiveWins() throws {
        func isAtMost<Limit: Comparable>(_ joined: Limit?, _ own: Limit?) -> Bool {
            own.map { own in joined.map { $0 <= own } ?? false } ?? true
        }
        try sample(seed: 8) { policy, request, _ in
            guard let own = request.class, policy.decide(request).kind == .forbidden else { return false }
            for other in policy.dataClasses.keys.sorted() {
                var together = request
                together.class = policy.join([own, other])
                let joined = try #require(together.class)
                #expect(!policy.decide(together).isPermitted, "\(own) with \(other)")
                for name in [own, other] {
                    #expect(policy.cosignatures(of: joined) >= policy.cosignatures(of: name))
                    #expect(policy.outputBounds(of: joined).reviewers >= policy.outputBounds(of: name).reviewers)
                    #expect(isAtMost(policy.outputBounds(of: joined).maxBytes, policy.outputBounds(of: name).maxBytes))
                    #expect(isAtMost(policy.retention(of: joined).inputs, policy.retention(of: name).inputs))
                    #expect(isAtMost(policy.budget(of: joined).cost, policy.budget(of: name).cost))
                }
            }
            return true
        }
    }

    @Test func twoLeastUpperBoundsMakeTheImplicitTop() throws {
        let lattice = ClassLattice([
            "a": DataClass(), "b": DataClass(), "u": DataClass(above: ["a", "b"]), "v": DataClass(above: ["a", "b"]),
        ])
        #expect(lattice.join(["a", "b"]) == ClassLattice.implicitTop)
        #expect(lattice.join(["a", "u"]) == "u")
        #expect(lattice.top == ClassLattice.implicitTop)
        #expect(ClassLattice(PolicyFixture.classes).top == "phi.genomic")
        #expect(ClassLattice(PolicyFixture.classes).join(["pii", "logs"]) == "phi.genomic")
    }
}

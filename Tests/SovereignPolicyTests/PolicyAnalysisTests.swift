// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

/// The answers about all requests against decisions of single ones: the evaluator, which knows nothing of sets.
@Suite struct PolicyAnalysisTests {
    /// A policy with several requesters, tasks and sizes, so that kinds of them matter.
    private func policy(_ dice: inout Dice) throws -> SovereignPolicy {
        let base = dice.policy(try #require(PolicyFixture.shared))
        let classes = base.dataClasses.keys.sorted()
        let rules = base.rules.map { rule -> PolicyRule in
            var when = rule.when
            var unless = rule.unless
            if dice.chance(20) { when["task"] = dice.some(of: ["triage", "other"]) }
            if dice.chance(10) { unless["task"] = dice.some(of: ["triage", "other"]) }
            if rule.actions == ["release"], dice.chance(60) {
                when["output.bytes"] = [dice.one(of: ["<= 100", "> 100"])]
            }
            return PolicyRule(
                id: rule.id, effect: rule.effect, actions: rule.actions, classes: rule.classes, when: when,
                unless: unless)
        }
        let recipient = PolicyFixture.recipient
        return SovereignPolicy(
            metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses, models: base.models,
            rules: rules,
            outputs: dice.chance(50) ? [dice.one(of: classes): OutputLimit(schema: nil, maxBytes: 50)] : [:],
            tasks: base.tasks.merging(["other": PolicyTask(digest: Self.other)]) { one, _ in one },
            requesters: [
                "desk-4": PolicyRequester(recipient: recipient, uid: 1, roles: ["requester"]),
                "desk-5": PolicyRequester(recipient: recipient, uid: 2, roles: ["requester"]),
                "audit": PolicyRequester(recipient: recipient, uid: 3, roles: ["auditor"]),
                "both": PolicyRequester(recipient: recipient, uid: 4, roles: ["auditor", "requester"]),
            ], auction: base.auction)
    }

    private static let other = Digest.sha256(Array("other".utf8))
    private static let names = ["local", "french", "low", "cloud"]

    /// Every request that these policies could meet, over more values than any of them names.
    private func requests(_ classes: [String]) -> [PolicyRequest] {
        var found: [PolicyRequest] = []
        for action in PolicyAction.all {
            let models: [String?] = action == PolicyAction.learn ? [nil] : Self.names
            let sizes: [Int64] = action == PolicyAction.release ? [0, 50, 51, 100, 101] : [0]
            for model in models {
                for purpose in ["treatment", "support", "marketing", "whatever"] {
                    for requester in ["desk-4", "desk-5", "audit", "both"] {
                        for task in [PolicyFixture.task, Self.other] {
                            for size in sizes {
                                for check in action == PolicyAction.release ? ["pass", "fail"] : [""] {
                                    for name in classes {
                                        found.append(
                                            PolicyFixture.request(
                                                action, model: model, class: name, purpose: purpose,
                                                requester: requester, task: task,
                                                attributes: check.isEmpty
                                                    ? [:]
                                                    : ["output.check": .string(check), "output.bytes": .integer(size)]))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return found
    }

    private struct Cell: Hashable {
        let action: String
        let className: String
        let model: String?
    }

    @Test func grantsAreExactlyWhatSomeRequestIsPermitted() throws {
        var dice = Dice(seed: 11)
        var permitted = 0
        for _ in 0..<15 {
            let policy = try policy(&dice)
            try #require(policy.problems.isEmpty, "\(policy.problems)")
            var cells: [Cell: (purposes: Set<String>, requesters: Set<String>, tasks: Set<String>)] = [:]
            let evaluator = PolicyEvaluator(policy)
            for request in requests(policy.dataClasses.keys.sorted()) where evaluator.decide(request).isPermitted {
                let cell = Cell(action: request.action, className: request.class ?? "", model: request.model)
                cells[cell, default: ([], [], [])].purposes.insert(request.purpose ?? "")
                cells[cell]?.requesters.insert(request.requester ?? "")
                cells[cell]?.tasks.insert(request.task == Self.other ? "other" : "triage")
            }
            let grants = policy.grants()
            #expect(
                Set(grants.map { Cell(action: $0.action, className: $0.class, model: $0.model) }) == Set(cells.keys))
            #expect(grants.count == cells.count)
            for grant in grants {
                let cell = try #require(
                    cells[Cell(action: grant.action, className: grant.class, model: grant.model)])
                let named = cell.purposes.filter { grant.purposes.contains($0) }
                #expect(Set(grant.purposes).isSubset(of: cell.purposes))
                #expect(grant.anyOtherPurpose == cell.purposes.contains("whatever"))
                #expect(grant.anyOtherPurpose || named == cell.purposes)
                #expect(Set(grant.requesters) == cell.requesters)
                #expect(Set(grant.tasks) == cell.tasks)
                let decision = policy.decide(grant.witness)
                #expect(decision.isPermitted)
                #expect(decision.ruleIDs.sorted() == grant.rules.sorted())
                permitted += 1
            }
        }
        #expect(permitted > 100, "only \(permitted) grants")
    }

    @Test func aPolicyThatNamesEveryIsolationIsStillLookedAt() throws {
        let rules = ["process", "microvm", "tee"].map { isolation in
            PolicyRule(
                id: isolation, effect: .permit, actions: ["bid"], classes: ["pii"],
                when: ["model.isolation": [isolation]])
        }
        let policy = try #require(PolicyFixture.shared).policy(rules: rules)
        let useless = policy.remarks.warnings.filter { $0.path.first == "rules" }.map(\.path)
        #expect(useless == [["rules", "2"]])
    }

    @Test func changesAreExactlyWhatIsDecidedOtherwise() throws {
        var dice = Dice(seed: 12)
        var loosened = 0
        var tightened = 0
        for _ in 0..<25 {
            let old = try policy(&dice)
            let names = old.dataClasses.keys.sorted()
            // A rule more, a rule less, or another one.
            var rules = old.rules.filter { _ in dice.chance(80) }
            let extra = dice.rule("extra", dice.chance(50) ? .permit : .forbid, classes: names)
            let isPlain = extra.effect == .permit && dice.chance(60)
            rules.append(
                PolicyRule(
                    id: extra.id, effect: extra.effect, actions: extra.actions, classes: extra.classes,
                    when: isPlain ? [:] : extra.when, unless: isPlain ? [:] : extra.unless))
            let new = old.with(rules: rules)
            let before = PolicyEvaluator(old)
            let after = PolicyEvaluator(new)
            var differing: [Cell: Set<PolicyChange.Direction>] = [:]
            for request in requests(names) {
                let was = before.decide(request).isPermitted
                let now = after.decide(request).isPermitted
                guard was != now else { continue }
                let cell = Cell(action: request.action, className: request.class ?? "", model: request.model)
                differing[cell, default: []].insert(now ? .loosens : .tightens)
            }
            var said: [Cell: Set<PolicyChange.Direction>] = [:]
            for change in old.changes(to: new) {
                let decisions = try #require(change.decisions, "only rules differ: \(change)")
                for action in decisions.actions {
                    for model in decisions.models.isEmpty ? [nil] : decisions.models.map(Optional.some) {
                        said[Cell(action: action, className: decisions.class, model: model), default: []]
                            .insert(change.direction)
                    }
                }
                #expect(old.decide(decisions.witness) == decisions.before)
                #expect(new.decide(decisions.witness) == decisions.after)
                #expect(decisions.after.isPermitted == (change.direction == .loosens))
                #expect(decisions.before.isPermitted == (change.direction == .tightens))
                if change.direction == .loosens { loosened += 1 } else { tightened += 1 }
            }
            #expect(said == differing)
        }
        #expect(loosened > 20 && tightened > 20, "\(loosened) loosened, \(tightened) tightened")
    }

    @Test func aForbidMoreNeverLoosens() throws {
        var dice = Dice(seed: 13)
        for _ in 0..<25 {
            let old = try policy(&dice)
            let forbid = dice.rule("extra", .forbid, classes: old.dataClasses.keys.sorted())
            #expect(old.changes(to: old.with(rules: old.rules + [forbid])).allSatisfy { $0.direction == .tightens })
            #expect(old.changes(to: old).isEmpty)
        }
    }

    /// What lint calls useless can be taken away, and no decision changes.
    @Test func aUselessRuleChangesNoDecision() throws {
        var dice = Dice(seed: 14)
        var useless = 0
        for _ in 0..<30 {
            let policy = try policy(&dice)
            for problem in policy.remarks.warnings where problem.path.first == "rules" && problem.path.count == 2 {
                let index = try #require(Int(problem.path[1]))
                let without = policy.with(rules: policy.rules.enumerated().filter { $0.offset != index }.map(\.element))
                #expect(policy.changes(to: without).isEmpty, "\(problem.found)")
                useless += 1
            }
        }
        #expect(useless > 5, "only \(useless) useless rules")
    }

    /// And what it says nothing of is needed today, or for models, requesters and tasks to come.
    @Test func whatLintIsSilentAboutIsNeededToday() throws {
        var dice = Dice(seed: 15)
        var needed = 0
        for _ in 0..<30 {
            let policy = try policy(&dice)
            let remarks = policy.remarks
            let spoken = Set((remarks.warnings + remarks.notes).filter { $0.path.first == "rules" }.map { $0.path[1] })
            for (index, rule) in policy.rules.enumerated()
            where rule.effect == .permit && !spoken.contains(String(index)) {
                let without = policy.with(rules: policy.rules.enumerated().filter { $0.offset != index }.map(\.element))
                let changes = policy.changes(to: without)
                #expect(!changes.isEmpty, "\(rule)")
                needed += 1
            }
        }
        #expect(needed > 10, "only \(needed) rules are needed")
    }

    @Test func partsThatNoDecisionShowsHaveADirection() throws {
        let fixture = try #require(PolicyFixture.shared)
        let base = fixture.policy()
        func directions(_ new: SovereignPolicy) -> [String?: PolicyChange.Direction] {
            Dictionary(base.changes(to: new).map { ($0.place, $0.direction) }) { one, other in
                one == .loosens ? one : other
            }
        }
        #expect(directions(base).isEmpty)
        #expect(directions(fixture.policy(threshold: 3)) == ["authority.threshold": .tightens])
        #expect(directions(fixture.policy(threshold: 1)) == ["authority.threshold": .loosens])
        #expect(directions(fixture.policy(requireRoles: [])) == ["authority.requireRoles": .loosens])
        #expect(directions(fixture.policy(expires: "2027-06-01T00:00:00Z")) == ["metadata.expires": .loosens])
        #expect(directions(fixture.policy(expires: "2027-04-01T00:00:00Z")) == ["metadata.expires": .tightens])
        #expect(directions(fixture.policy(notBefore: "2026-10-01T00:00:00Z")) == ["metadata.notBefore": .loosens])
        let stranger = PolicyAuthority.Member(id: "new", role: "security", key: fixture.stranger.publicKey)
        #expect(directions(fixture.policy(members: fixture.members + [stranger])) == ["authority.keys": .loosens])
        #expect(directions(fixture.policy(members: Array(fixture.members.dropLast()))) == ["authority.keys": .tightens])

        func with(
            models: [String: PolicyModel]? = nil, budgets: [String: ClassBudget] = [:],
            outputs: [String: OutputLimit]? = nil, requesters: [String: PolicyRequester]? = nil
        ) -> SovereignPolicy {
            SovereignPolicy(
                metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses,
                models: models ?? base.models, rules: base.rules, outputs: outputs ?? base.outputs, budgets: budgets,
                tasks: base.tasks, requesters: requesters ?? base.requesters, auction: base.auction)
        }
        var models = base.models
        models["local"] = PolicyFixture.model("another")
        #expect(directions(with(models: models)) == ["models.local.digest": .loosens])
        models = base.models
        models["local"] = nil
        #expect(directions(with(models: models)) == ["models.local": .tightens, nil: .tightens])
        let budget = ClassBudget(perJob: .init(cost: Money(micro: 5), wall: nil), perDay: nil)
        #expect(directions(with(budgets: ["pii": budget])) == ["budgets.pii.perJob.cost": .tightens])
        #expect(
            directions(with(outputs: ["pii": OutputLimit(schema: nil, maxBytes: 4096, cosignatures: 1)]))
                == ["outputs.pii.cosignatures": .tightens])
        func kept(_ inputs: Int64?, _ outputs: Int64?) -> SovereignPolicy {
            var classes = base.dataClasses
            classes["internal"] = DataClass(
                above: ["public"],
                retention: .init(inputs: inputs.map { .init($0) }, outputs: outputs.map { .init($0) }))
            return fixture.policy(classes: classes)
        }
        #expect(directions(kept(5, nil)) == ["dataClasses.internal.retention.inputs": .tightens])
        #expect(kept(5, 5).changes(to: kept(4, 6)).map(\.direction) == [.tightens, .loosens])
        #expect(kept(5, nil).changes(to: base).map(\.direction) == [.loosens])
        let two = [
            "w1+a17e4d4f+BLR4rNQPhV2kYTdjgPTzBDGZkWVTDh3pRnKmNJU/Ui4T",
            "w2+00000000+BLR4rNQPhV2kYTdjgPTzBDGZkWVTDh3pRnKmNJU/Ui4T",
        ]
        func witnesses(_ keys: [String]?) -> SovereignPolicy {
            SovereignPolicy(
                metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses, models: base.models,
                rules: base.rules, outputs: base.outputs, tasks: base.tasks, requesters: base.requesters,
                auction: base.auction, witnesses: keys)
        }
        #expect(directions(witnesses(two)) == ["witnesses": .tightens])
        #expect(witnesses(two).changes(to: witnesses([two[0]])).map(\.direction) == [.tightens])
        #expect(witnesses([two[0]]).changes(to: witnesses(two)).map(\.direction) == [.loosens])
        #expect(witnesses(two).changes(to: base).map(\.direction) == [.loosens])
        func output(_ limit: OutputLimit) -> SovereignPolicy { with(outputs: ["pii": limit]) }
        let checks = output(
            OutputLimit(
                schema: [.sha256([1])], maxBytes: 4096, canaries: "deny", minCell: 10, maxVerbatim: 80,
                review: .init(reviewers: 2)))
        let places = ["schema", "canaries", "minCell", "maxVerbatim", "review.reviewers"].map {
            Optional("outputs.pii.\($0)")
        }
        func all(_ direction: PolicyChange.Direction) -> [String?: PolicyChange.Direction] {
            Dictionary(uniqueKeysWithValues: places.map { ($0, direction) })
        }
        #expect(directions(checks) == all(.tightens))
        let back = checks.changes(to: base).map { ($0.place, $0.direction) }
        #expect(Dictionary(back, uniquingKeysWith: { first, _ in first }) == all(.loosens))
        let weaker = output(
            OutputLimit(
                schema: [.sha256([1]), .sha256([2])], maxBytes: 4096, canaries: "deny", minCell: 9, maxVerbatim: 81,
                review: .init(reviewers: 1)))
        #expect(checks.changes(to: weaker).allSatisfy { $0.direction == .loosens && $0.place != places[1] })
        #expect(checks.changes(to: weaker).count == 4)
        #expect(
            directions(with(outputs: [:])) == ["outputs.pii.maxBytes": .loosens, nil: .loosens],
            "no limit is the loosest")
        // Parts that no rule uses are no less parts.
        var classes = base.dataClasses
        classes["logs"] = DataClass(above: ["internal"], purposes: ["treatment"])
        #expect(directions(fixture.policy(classes: classes)) == ["dataClasses.logs.purposes": .tightens])
        classes["phi"] = DataClass(above: ["pii"], residency: ["DE", "FR"])
        #expect(directions(fixture.policy(classes: classes))["dataClasses.phi.purposes"] == .loosens)
        var requesters = base.requesters
        requesters["desk-4"] = PolicyRequester(recipient: PolicyFixture.recipient, uid: 7, roles: ["requester"])
        #expect(directions(with(requesters: requesters)) == ["requesters.desk-4.uid": .loosens])
    }

    @Test func lintTellsUselessForeverFromUselessToday() throws {
        let fixture = try #require(PolicyFixture.shared)
        let french = PolicyRule(
            id: "french", effect: .permit, actions: ["bid"], classes: ["internal"],
            when: ["model.jurisdiction": ["AT"]])
        let never = PolicyRule(
            id: "never", effect: .permit, actions: ["bid"], classes: ["internal"],
            when: ["purpose": ["support"]], unless: ["purpose": ["support", "treatment"]])
        let again = PolicyRule(
            id: "again", effect: .permit, actions: ["bid"], classes: ["pii"], when: ["purpose": ["support"]])
        let shut = PolicyRule(
            id: "shut", effect: .permit, actions: ["bid"], classes: ["phi"],
            when: ["model.deployment": ["cloud"], "purpose": ["treatment"]])
        let lock = PolicyRule(
            id: "lock", effect: .forbid, actions: ["release"], classes: ["internal"], when: ["output.check": ["fail"]])
        let policy = fixture.policy(rules: PolicyFixture.rules + [french, never, again, shut, lock])
        func said(_ problems: [PolicyProblem]) -> [String] {
            problems.filter { $0.path.first == "rules" && $0.path.count == 2 }.map {
                String($0.found.prefix { $0 != " " })
            }
        }
        #expect(said(policy.remarks.warnings) == ["never", "again", "shut"])
        #expect(said(policy.remarks.notes) == ["french", "lock"])
    }

    /// What would take minutes is not looked at, is said, and is no reason to take one key's word.
    @Test func tooManyInventoriesAreNotGuessedAbout() throws {
        let fixture = try #require(PolicyFixture.shared)
        var models = PolicyFixture.models
        for number in 0..<2_000 { models["m\(number)"] = PolicyFixture.model("m\(number)") }
        let rule = PolicyRule(
            id: "many", effect: .permit, actions: ["bid"], classes: ["public"],
            when: ["model.name": models.keys.sorted(), "model.deployment": ["onprem"], "model.jurisdiction": ["DE"]])
        let stop = PolicyAuthority.EmergencyStop(threshold: 1, may: ["revoke"])
        let first = fixture.policy(rules: [rule], models: models, emergencyStop: stop)
        #expect(first.remarks.notes.map(\.path) == [["rules"]])
        #expect(!first.remarks.warnings.contains { $0.path.first == "rules" })
        models["m0"] = nil
        let fewer = PolicyRule(
            id: "many", effect: .permit, actions: ["bid"], classes: ["public"],
            when: ["model.name": models.keys.sorted(), "model.deployment": ["onprem"], "model.jurisdiction": ["DE"]])
        let next = fixture.policy(
            sequence: 2, previous: try first.digest, rules: [fewer], models: models, emergencyStop: stop)
        #expect(first.changes(to: next).allSatisfy { $0.direction == .tightens })
        let lack = PolicyEnvelope.lack(of: [fixture.security.publicKey], for: next, after: first)
        #expect(lack?.message.contains("not listed today") == true)
    }

    @Test func lintNamesTestsThatTestNoRule() throws {
        let fixture = try #require(PolicyFixture.shared)
        let base = fixture.policy()
        func warnings(_ test: PolicyTest) -> Int {
            SovereignPolicy(
                metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses, models: base.models,
                rules: base.rules, tasks: base.tasks, requesters: base.requesters, auction: base.auction, tests: [test]
            ).remarks.warnings.count { $0.path.first == "tests" }
        }
        let misspelt = PolicyFixture.request(model: "claud")
        let timeless = PolicyFixture.request(at: nil)
        #expect(warnings(PolicyTest(name: "a", given: misspelt, expect: .deny)) == 1)
        #expect(warnings(PolicyTest(name: "a", given: timeless, expect: .deny)) == 1)
        #expect(warnings(PolicyTest(name: "a", given: timeless, expect: .deny, kind: .error)) == 0)
        #expect(warnings(PolicyTest(name: "a", given: PolicyFixture.request(model: "cloud"), expect: .deny)) == 0)
    }

    @Test func theSmallestChangePermits() throws {
        var dice = Dice(seed: 16)
        var counts = [0, 0, 0, 0]
        for _ in 0..<15 {
            let policy = try policy(&dice)
            let evaluator = PolicyEvaluator(policy)
            let all = requests(policy.dataClasses.keys.sorted())
            for _ in 0..<40 {
                let request = dice.one(of: all)
                let change = policy.smallestChange(for: request)
                guard !evaluator.explain(request).isPermitted else {
                    #expect(change == nil)
                    continue
                }
                guard let change, !change.loosens else {
                    // No other value of one attribute helps, over more values than the policy names.
                    #expect(
                        !all.contains {
                            $0.action == request.action && $0.class == request.class && differing($0, request) == 1
                                && evaluator.explain($0).isPermitted
                        })
                    continue
                }
                counts[change.request.count] += 1
                #expect(evaluator.explain(try changed(request, change.request)).isPermitted, "\(change)")
                for edit in change.request where change.request.count > 1 {
                    let less = change.request.filter { $0 != edit }
                    #expect(!evaluator.explain(try changed(request, less)).isPermitted, "\(edit) is not needed")
                }
            }
        }
        #expect(counts[1] > 20 && counts[2] > 5, "\(counts)")
    }

    /// How many attributes differ.
    private func differing(_ one: PolicyRequest, _ other: PolicyRequest) -> Int {
        var count = 0
        if one.model != other.model { count += 1 }
        if one.purpose != other.purpose { count += 1 }
        if one.requester != other.requester { count += 1 }
        if one.task != other.task { count += 1 }
        return count + ["output.check", "output.bytes"].count { one.attributes[$0] != other.attributes[$0] }
    }

    private func changed(_ request: PolicyRequest, _ edits: [SmallestChange.Edit]) throws -> PolicyRequest {
        var request = request
        for edit in edits {
            switch edit.attribute {
            case "model": request.model = edit.to
            case "purpose": request.purpose = edit.to
            case "requester": request.requester = edit.to
            case "task": request.task = edit.to == "other" ? Self.other : PolicyFixture.task
            case "output.check": request.attributes[edit.attribute] = .string(edit.to)
            case "output.bytes": request.attributes[edit.attribute] = .integer(try #require(Int64(edit.to)))
            default: Issue.record("\(edit)")
            }
        }
        return request
    }

    @Test func wherePolicyMustChangeEveryObjectionIsNamed() throws {
        let fixture = try #require(PolicyFixture.shared)
        let policy = fixture.policy()
        let cloud = PolicyFixture.request("run", model: "cloud", class: "phi.genomic", purpose: "marketing")
        #expect(
            policy.smallestChange(for: cloud)?.policy == [
                "dataClasses.phi.residency: US as well", "dataClasses.phi.purposes: marketing as well",
                "dataClasses.phi.genomic.residency: US as well", "dataClasses.phi.genomic.purposes: marketing as well",
                "rules: F1 must not forbid it", "rules: a permit of run on phi.genomic",
            ])
        let late = PolicyFixture.request(at: WallTime(rfc3339: "2028-01-01T00:00:00Z"))
        #expect(policy.smallestChange(for: late)?.request.map(\.attribute) == ["at"])
        #expect(policy.smallestChange(for: PolicyFixture.request(class: "nonsense")) == nil)
    }
}

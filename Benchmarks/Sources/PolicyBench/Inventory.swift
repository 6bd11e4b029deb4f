// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy

/// A policy of a large house: a thousand models, a thousand rules, twenty classes; the same in every run.
enum Inventory {
    /// SplitMix64.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64 = 2026

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }

        mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
        mutating func one(_ items: [String]) -> String { items[below(items.count)] }
        mutating func some(_ items: [String], _ most: Int) -> [String] {
            Set((0...below(most)).map { _ in one(items) }).sorted()
        }
    }

    private static let classes = (0..<20).map { "c\($0)" }
    private static let purposes = (0..<12).map { "purpose-\($0)" }
    private static let deployments = ["onprem", "private-cloud", "cloud"]
    private static let countries = ["DE", "FR", "NL", "US"]
    private static let models = (0..<1_000).map { "model-\($0)" }
    private static let tasks = (0..<4).map { "task-\($0)" }
    private static let roles = ["requester", "operator", "auditor"]

    static func policy(signedBy key: PublicKey) -> SovereignPolicy {
        var dice = Dice()
        var dataClasses: [String: DataClass] = [:]
        for (number, name) in classes.enumerated() {
            let above = number == 0 ? [] : [classes[(number - 1) / 2]]
            dataClasses[name] = DataClass(above: above, residency: number == 7 ? ["DE", "FR"] : nil)
        }
        var rules: [PolicyRule] = []
        for number in 0..<1_000 {
            let isPermit = number % 5 != 0
            var when: [String: [String]] = ["purpose": dice.some(purposes, 3)]
            if dice.below(3) == 0 { when["model.deployment"] = dice.some(deployments, 2) }
            if dice.below(3) == 0 { when["requester.roles"] = dice.some(roles, 2) }
            if dice.below(4) == 0 || !isPermit { when["model.name"] = dice.some(models, 20) }
            if dice.below(4) == 0 { when["task"] = dice.some(tasks, 2) }
            rules.append(
                PolicyRule(
                    id: "r\(number)", effect: isPermit ? .permit : .forbid,
                    actions: dice.some([PolicyAction.bid, PolicyAction.run, PolicyAction.keyRelease], 3),
                    classes: dice.some(classes, 3), when: when,
                    unless: dice.below(5) == 0 ? ["model.jurisdiction": dice.some(countries, 2)] : [:],
                    reason: isPermit ? nil : "rule \(number) of the house"))
        }
        let inventory = models.map { name in
            (
                name,
                PolicyModel(
                    digest: Digest.sha256(Array(name.utf8)), deployment: dice.one(deployments),
                    jurisdiction: dice.one(countries), maxClass: classes[7 + dice.below(13)], isolation: "process")
            )
        }
        let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
        return SovereignPolicy(
            metadata: PolicyMetadata(
                id: "house", sequence: 1, previous: nil, notBefore: WallTime(nanoseconds: 1_700_000_000_000_000_000),
                expires: WallTime(nanoseconds: 1_900_000_000_000_000_000)),
            authority: PolicyAuthority(
                threshold: 1, keys: [.init(id: "one", role: "data-owner", key: key)], requireRoles: []),
            dataClasses: dataClasses, models: Dictionary(uniqueKeysWithValues: inventory), rules: rules,
            tasks: Dictionary(
                uniqueKeysWithValues: tasks.map { ($0, PolicyTask(digest: Digest.sha256(Array($0.utf8)))) }),
            requesters: Dictionary(
                uniqueKeysWithValues: roles.enumerated().map { number, role in
                    (role, PolicyRequester(recipient: recipient, uid: Int64(1_000 + number), roles: [role]))
                }),
            auction: PolicyAuction(
                weights: .init(quality: 1_000_000_000, price: 0, latency: 0), explorationFloor: 0, minBids: 1))
    }

    static func requests(_ count: Int, of policy: SovereignPolicy) -> [PolicyRequest] {
        var dice = Dice(state: 7)
        return (0..<count).map { _ in
            PolicyRequest(
                action: dice.one([PolicyAction.bid, PolicyAction.run, PolicyAction.keyRelease]),
                at: policy.metadata.notBefore, model: dice.one(models), class: dice.one(classes),
                purpose: dice.one(purposes), requester: dice.one(roles), task: policy.tasks[dice.one(tasks)]?.digest)
        }
    }

    /// The same with a forbid more.
    static func shut(_ policy: SovereignPolicy) -> SovereignPolicy {
        let forbid = PolicyRule(id: "shut", effect: .forbid, actions: [PolicyAction.run], classes: ["c0"])
        return SovereignPolicy(
            metadata: policy.metadata, authority: policy.authority, dataClasses: policy.dataClasses,
            models: policy.models, rules: policy.rules + [forbid], tasks: policy.tasks, requesters: policy.requesters,
            auction: policy.auction)
    }
}

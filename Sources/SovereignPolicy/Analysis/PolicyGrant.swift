// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// That an action of a model on a class of data can be permitted, and when. Each list holds what occurs in some permitted
/// request; together they may say more than is permitted at once, so there is a request that is.
public struct PolicyGrant: Codable, Equatable, Sendable {
    public let action: String
    public let `class`: String
    /// Absent for actions that name none (`learn`).
    public let model: String?
    /// Of those that the policy names.
    public let purposes: [String]
    /// Whether a purpose that the policy does not name is permitted as well.
    public let anyOtherPurpose: Bool
    public let requesters: [String]
    public let tasks: [String]
    /// Whether something of it is permitted at every time of the policy's validity.
    public let always: Bool
    /// The rules that permit `witness`.
    public let rules: [String]
    /// A request that is permitted.
    public let witness: PolicyRequest
}

extension SovereignPolicy {
    /// What can be permitted, exactly: nothing that is not here is ever permitted under this policy.
    ///
    /// - Parameters:
    ///   - actions: by default all.
    ///   - classes: by default all. Each is about data of exactly that class.
    ///   - model: only this one.
    public func grants(actions: [String] = PolicyAction.all, classes: [String]? = nil, model: String? = nil)
        -> [PolicyGrant]
    {
        let table = PolicyTable(self, models: model.map { [$0] })
        let space = RequestSpace([self])
        return (classes ?? dataClasses.keys.sorted()).flatMap { name in
            actions.flatMap { action in
                model != nil && !PolicyTable.namesModel(action)
                    ? [] : grants(of: action, on: name, table: table, space: space)
            }
        }
    }

    private func grants(of action: String, on className: String, table: PolicyTable, space: RequestSpace)
        -> [PolicyGrant]
    {
        let subjects = table.subjects(of: action)
        let none = ModelSet.none(subjects.count)
        var all = none
        var witnesses: [Int: PolicyRequest] = [:]
        var purposes = space.purposes.map { _ in none }
        var requesters = space.requesters.map { _ in none }
        var tasks = space.tasks.map { _ in none }
        var times = space.times.map { _ in none }
        for circumstance in space.circumstances(action, class: className) {
            let permitted = table.findings(circumstance.request).permitted
            if permitted.isEmpty { continue }
            for number in permitted.subtracting(all).members { witnesses[number] = circumstance.request }
            all.formUnion(permitted)
            purposes[circumstance.purpose].formUnion(permitted)
            requesters[circumstance.requester].formUnion(permitted)
            tasks[circumstance.task].formUnion(permitted)
            times[circumstance.time].formUnion(permitted)
        }
        return all.members.compactMap { number in
            guard let circumstance = witnesses[number] else { return nil }
            let witness = circumstance.about(subjects[number])
            return PolicyGrant(
                action: action, class: className, model: subjects[number],
                purposes: space.purposes.indices.dropLast().filter { purposes[$0].contains(number) }
                    .map { space.purposes[$0] },
                anyOtherPurpose: purposes[purposes.count - 1].contains(number),
                requesters: space.requesters.indices.filter { requesters[$0].contains(number) }
                    .flatMap { space.requesters[$0].names }.sorted(),
                tasks: space.tasks.indices.filter { tasks[$0].contains(number) }.flatMap { space.tasks[$0].names }
                    .sorted(),
                always: times.allSatisfy { $0.contains(number) },
                rules: table.findings(circumstance).verdicts
                    .filter { $0.effect == .permit && $0.models.contains(number) }.map { rules[$0.index].id },
                witness: witness)
        }
    }
}

extension PolicyRequest {
    /// The same request about a model.
    func about(_ model: String?) -> PolicyRequest {
        var request = self
        request.model = model
        return request
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension Evaluation {
    mutating func array(
        _ check: SchemaCheck, _ value: JSONValue, _ node: SchemaNode, _ own: inout Evaluated
    ) -> Bool {
        guard case .array(let items) = value else { return true }
        switch check {
        case .itemCount(let keyword, let bounds):
            return bounds.contains(items.count) || violated(keyword, node, "the array has a length out of bounds")
        case .uniqueItems:
            guard spend(items.count) else { return false }
            return Set(items.map(ExactValue.init)).count == items.count
                || violated("uniqueItems", node, "the array has equal items")
        case .items(let prefix, let rest):
            var fits = true
            for (index, item) in items.enumerated() {
                guard let schema = index < prefix.count ? prefix[index] : rest else { break }
                if !descend(schema, to: item, .index(index)) { fits = false }
                if !fits, !reporting { return false }
            }
            own.prefix = max(own.prefix, rest == nil ? min(prefix.count, items.count) : items.count)
            return fits
        case .contains(let schema, let bounds):
            var count = 0
            for (index, item) in items.enumerated() where attempt(schema, item: item) {
                count += 1
                own.items.insert(index)
            }
            return bounds.contains(count) || violated("contains", node, "too few or too many items fit")
        case .unevaluatedItems(let schema):
            var fits = true
            for (index, item) in items.enumerated() where index >= own.prefix && !own.items.contains(index) {
                if !descend(schema, to: item, .index(index)) { fits = false }
            }
            own.prefix = items.count
            return fits
        default: return true
        }
    }

    mutating func object(
        _ check: SchemaCheck, _ value: JSONValue, _ node: SchemaNode, _ own: inout Evaluated
    ) -> Bool {
        guard case .object(let members) = value else { return true }
        switch check {
        case .memberCount(let keyword, let bounds):
            return bounds.contains(members.count)
                || violated(keyword, node, "the object has too few or too many members")
        case .required(let names):
            var fits = true
            for name in names where members.exact(name) == nil {
                fits = violated("required", node, "the member “\(name)” is missing")
            }
            return fits
        case .dependentRequired(let dependencies):
            var fits = true
            for dependency in dependencies where members.exact(dependency.member) != nil {
                for name in dependency.demand where members.exact(name) == nil {
                    fits = violated(
                        "dependentRequired", node, "“\(dependency.member)” also wants the member “\(name)”")
                }
            }
            return fits
        case .members(let rules): return self.members(members, rules, &own)
        case .propertyNames(let schema):
            var fits = true
            for name in members.keys.sorted() where !descend(schema, to: .string(name), .other) { fits = false }
            return fits
        case .unevaluatedProperties(let schema):
            guard !own.allMembers else { return true }
            var fits = true
            for name in members.keys.sorted() where !own.members.contains(name) {
                if let member = members[name], !descend(schema, to: member, .other) { fits = false }
            }
            own.allMembers = true
            return fits
        default: return true
        }
    }

    private mutating func members(
        _ members: [String: JSONValue], _ rules: MemberRules, _ own: inout Evaluated
    ) -> Bool {
        var fits = true
        for name in members.keys.sorted() {
            guard let member = members[name] else { continue }
            var known = false
            if let schema = rules.named.exact(name) {
                known = true
                if !descend(schema, to: member, .named(name)) { fits = false }
            }
            for (pattern, schema) in rules.patterns where matches(pattern, name) {
                known = true
                if !descend(schema, to: member, .other) { fits = false }
            }
            if !known, let schema = rules.additional {
                known = true
                if !descend(schema, to: member, .other) { fits = false }
            }
            if known, schema.usesUnevaluated { own.members.insert(name) }
            if !fits, !reporting { return false }
        }
        return fits
    }
}

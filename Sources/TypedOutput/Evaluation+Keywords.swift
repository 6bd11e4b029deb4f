// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

extension Evaluation {
    /// One keyword against one value; keywords for other types of value hold.
    mutating func judge(_ check: SchemaCheck, _ value: JSONValue, _ node: SchemaNode, _ own: inout Evaluated) -> Bool {
        switch check {
        case .never:
            return violated("", node, "nothing is allowed here")
        case .type(let types):
            if types.contains(where: { $0.admits(value) }) { return true }
            return violated(
                "type", node, "the type must be \(types.map(\.rawValue).sorted().joined(separator: " or "))")
        case .const(let expected):
            guard spend(1) else { return false }
            return ExactValue(value) == expected || violated("const", node, "only one value is allowed")
        case .enum(let allowed):
            return allowed.contains(ExactValue(value))
                || violated("enum", node, "the value is not one of those allowed")
        case .multipleOf, .bound: return number(check, value, node)
        case .length, .pattern: return string(check, value, node)
        case .itemCount, .uniqueItems, .items, .contains, .unevaluatedItems: return array(check, value, node, &own)
        case .memberCount, .required, .dependentRequired, .members, .propertyNames, .unevaluatedProperties:
            return object(check, value, node, &own)
        default: return combination(check, value, node, &own)
        }
    }

    private mutating func number(_ check: SchemaCheck, _ value: JSONValue, _ node: SchemaNode) -> Bool {
        guard let number = ExactDecimal(value) else { return true }
        switch check {
        case .multipleOf(let divisor):
            return number.isMultiple(of: divisor)
                || violated("multipleOf", node, "the number must be a multiple of the given one")
        case .bound(let keyword, let limit, let orders):
            return orders.contains(ExactDecimal.compare(number, limit))
                || violated(keyword, node, "the number is out of bounds")
        default: return true
        }
    }

    private mutating func string(_ check: SchemaCheck, _ value: JSONValue, _ node: SchemaNode) -> Bool {
        guard case .string(let text) = value else { return true }
        switch check {
        case .length(let keyword, let bounds):
            return bounds.contains(text.unicodeScalars.count)
                || violated(keyword, node, "the string has a length out of bounds")
        case .pattern(let pattern):
            return matches(pattern, text) || violated("pattern", node, "the string does not match the pattern")
        default: return true
        }
    }

    private mutating func combination(
        _ check: SchemaCheck, _ value: JSONValue, _ node: SchemaNode, _ own: inout Evaluated
    ) -> Bool {
        switch check {
        case .allOf(let nodes):
            var fits = true
            for index in nodes where !apply(index, to: value, &own) { fits = false }
            return fits
        case .anyOf(let nodes):
            var fits = false
            for index in nodes where attempt(index, value, &own) {
                fits = true
                // Without unevaluated… nobody asks what the other branches would have looked at.
                if !schema.usesUnevaluated { break }
            }
            return fits || violated("anyOf", node, "the value fits none of the alternatives")
        case .oneOf(let nodes):
            var found = Evaluated()
            var count = 0
            for index in nodes where count < 2 && attempt(index, value, &found) { count += 1 }
            guard count == 1 else {
                return violated(
                    "oneOf", node,
                    count == 0 ? "the value fits none of the alternatives" : "the value fits more than one alternative")
            }
            own.merge(found)
            return true
        case .not(let index):
            var ignored = Evaluated()
            return !attempt(index, value, &ignored) || violated("not", node, "the value fits what it must not")
        case .conditional(let condition, let then, let otherwise):
            let branch = attempt(condition, value, &own) ? then : otherwise
            return branch.map { apply($0, to: value, &own) } ?? true
        case .dependentSchemas(let dependencies):
            guard case .object(let members) = value else { return true }
            var fits = true
            for dependency in dependencies where members.exact(dependency.member) != nil {
                if !apply(dependency.demand, to: value, &own) { fits = false }
            }
            return fits
        case .reference(let index): return apply(index, to: value, &own)
        case .dynamicReference(let index, let name): return apply(dynamicTarget(index, name), to: value, &own)
        default: return true
        }
    }
}

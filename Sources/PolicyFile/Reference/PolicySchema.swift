// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// The JSON Schema that gives editors completion, written from the same keys and words as the reference.
enum PolicySchema {
    static var text: String {
        let schema = Written.object([
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("$id", .string("urn:atomic:schema:sovereign-policy:v1")), ("title", .string("Atomic sovereign policy")),
            (
                "description",
                .string(
                    "Which models may bid on, run on and release which classes of data. See docs/policy-reference.md.")
            ),
        ]).adding(mapping(PolicyKeys.all)).adding(.object([("$defs", definitions)]))
        return schema.lines(0).joined(separator: "\n") + "\n"
    }

    private static func mapping(_ keys: [PolicyKey], beside: [(String, Written)] = []) -> Written {
        let required = keys.filter(\.isRequired).map(\.name).sorted().map(Written.string)
        return .object(
            [("type", .string("object")), ("properties", .object(keys.map { ($0.name, property($0)) }))]
                + (required.isEmpty ? [] : [("required", .array(required))]) + [("additionalProperties", .flag(false))]
                + beside)
    }

    private static func property(_ key: PolicyKey) -> Written {
        let form = form(key.value)
        return key.meaning.isEmpty ? form : form.adding(.object([("description", .string(plain(key.meaning)))]))
    }

    private static func form(_ value: PolicyValue) -> Written {
        func string(_ pattern: String) -> Written {
            .object([("type", .string("string")), ("pattern", .string(pattern))])
        }
        func reference(_ name: String) -> Written { .object([("$ref", .string("#/$defs/\(name)"))]) }
        func array(_ items: Written, least: Int) -> Written {
            .object(
                [("type", .string("array")), ("items", items)]
                    + (least > 0 ? [("minItems", .integer(Int64(least)))] : []))
        }
        switch value {
        case .constant(let text): return .object([("const", .string(text))])
        case .name: return reference("name")
        case .line: return reference("line")
        case .text: return .object([("type", .string("string"))])
        case .integer(let least, let most):
            return .object(
                [("type", .string("integer"))] + (least.map { [("minimum", .integer($0))] } ?? [])
                    + (most.map { [("maximum", .integer($0))] } ?? []))
        case .decimal(let most):
            return .object([("type", .string("number")), ("minimum", .integer(0)), ("maximum", .integer(most))])
        case .isTrue: return .object([("enum", .array([.flag(true)]))])
        case .words(let words): return .object([("enum", .array(words.map(Written.string)))])
        case .digest: return reference("digest")
        case .time: return reference("time")
        case .duration: return reference("duration")
        case .money: return reference("money")
        case .country: return reference("country")
        case .publicKey: return reference("key")
        case .recipient: return string("^age1[02-9ac-hj-np-z]{58}$")
        case .witness: return string("^[^+\\s]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]+={0,2}$")
        case .nameOrDigest: return .object([("anyOf", .array([reference("name"), reference("digest")]))])
        case .oneOrMany(let value):
            return .object([("anyOf", .array([form(value), array(form(value), least: 1)]))])
        case .list(let value, let least): return array(form(value), least: least)
        case .named(_, let value):
            return .object([
                ("type", .string("object")), ("propertyNames", reference("name")),
                ("additionalProperties", form(value)),
            ])
        case .mapping(let keys): return mapping(keys)
        case .mappingWithOne(let names, let keys):
            let choices = names.map { Written.object([("required", .array([.string($0)]))]) }
            return mapping(keys, beside: [("oneOf", .array(choices))])
        case .conditions(let keys):
            if keys.isEmpty { return reference("conditions") }
            let attributes = PolicyAttribute.allCases.map {
                ($0.rawValue, reference("conditions/properties/\($0.rawValue)"))
            }
            return .object([
                ("type", .string("object")), ("properties", .object(keys.map { ($0.name, property($0)) } + attributes)),
                ("additionalProperties", .flag(false)), ("minProperties", .integer(1)),
            ])
        case .comparison: return string("^[<>]=? (0|[1-9][0-9]*)$")
        case .hours: return string("^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00) \(zone)$")
        case .days:
            let day = "(" + TimeWindow.weekdays.joined(separator: "|") + ")"
            return string("^\(day)(-\(day))? \(zone)$")
        }
    }

    private static let zone = "[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*"

    private static var definitions: Written {
        func string(_ pattern: String) -> Written {
            .object([("type", .string("string")), ("pattern", .string(pattern))])
        }
        let attributes = PolicyAttribute.allCases.map { attribute in
            (
                attribute.rawValue,
                form(.oneOrMany(attribute.value)).adding(.object([("description", .string(plain(attribute.meaning)))]))
            )
        }
        return .object([
            ("name", string("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")), ("digest", string("^sha256:[0-9a-f]{64}$")),
            ("key", string("^(ed25519|p384):[A-Za-z0-9+/]+={0,2}$")), ("country", string("^[A-Z]{2}$")),
            ("time", string("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$")),
            ("duration", string("^[0-9]+(ms|s|m|h|d)$")),
            ("money", string("^(0|[1-9][0-9]*)(\\.[0-9]{1,6})? [A-Z]{3}$")),
            (
                "line",
                .object([("type", .string("string")), ("minLength", .integer(1)), ("maxLength", .integer(200))])
            ),
            (
                "conditions",
                .object([
                    ("type", .string("object")), ("properties", .object(attributes)),
                    ("additionalProperties", .flag(false)),
                    ("description", .string("Several values mean any, several attributes mean all.")),
                    ("minProperties", .integer(1)),
                ])
            ),
        ])
    }

    /// Markdown without its marks: links that only point elsewhere go, others leave their text.
    static func plain(_ markdown: String) -> String {
        markdown.replacing(/\ \(\[[^\]]+\]\([^)]+\)\)/, with: "").replacing(/\[([^\]]+)\]\([^)]+\)/) { $0.output.1 }
            .filter { $0 != "`" && $0 != "*" }
    }
}

/// JSON for people: members in the order in which they were said, one to a line.
private enum Written {
    case object([(String, Written)])
    case array([Written])
    case string(String)
    case integer(Int64)
    case flag(Bool)

    func adding(_ other: Written) -> Written {
        guard case .object(let ours) = self, case .object(let theirs) = other else { return self }
        return .object(ours + theirs)
    }

    func lines(_ depth: Int) -> [String] {
        let space = String(repeating: "  ", count: depth + 1)
        func within(_ open: String, _ close: String, _ parts: [[String]]) -> [String] {
            if parts.isEmpty { return [open + close] }
            var lines = [open]
            for (number, part) in parts.enumerated() {
                lines += part
                if number + 1 < parts.count { lines[lines.count - 1] += "," }
            }
            return lines + [String(space.dropLast(2)) + close]
        }
        switch self {
        case .object(let members):
            return within(
                "{", "}",
                members.map { name, value in
                    var lines = value.lines(depth + 1)
                    lines[0] = space + Self.quoted(name) + ": " + lines[0]
                    return lines
                })
        case .array(let items):
            return within(
                "[", "]",
                items.map { item in
                    var lines = item.lines(depth + 1)
                    lines[0] = space + lines[0]
                    return lines
                })
        case .string(let text): return [Self.quoted(text)]
        case .integer(let number): return [String(number)]
        case .flag(let flag): return [flag ? "true" : "false"]
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONValue.appendCanonical(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

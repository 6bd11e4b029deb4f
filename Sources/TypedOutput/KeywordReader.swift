// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Reads the keywords of one schema object into checks.
struct KeywordReader {
    let keywords: [String: JSONValue]
    let path: String
    let resource: Int
    let node: Int
    private var checks: [SchemaCheck] = []

    init(keywords: [String: JSONValue], path: String, resource: Int, node: Int) {
        self.keywords = keywords
        self.path = path
        self.resource = resource
        self.node = node
    }

    /// Keywords that say nothing about validity, or that the compiler reads elsewhere.
    private static let silent: Set<String> = [
        "$schema", "$id", "$anchor", "$dynamicAnchor", "$comment", "title", "description", "default", "deprecated",
        "readOnly", "writeOnly", "examples",
    ]

    private static let judged: Set<String> = [
        "$ref", "$dynamicRef", "$defs", "type", "const", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
        "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "prefixItems",
        "items", "contains", "maxContains", "minContains", "maxProperties", "minProperties", "required",
        "dependentRequired", "properties", "patternProperties", "additionalProperties", "propertyNames",
        "dependentSchemas", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "unevaluatedItems",
        "unevaluatedProperties",
    ]

    mutating func read(with compiler: inout SchemaCompiler) throws(TypedOutputError) -> [SchemaCheck] {
        for name in keywords.keys.sorted() where !Self.silent.contains(name) && !Self.judged.contains(name) {
            throw .schema(
                .keyword, at: at(name), "this keyword is not implemented, and none is ignored",
                remedy: name == "definitions"
                    ? "use $defs" : "leave it out, or say it with the keywords of docs/typed-output.md")
        }
        _ = try map("$defs", &compiler)
        try references(&compiler)
        try anyValue()
        try numbers()
        try strings()
        try arrays(&compiler)
        try objects(&compiler)
        try combinations(&compiler)
        try unevaluated(&compiler)
        return checks
    }

    private func at(_ name: String) -> String { path + "/" + PathStep.escaped(name) }

    // MARK: Values of keywords

    private func subschema(_ name: String, _ compiler: inout SchemaCompiler) throws(TypedOutputError) -> Int? {
        guard let value = keywords[name] else { return nil }
        return try compiler.schema(value, path: at(name), resource: resource)
    }

    private func list(_ name: String, _ compiler: inout SchemaCompiler) throws(TypedOutputError) -> [Int]? {
        guard let value = keywords[name] else { return nil }
        guard let items = value.arrayValue, !items.isEmpty else {
            throw .malformed(at(name), "a non-empty array of schemas is wanted")
        }
        var nodes: [Int] = []
        for (index, item) in items.enumerated() {
            nodes.append(try compiler.schema(item, path: "\(at(name))/\(index)", resource: resource))
        }
        return nodes
    }

    private func map(
        _ name: String, _ compiler: inout SchemaCompiler
    ) throws(TypedOutputError) -> [(key: String, node: Int)]? {
        guard let value = keywords[name] else { return nil }
        guard let members = value.objectValue else { throw .malformed(at(name), "an object of schemas is wanted") }
        var nodes: [(key: String, node: Int)] = []
        for key in members.keys.sorted() {
            let path = at(name) + "/" + PathStep.escaped(key)
            nodes.append((key, try compiler.schema(members[key] ?? .null, path: path, resource: resource)))
        }
        return nodes
    }

    private func count(_ name: String) throws(TypedOutputError) -> Int? {
        guard let value = keywords[name] else { return nil }
        let number: Int? =
            switch value {
            case .integer(let number): Int(number)
            case .double(let number): Int(exactly: number)
            default: nil
            }
        guard let number, number >= 0 else { throw .malformed(at(name), "a non-negative integer is wanted") }
        return number
    }

    private func names(_ value: JSONValue?, _ path: String) throws(TypedOutputError) -> [String] {
        guard let items = value?.arrayValue else { throw .malformed(path, "an array of names is wanted") }
        var names: [String] = []
        for item in items {
            guard let name = item.stringValue, !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                throw .malformed(path, "an array of different names is wanted")
            }
            names.append(name)
        }
        return names
    }

    private func compiled(_ pattern: String, _ path: String) throws(TypedOutputError) -> SafePattern {
        do {
            return try SafePattern(pattern)
        } catch {
            throw .schema(
                .pattern, at: path, "the pattern has \(error.reason)",
                remedy: "write a pattern that a finite automaton can match")
        }
    }

    // MARK: Families of keywords

    private mutating func references(_ compiler: inout SchemaCompiler) throws(TypedOutputError) {
        for (name, dynamic) in [("$ref", false), ("$dynamicRef", true)] {
            guard let value = keywords[name] else { continue }
            guard let target = value.stringValue else { throw .malformed(at(name), "a string is wanted") }
            compiler.refer(node: node, check: checks.count, target: target, dynamic: dynamic, path: at(name))
            checks.append(.never)
        }
    }

    private mutating func anyValue() throws(TypedOutputError) {
        if let value = keywords["type"] {
            let names = if let name = value.stringValue { [name] } else { try self.names(value, at("type")) }
            var types: Set<JSONType> = []
            for name in names {
                guard let type = JSONType(rawValue: name) else {
                    throw .malformed(at("type"), "this is no type of JSON")
                }
                types.insert(type)
            }
            guard !types.isEmpty else { throw .malformed(at("type"), "at least one type is wanted") }
            checks.append(.type(types))
        }
        if let value = keywords["const"] { checks.append(.const(ExactValue(value))) }
        if let value = keywords["enum"] {
            guard let values = value.arrayValue else { throw .malformed(at("enum"), "an array is wanted") }
            checks.append(.enum(Set(values.map(ExactValue.init))))
        }
    }

    private mutating func numbers() throws(TypedOutputError) {
        if let value = keywords["multipleOf"] {
            guard let divisor = ExactDecimal(value), !divisor.negative, divisor.digits > 0 else {
                throw .malformed(at("multipleOf"), "a number above 0 is wanted")
            }
            checks.append(.multipleOf(divisor))
        }
        let bounds: [(String, Set<Int>)] = [
            ("maximum", [-1, 0]), ("exclusiveMaximum", [-1]), ("minimum", [0, 1]), ("exclusiveMinimum", [1]),
        ]
        for (name, orders) in bounds {
            guard let value = keywords[name] else { continue }
            guard let limit = ExactDecimal(value) else { throw .malformed(at(name), "a number is wanted") }
            checks.append(.bound(keyword: name, limit: limit, orders: orders))
        }
    }

    private mutating func strings() throws(TypedOutputError) {
        if let most = try count("maxLength") { checks.append(.length(keyword: "maxLength", bounds: 0...most)) }
        if let least = try count("minLength") { checks.append(.length(keyword: "minLength", bounds: least...Int.max)) }
        if let value = keywords["pattern"] {
            guard let pattern = value.stringValue else { throw .malformed(at("pattern"), "a string is wanted") }
            checks.append(.pattern(try compiled(pattern, at("pattern"))))
        }
    }

    private mutating func arrays(_ compiler: inout SchemaCompiler) throws(TypedOutputError) {
        if let most = try count("maxItems") { checks.append(.itemCount(keyword: "maxItems", bounds: 0...most)) }
        if let least = try count("minItems") { checks.append(.itemCount(keyword: "minItems", bounds: least...Int.max)) }
        if let value = keywords["uniqueItems"] {
            guard let unique = value.boolValue else { throw .malformed(at("uniqueItems"), "true or false is wanted") }
            if unique { checks.append(.uniqueItems) }
        }
        let prefix = try list("prefixItems", &compiler)
        let rest = try subschema("items", &compiler)
        if prefix != nil || rest != nil { checks.append(.items(prefix: prefix ?? [], rest: rest)) }

        let least = try count("minContains") ?? 1
        let most = try count("maxContains") ?? Int.max
        if let node = try subschema("contains", &compiler) {
            // More wanted than allowed can be written, and then nothing fits.
            if least <= most {
                checks.append(.contains(node, bounds: least...most))
            } else {
                checks += [.contains(node, bounds: least...Int.max), .contains(node, bounds: 0...most)]
            }
        }
    }

    private mutating func objects(_ compiler: inout SchemaCompiler) throws(TypedOutputError) {
        if let most = try count("maxProperties") {
            checks.append(.memberCount(keyword: "maxProperties", bounds: 0...most))
        }
        if let least = try count("minProperties") {
            checks.append(.memberCount(keyword: "minProperties", bounds: least...Int.max))
        }
        if let value = keywords["required"] { checks.append(.required(try names(value, at("required")))) }
        if let value = keywords["dependentRequired"] {
            guard let members = value.objectValue else {
                throw .malformed(at("dependentRequired"), "an object is wanted")
            }
            var dependencies: [Dependency<[String]>] = []
            for key in members.keys.sorted() {
                dependencies.append(Dependency(member: key, demand: try names(members[key], at("dependentRequired"))))
            }
            checks.append(.dependentRequired(dependencies))
        }
        if let node = try subschema("propertyNames", &compiler) { checks.append(.propertyNames(node)) }
        try members(&compiler)
        if let map = try map("dependentSchemas", &compiler) {
            checks.append(.dependentSchemas(map.map { Dependency(member: $0.key, demand: $0.node) }))
        }
    }

    private mutating func members(_ compiler: inout SchemaCompiler) throws(TypedOutputError) {
        var rules = MemberRules()
        for (key, node) in try map("properties", &compiler) ?? [] { rules.named[key] = node }
        for (key, node) in try map("patternProperties", &compiler) ?? [] {
            rules.patterns.append((try compiled(key, at("patternProperties")), node))
        }
        rules.additional = try subschema("additionalProperties", &compiler)
        if !rules.named.isEmpty || !rules.patterns.isEmpty || rules.additional != nil { checks.append(.members(rules)) }
    }

    private mutating func combinations(_ compiler: inout SchemaCompiler) throws(TypedOutputError) {
        if let nodes = try list("allOf", &compiler) { checks.append(.allOf(nodes)) }
        if let nodes = try list("anyOf", &compiler) { checks.append(.anyOf(nodes)) }
        if let nodes = try list("oneOf", &compiler) { checks.append(.oneOf(nodes)) }
        if let node = try subschema("not", &compiler) { checks.append(.not(node)) }
        let then = try subschema("then", &compiler)
        let otherwise = try subschema("else", &compiler)
        if let condition = try subschema("if", &compiler) {
            checks.append(.conditional(if: condition, then: then, else: otherwise))
        }
    }

    /// Last, because they look at what all the others evaluated.
    private mutating func unevaluated(_ compiler: inout SchemaCompiler) throws(TypedOutputError) {
        if let node = try subschema("unevaluatedItems", &compiler) {
            checks.append(.unevaluatedItems(node))
            compiler.noteUnevaluated()
        }
        if let node = try subschema("unevaluatedProperties", &compiler) {
            checks.append(.unevaluatedProperties(node))
            compiler.noteUnevaluated()
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import PolicyFile

/// What a model can take besides the input, without being trained again. Hints: the context analyser chooses within them,
/// and a model gets nothing that it did not ask for.
public struct AdaptationHints: Codable, Hashable, Sendable {
    /// A setting of the program and the values it takes, the default first.
    public struct Parameter: Codable, Hashable, Sendable {
        public let name: String
        /// Strings, integers or booleans, 1 to 16 of them.
        public let values: [JSONValue]

        public static func == (left: Self, right: Self) -> Bool {
            left.name == right.name && left.values == right.values
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            hasher.combine(values.count)
        }
    }

    public static let demonstrationLimit: Int64 = 64
    public static let memoryLimit: Int64 = 1000

    /// Labelled examples that one call takes in its plan, 0 to 64.
    public let demonstrations: Int64
    /// Labelled examples that the process takes by `feedback` before its first call, 0 to 1000.
    public let memory: Int64
    /// Names of prompt templates, the default first.
    public let templates: [String]
    public let parameters: [Parameter]

    static func read(_ node: YAMLNode) throws(PolicyFileError) -> AdaptationHints {
        let mapping = try node.mapping()
        let hints = AdaptationHints(
            demonstrations: try mapping.optional("demonstrations").map(count(to: demonstrationLimit)) ?? 0,
            memory: try mapping.optional("memory").map(count(to: memoryLimit)) ?? 0,
            templates: try mapping.optional("templates").map(names) ?? [],
            parameters: try mapping.optional("parameters").map(parameters) ?? [])
        try mapping.finish()
        return hints
    }

    private static func count(to limit: Int64) -> (YAMLNode) throws(PolicyFileError) -> Int64 {
        { node throws(PolicyFileError) in try node.integer(in: 0...limit) }
    }

    private static func names(_ node: YAMLNode) throws(PolicyFileError) -> [String] {
        var names: [String] = []
        for item in try node.sequence() {
            let name = try ManifestFile.name(item)
            guard !names.contains(name) else {
                throw item.refusing("value", found: "“\(name)” for the second time", allowed: "each name once")
            }
            names.append(name)
        }
        guard (1...16).contains(names.count) else { throw node.refusing("value", allowed: "1 to 16 names") }
        return names
    }

    private static func parameters(_ node: YAMLNode) throws(PolicyFileError) -> [Parameter] {
        var found: [Parameter] = []
        for item in try node.sequence() {
            let mapping = try item.mapping()
            let nameNode = try mapping.required("name")
            let name = try ManifestFile.name(nameNode)
            guard !found.contains(where: { $0.name == name }) else {
                throw nameNode.refusing("value", found: "“\(name)” for the second time", allowed: "each name once")
            }
            let valuesNode = try mapping.required("values")
            var values: [JSONValue] = []
            for value in try valuesNode.sequence() {
                switch value.content {
                case .sequence, .mapping:
                    throw value.refusing("type", allowed: "a string, an integer, true or false")
                default: values.append(try value.json)
                }
            }
            guard (1...16).contains(values.count) else { throw valuesNode.refusing("value", allowed: "1 to 16 values") }
            try mapping.finish()
            found.append(Parameter(name: name, values: values))
        }
        guard (1...16).contains(found.count) else { throw node.refusing("value", allowed: "1 to 16 parameters") }
        return found
    }
}

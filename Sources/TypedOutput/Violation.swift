// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// One way in which a value does not fit its schema. It never carries content of the value.
public struct Violation: Codable, Hashable, Sendable {
    /// JSON Pointer into the value. A member whose name the schema does not spell out is `*`, since its name is content.
    public let path: String
    /// The keyword that failed, or `work` when judging the value would take more than the allowed work.
    public let keyword: String
    /// JSON Pointer into the schema.
    public let schemaPath: String
    /// What the keyword demands, in words, without anything of the value.
    public let message: String
}

/// A step of the way to a part of the value.
enum PathStep {
    /// A name that the schema spells out.
    case named(String)
    /// A member the schema knows by pattern or not at all.
    case other
    case index(Int)

    static func pointer(_ steps: [PathStep]) -> String {
        steps.map { step in
            switch step {
            case .named(let name): "/" + escaped(name)
            case .other: "/*"
            case .index(let index): "/\(index)"
            }
        }.joined()
    }

    /// RFC 6901.
    static func escaped(_ name: String) -> String {
        var out = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}

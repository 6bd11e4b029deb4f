// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import SovereignPolicy

/// One key of a policy file: what the reference and the schema for editors say of it. That the reader asks for these keys and no
/// other is tested.
struct PolicyKey: Sendable {
    let name: String
    let value: PolicyValue
    let isRequired: Bool
    /// One line for people, in Markdown.
    let meaning: String

    static func required(_ name: String, _ value: PolicyValue, _ meaning: String = "") -> PolicyKey {
        PolicyKey(name: name, value: value, isRequired: true, meaning: meaning)
    }

    static func optional(_ name: String, _ value: PolicyValue, _ meaning: String = "") -> PolicyKey {
        PolicyKey(name: name, value: value, isRequired: false, meaning: meaning)
    }
}

/// What may stand behind a key.
indirect enum PolicyValue: Sendable {
    case constant(String)
    /// Letters, digits, `.`, `_`, `-`, at most 64.
    case name
    /// One line of at most 200 characters.
    case line
    /// Any string.
    case text
    case integer(least: Int64?, most: Int64?)
    /// Only where it is asked for.
    case decimal(most: Int64)
    case isTrue
    case words([String])
    case digest
    case time
    case duration
    case money
    case country
    case publicKey
    case recipient
    /// A witness's verifier key.
    case witness
    /// A name of the section, or a digest.
    case nameOrDigest
    case oneOrMany(PolicyValue)
    case list(of: PolicyValue, least: Int)
    /// A mapping whose keys are names, which the reference writes as `CLASS` or the like.
    case named(String, PolicyValue)
    case mapping([PolicyKey])
    /// The same, with exactly one of some of its keys.
    case mappingWithOne(of: [String], [PolicyKey])
    /// A mapping of attributes to one or many values, with other keys beside them.
    case conditions([PolicyKey])
    /// Values of a number: `<= N` and its like.
    case comparison
    case hours
    case days

    static let count = PolicyValue.integer(least: 1, most: nil)
}

extension PolicyAttribute {
    /// One value of a condition.
    var value: PolicyValue {
        switch domain {
        case .oneOf(let words): .words(words)
        case .listed, .name: .name
        case .country: .country
        case .comparison: .comparison
        case .hours: .hours
        case .days: .days
        }
    }

    /// The value in a request, where it is not one of a list.
    var requestValue: PolicyValue {
        if case .comparison = domain { .integer(least: 0, most: nil) } else { value }
    }
}

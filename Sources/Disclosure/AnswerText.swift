// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The text of a JSON value without JSON: what a reader of the value reads.
public enum AnswerText {
    /// Strings and numbers in the order of the canonical form, one behind the other without anything between them: a text that was
    /// cut into a list of words is a text again.
    public static func values(of value: JSONValue) -> [UInt8] {
        var out: [UInt8] = []
        append(value, to: &out)
        return out
    }

    /// The names of all members, one behind the other: what a model may write, it may write there too.
    static func names(of value: JSONValue) -> [UInt8] {
        var out: [UInt8] = []
        appendNames(value, to: &out)
        return out
    }

    private static func append(_ value: JSONValue, to out: inout [UInt8]) {
        switch value {
        case .null, .bool: break
        case .string(let text): out += text.utf8
        case .integer, .double: value.appendCanonical(to: &out)
        case .array(let items): for item in items { append(item, to: &out) }
        case .object(let members):
            for name in sorted(members) { if let member = members[name] { append(member, to: &out) } }
        }
    }

    private static func appendNames(_ value: JSONValue, to out: inout [UInt8]) {
        switch value {
        case .null, .bool, .string, .integer, .double: break
        case .array(let items): for item in items { appendNames(item, to: &out) }
        case .object(let members):
            for name in sorted(members) {
                out += name.utf8
                if let member = members[name] { appendNames(member, to: &out) }
            }
        }
    }

    /// RFC 8785 sorts by UTF-16 code units.
    private static func sorted(_ members: [String: JSONValue]) -> [String] {
        members.keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
    }
}

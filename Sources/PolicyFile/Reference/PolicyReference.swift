// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import SovereignPolicy

/// The reference of the policy language as far as it lists words: written from the vocabulary that the reader and the evaluator
/// use, into the page that people write around it.
public enum PolicyReference {
    /// The page with each section that is written here put anew between its markers.
    ///
    /// - Throws: `reference` when the page lacks the markers of a section.
    public static func page(_ page: String) throws(PolicyFileError) -> String {
        var page = page
        for (name, lines) in [("keys", keys), ("actions", actions), ("conditions", conditions)] {
            let begin = "<!-- \(name): written by scripts/reference -->\n"
            let end = "<!-- end of \(name) -->\n"
            let before = page.split(separator: begin, omittingEmptySubsequences: false)
            let after = before.last?.split(separator: end, omittingEmptySubsequences: false) ?? []
            guard before.count == 2, after.count == 2 else {
                throw PolicyFileError(
                    "reference", "the page has no place for \(name)",
                    remedy: "put the lines \(begin.dropLast()) and \(end.dropLast()) around it", exit: .failed)
            }
            page = before[0] + begin + "\n" + lines.joined(separator: "\n") + "\n\n" + end + after[1]
        }
        return page
    }

    /// The JSON Schema for editors.
    public static var schema: String { PolicySchema.text }

    /// The first line in which two texts differ, for people: what stands there and what should.
    public static func difference(_ found: String, _ wanted: String) -> String? {
        let (ones, others) = (lines(found), lines(wanted))
        guard
            let place = (0..<max(ones.count, others.count)).first(where: { place in
                place >= ones.count || place >= others.count || ones[place] != others[place]
            })
        else { return nil }
        func line(_ lines: [Substring]) -> String { place < lines.count ? "“\(lines[place])”" : "the end" }
        return "line \(place + 1): found \(line(ones)), the vocabulary says \(line(others))"
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private static var keys: [String] {
        table(["key", "value", "", ""]) { rows in
            func list(_ keys: [PolicyKey], under path: String) {
                for key in keys {
                    let path = path + key.name
                    let (place, inner) = key.value.inner(path)
                    guard let inner else {
                        rows.append([code(path), key.value.words, key.isRequired ? "required" : "", key.meaning])
                        continue
                    }
                    // A mapping has a row of its own where there is something to say of it as a whole.
                    if !key.meaning.isEmpty || !key.isRequired {
                        rows.append([code(path), key.value.words, key.isRequired ? "required" : "", key.meaning])
                    }
                    list(inner, under: place + ".")
                }
            }
            list(PolicyKeys.all, under: "")
        }
    }

    private static var actions: [String] {
        table(["action", "question"]) { rows in
            rows += PolicyAction.meanings.map { [code($0), $1] }
        }
    }

    private static var conditions: [String] {
        table(["attribute", "type", "values", "asked of", "meaning"]) { rows in
            rows += PolicyAttribute.allCases.map { attribute in
                [
                    code(attribute.rawValue), type(of: attribute), values(of: attribute), actions(of: attribute),
                    attribute.meaning,
                ]
            }
        }
    }

    private static func type(of attribute: PolicyAttribute) -> String {
        switch attribute.domain {
        case .oneOf: "word"
        case .listed, .name: "name"
        case .country: "country"
        case .comparison: "number"
        case .hours, .days: "window of time"
        }
    }

    private static func values(of attribute: PolicyAttribute) -> String {
        switch attribute.domain {
        case .listed("dataClasses"): "classes of the policy"
        case .listed(let section): "\(section) of the policy"
        case .country: "countries"
        case .name: "names"
        default: attribute.value.words
        }
    }

    private static func actions(of attribute: PolicyAttribute) -> String {
        let without = PolicyAction.all.filter { !attribute.actions.contains($0) }
        return switch without.count {
        case 0: "every action"
        case 1: "all but \(code(without[0]))"
        default: attribute.actions.map(code).joined(separator: ", ")
        }
    }

    private static func table(_ head: [String], _ fill: (inout [[String]]) -> Void) -> [String] {
        var rows = [head, head.map { _ in "---" }]
        fill(&rows)
        return rows.enumerated().map { number, cells in
            number == 1 ? "|" + cells.joined(separator: "|") + "|" : "| " + cells.joined(separator: " | ") + " |"
        }
    }

    static func code(_ word: String) -> String { "`\(word)`" }
}

extension PolicyValue {
    /// What the value is, for the reference.
    var words: String {
        switch self {
        case .constant(let text): PolicyReference.code(text)
        case .name: "name"
        case .line: "one line, at most 200 characters"
        case .text: "string"
        case .integer(.some(let least), .some(let most)): "integer of \(least) to \(most)"
        case .integer(.some(let least), nil): least == 0 ? "integer, not negative" : "integer, at least \(least)"
        case .integer: "integer"
        case .decimal(let most): "decimal of 0 to \(most)"
        case .isTrue: "`true`"
        case .words(let words): words.map(PolicyReference.code).joined(separator: ", ")
        case .digest: "digest"
        case .time: "RFC 3339 in UTC"
        case .duration: "duration, such as `120s`"
        case .money: "amount, such as `\"0.40 EUR\"`"
        case .country: "country (ISO 3166-1 alpha-2)"
        case .publicKey: "`ed25519:` or `p384:` and the base64 of the SPKI"
        case .recipient: "`age1…`"
        case .witness: "verifier key (`atomic witness init` prints it)"
        case .nameOrDigest: "name or digest"
        case .oneOrMany(let value): "one or many: \(value.words)"
        case .list(let value, _): if case .mapping = value { "list" } else { "list: \(value.words)" }
        case .named(let name, _): "mapping by \(PolicyReference.code(name))"
        case .mapping, .mappingWithOne: "mapping"
        case .conditions: "[conditions](#conditions)"
        case .comparison: "`\"<= N\"`, `\"< N\"`, `\"> N\"`, `\">= N\"`"
        case .hours: "`\"HH:MM-HH:MM ZONE\"`"
        case .days: "`\"DAY ZONE\"`, `\"DAY-DAY ZONE\"`"
        }
    }

    /// The keys within, and how the reference writes the place they are in.
    fileprivate func inner(_ path: String) -> (path: String, keys: [PolicyKey]?) {
        switch self {
        case .mapping(let keys), .mappingWithOne(_, let keys): (path, keys)
        case .conditions(let keys): (path, keys.isEmpty ? nil : keys)
        case .list(let value, _): value.inner(path + "[]")
        case .named(let name, let value): value.inner("\(path).\(name)")
        default: (path, nil)
        }
    }
}

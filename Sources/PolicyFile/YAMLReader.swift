// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Yams

/// Builds `YAMLNode`s from Yams' nodes and refuses what a signed file must not contain.
///
/// Yams (6.2) resolves aliases while it parses and keeps no trace of them, holds anchors only weakly, and hashes whole
/// mapping keys: a few lines of nested aliases inside a key take exponential time. So aliases must never reach it:
/// see `refuseAliases`. Anchors and tags are seen in the text itself, since a node's mark is where its properties begin.
struct YAMLReader {
    /// Nesting of sequences and mappings; the outermost one is level 1.
    static let maximumDepth = 32

    private let source: YAMLText
    private let file: String

    static func read(_ source: YAMLText, file: String) throws(PolicyFileError) -> YAMLNode {
        let reader = YAMLReader(source: source, file: file)
        try reader.refuseDirectives()
        try reader.refuseAliases()
        return try reader.convert(reader.compose(source.text), depth: 0)
    }

    /// `%YAML` and `%TAG` would change how the rest is read.
    private func refuseDirectives() throws(PolicyFileError) {
        for (index, line) in source.lines.enumerated() where line.first == "%" {
            throw place(index + 1, 1).refusing(
                "directive", found: "a line that begins with %", allowed: "no directives")
        }
    }

    /// Parses a copy in which every `*` is a character that no file may hold. Before the first alias of the file both
    /// read alike, and that alias needs an anchor before it: so if the copy has no anchor, the original has no alias
    /// that resolves to anything.
    private func refuseAliases() throws(PolicyFileError) {
        guard source.text.utf8.contains(UInt8(ascii: "*")) else { return }
        let masked = String(String.UnicodeScalarView(source.text.unicodeScalars.map { $0 == "*" ? "\u{e000}" : $0 }))
        _ = try convert(compose(masked), depth: 0, structureOnly: true)
    }

    private func compose(_ text: String) throws(PolicyFileError) -> Node {
        // Yams keeps a pointer into the string's storage; a string of up to 15 bytes has none, so it gets some.
        let stable = text.utf8.count > 15 ? text : text + String(repeating: "\n", count: 16)
        do {
            // Rules would only turn scalars into other types; we resolve them ourselves.
            let parser = try Parser(yaml: stable, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else {
                throw place(1, 1).refusing("empty", found: "no document", allowed: "one document")
            }
            return root
        } catch let error as YamlError {
            throw translated(error)
        } catch let error as PolicyFileError {
            throw error
        } catch {
            throw place(1, 1).refusing("syntax", found: "text that is not YAML", allowed: "one YAML document")
        }
    }

    private func convert(_ node: Node, depth: Int, structureOnly: Bool = false) throws(PolicyFileError) -> YAMLNode {
        let place = place(of: node.mark)
        try refuseProperties(at: place)
        switch node {
        case .scalar(let scalar):
            guard !structureOnly else { return YAMLNode(content: .string(""), place: place) }
            return YAMLNode(content: try content(of: scalar, at: place), place: place)
        case .sequence(let sequence):
            try refuseDepth(depth + 1, at: place)
            var items: [YAMLNode] = []
            for item in sequence { items.append(try convert(item, depth: depth + 1, structureOnly: structureOnly)) }
            return YAMLNode(content: .sequence(items), place: place)
        case .mapping(let mapping):
            try refuseDepth(depth + 1, at: place)
            var entries: [YAMLEntry] = []
            var seen: Set<String> = []
            for (keyNode, valueNode) in mapping {
                let keyPlace = self.place(of: keyNode.mark)
                try refuseProperties(at: keyPlace)
                let key = try structureOnly ? keyNode.string ?? "" : key(keyNode, at: keyPlace)
                // Swift compares canonically equivalent strings as equal, so two spellings of é are duplicates too.
                guard seen.insert(key).inserted || structureOnly else { throw duplicate(key, at: keyPlace) }
                let value = try convert(valueNode, depth: depth + 1, structureOnly: structureOnly)
                entries.append(YAMLEntry(key: key, keyPlace: keyPlace, value: value))
            }
            return YAMLNode(content: .mapping(entries), place: place)
        case .alias:
            throw place.refusing("anchor", found: "an alias", allowed: "the value itself, written out")
        }
    }

    private func content(of scalar: Node.Scalar, at place: YAMLPlace) throws(PolicyFileError) -> YAMLNode.Content {
        // Escapes such as "\u202e" bring characters back in that the text itself may not hold.
        if let bad = scalar.string.unicodeScalars.first(where: { YAMLText.isRefused($0) || $0 == "\r" }) {
            throw place.refusing(
                "character", found: "an escape for U+\(String(bad.value, radix: 16, uppercase: true))",
                allowed: "visible characters, spaces, tabs and line ends")
        }
        guard scalar.style == .plain else { return .string(scalar.string) }
        return try YAMLScalar.resolve(plain: scalar.string, at: place)
    }

    private func key(_ node: Node, at place: YAMLPlace) throws(PolicyFileError) -> String {
        guard case .scalar(let scalar) = node else {
            throw place.refusing("key", found: "a sequence or mapping as a key", allowed: "a string as a key")
        }
        if scalar.string == "<<" {
            throw place.refusing("merge-key", found: "the merge key <<", allowed: "the keys themselves, written out")
        }
        switch try content(of: scalar, at: place) {
        case .string(let text) where !text.isEmpty: return text
        case .integer(let value): return String(value)
        default:
            throw place.refusing("key", found: quoted(scalar.string) + " as a key", allowed: "a string as a key")
        }
    }

    private func refuseProperties(at place: YAMLPlace) throws(PolicyFileError) {
        switch source.scalar(line: place.line, column: place.column) {
        case "&":
            throw place.refusing("anchor", found: "an anchor (&)", allowed: "values without anchors or aliases")
        case "*":
            throw place.refusing(
                "anchor", found: "an alias (*)", allowed: "the value itself, written out",
                remedy: "put text that begins with * in quotes")
        case "!":
            throw place.refusing(
                "tag", found: "a tag (!)", allowed: "values without tags",
                remedy: "put text that begins with ! in quotes")
        default: break
        }
    }

    private func refuseDepth(_ depth: Int, at place: YAMLPlace) throws(PolicyFileError) {
        guard depth > Self.maximumDepth else { return }
        throw place.refusing("depth", found: "nesting of more than \(Self.maximumDepth) levels", allowed: "fewer")
    }

    private func duplicate(_ key: String, at place: YAMLPlace) -> PolicyFileError {
        place.refusing("duplicate-key", found: "the key \(quoted(key)) again", allowed: "each key once")
    }

    private func place(_ line: Int, _ column: Int) -> YAMLPlace { YAMLPlace(file: file, line: line, column: column) }

    /// The place of a mark; one behind the end (of a padded text) is the end.
    private func place(of mark: Mark?) -> YAMLPlace {
        guard let mark, mark.line <= source.lines.count else {
            return place(mark == nil ? 1 : source.lines.count, mark == nil ? 1 : (source.lines.last?.count ?? 0) + 1)
        }
        return place(mark.line, mark.column)
    }

    private func translated(_ error: YamlError) -> PolicyFileError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            if problem.contains("nesting level") {
                return place(of: mark).refusing("depth", found: "nesting too deep to read", allowed: "32 levels")
            }
            // libyaml says "found unexpected …", "did not find expected …", "mapping values are not allowed …".
            let found =
                if problem.hasPrefix("found ") {
                    String(problem.dropFirst(6))
                } else if problem.hasPrefix("did not find expected ") {
                    "something else than \(problem.dropFirst(22))"
                } else { "a place where \(problem)" }
            return place(of: mark).refusing("syntax", found: found, allowed: "YAML syntax")
        case .composer(_, let problem, let mark, _) where problem.contains("another document"):
            return place(of: mark).refusing("several-documents", found: "another document", allowed: "one document")
        case .composer(_, _, let mark, _):
            return place(of: mark).refusing(
                "anchor", found: "an alias (*)", allowed: "the value itself, written out",
                remedy: "put text that begins with * in quotes")
        case .duplicatedKeysInMapping(let keys, let context):
            return duplicate(keys.first ?? "", at: place(of: context.mark))
        case .memory:
            return place(1, 1).refusing("depth", found: "nesting too deep to read", allowed: "32 levels")
        default:
            return place(1, 1).refusing("syntax", found: "text that is not YAML", allowed: "one YAML document")
        }
    }
}

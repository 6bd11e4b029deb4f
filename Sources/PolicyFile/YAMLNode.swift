// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A value of a strictly read YAML file, with its place.
///
/// Every YAML file of the project is read through this type: plain scalars are strings but for integers, `true` and
/// `false`; plain decimals exist only where the caller asks for one with `decimal()`; everything that different YAML
/// readers understand differently is refused while reading (see `YAMLReader`).
public struct YAMLNode: Sendable {
    public enum Content: Sendable {
        case string(String)
        case integer(Int64)
        case boolean(Bool)
        /// A plain decimal in units of 1e-9.
        case decimal(Int64)
        case sequence([YAMLNode])
        /// Entries in the order of the file, keys unique.
        case mapping([YAMLEntry])
    }

    public let content: Content
    public let place: YAMLPlace

    public var file: String { place.file }
    public var line: Int { place.line }
    public var column: Int { place.column }

    /// Reads one document of at most 1 MiB and 32 levels.
    ///
    /// - Parameter file: the name that errors show.
    /// - Throws: `PolicyFileError`, whose message is `FILE:LINE:COLUMN: found …; allowed …`.
    public static func read(_ bytes: [UInt8], file: String) throws(PolicyFileError) -> YAMLNode {
        try YAMLReader.read(YAMLText(bytes, file: file), file: file)
    }

    /// An error at this node; without `found` the node describes itself.
    public func refusing(
        _ code: PolicyFileError.Code, found: String? = nil, allowed: String, remedy: String? = nil
    ) -> PolicyFileError {
        place.refusing(code, found: found ?? description, allowed: allowed, remedy: remedy)
    }
}

/// One `key: value` of a mapping. An integer key is its decimal text.
public struct YAMLEntry: Sendable {
    public let key: String
    public let keyPlace: YAMLPlace
    public let value: YAMLNode
}

extension YAMLNode {
    /// The node's mapping, to take keys from.
    public func mapping() throws(PolicyFileError) -> YAMLMapping {
        guard case .mapping(let entries) = content else { throw refusing("type", allowed: "a mapping") }
        return YAMLMapping(entries, at: place)
    }

    /// The items of a sequence.
    public func sequence() throws(PolicyFileError) -> [YAMLNode] {
        guard case .sequence(let nodes) = content else { throw refusing("type", allowed: "a sequence") }
        return nodes
    }

    /// The items of a sequence, or this one value alone: `class: pii` and `class: [pii]` mean the same.
    public func oneOrMany() throws(PolicyFileError) -> [YAMLNode] {
        guard case .sequence(let nodes) = content else { return [self] }
        guard !nodes.isEmpty else { throw refusing("value", allowed: "at least one item") }
        return nodes
    }

    public func string() throws(PolicyFileError) -> String {
        switch content {
        case .string(let text): return text
        case .integer, .boolean, .decimal:
            throw refusing("type", allowed: "a string", remedy: "put it in double quotes if it is a string")
        default: throw refusing("type", allowed: "a string")
        }
    }

    public func integer() throws(PolicyFileError) -> Int64 {
        guard case .integer(let value) = content else { throw refusing("type", allowed: "an integer") }
        return value
    }

    /// An integer within a range.
    public func integer(in range: ClosedRange<Int64>) throws(PolicyFileError) -> Int64 {
        let value = try integer()
        guard range.contains(value) else {
            throw refusing("range", allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    public func boolean() throws(PolicyFileError) -> Bool {
        guard case .boolean(let value) = content else { throw refusing("type", allowed: "true or false") }
        return value
    }

    /// A plain decimal or integer, in units of 1e-9.
    public func decimal() throws(PolicyFileError) -> Int64 {
        switch content {
        case .decimal(let value): return value
        case .integer(let value):
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 1_000_000_000)
            if overflow { throw refusing("range", allowed: "a number below 9223372036") }
            return scaled
        default: throw refusing("type", allowed: "a decimal number")
        }
    }

    /// A string that is one of `allowed`; the error names the nearest of them.
    public func oneOf(_ allowed: [String]) throws(PolicyFileError) -> String {
        try place.name(string(), oneOf: allowed)
    }

    /// The same value as JSON. Decimals have no exact JSON form and are refused.
    public var json: JSONValue {
        get throws(PolicyFileError) {
            switch content {
            case .string(let text): return .string(text)
            case .integer(let value): return .integer(value)
            case .boolean(let value): return .bool(value)
            case .decimal:
                throw refusing(
                    "type", allowed: "a string, an integer, true or false", remedy: "put it in double quotes")
            case .sequence(let nodes):
                var items: [JSONValue] = []
                for node in nodes { items.append(try node.json) }
                return .array(items)
            case .mapping(let entries):
                var members: [String: JSONValue] = [:]
                for entry in entries { members[entry.key] = try entry.value.json }
                return .object(members)
            }
        }
    }
}

extension YAMLPlace {
    /// A name found here, which must be one of `allowed`; the error names the nearest of them.
    public func name(_ text: String, oneOf allowed: [String]) throws(PolicyFileError) -> String {
        if allowed.contains(text) { return text }
        throw refusing("value", found: quoted(text), allowed: NearestName.list(allowed, for: text))
    }
}

extension YAMLNode: CustomStringConvertible {
    /// What an error calls this node.
    public var description: String {
        switch content {
        case .string(let text): "the string \(quoted(text))"
        case .integer(let value): "the integer \(value)"
        case .boolean(let value): "\(value)"
        case .decimal(let value): "the decimal \(Decimal9.format(value))"
        case .sequence(let nodes): "a sequence of \(nodes.count)"
        case .mapping(let entries): "a mapping of \(entries.count)"
        }
    }
}

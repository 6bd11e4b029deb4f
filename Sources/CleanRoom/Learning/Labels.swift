// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle
internal import TypedOutput

/// What somebody says a message's right answer is.
public struct MessageLabel: Codable, Equatable, Sendable {
    /// How a label came about, as `feedback.added` carries it.
    public enum Source: String, Codable, Sendable, CaseIterable {
        /// It was known beforehand.
        case label
        /// Somebody corrected an answer.
        case correction
        /// A reviewer decided.
        case reviewer
    }

    /// What a value was written as, before its schema says what it means.
    public enum Value: Codable, Equatable, Sendable {
        case json(JSONValue)
        /// On a command line `true` may be a boolean or a word: the schema decides.
        case words(String)
    }

    /// File name of the input.
    public let message: String
    /// Id of the microtask, such as `spam`.
    public let microtask: String
    public let value: Value

    public init(message: String, microtask: String, value: Value) {
        self.message = message
        self.microtask = microtask
        self.value = value
    }

    /// Reads `NAME/MICROTASK=VALUE`. A file name may hold `=`, a microtask's id holds neither `=` nor `/`.
    public init(_ text: String) throws {
        var place: (slash: String.Index, equals: String.Index)?
        for slash in text.indices where text[slash] == "/" {
            guard let equals = text[slash...].firstIndex(of: "=") else { break }
            let id = text[text.index(after: slash)..<equals]
            if !id.isEmpty, !id.contains("/"), slash > text.startIndex {
                place = (slash, equals)
                break
            }
        }
        guard let place else {
            throw RoomError(
                .feedback, "“\(text)” is no label",
                remedy: "write it as MESSAGE/MICROTASK=VALUE, such as a.eml/spam=true",
                exit: .usage)
        }
        self.init(
            message: String(text[..<place.slash]),
            microtask: String(text[text.index(after: place.slash)..<place.equals]),
            value: .words(String(text[text.index(after: place.equals)...])))
    }

    /// Reads the lines of a batch: `{"message":NAME,"labels":{MICROTASK:VALUE,…}}`; empty lines are skipped.
    public static func batch(_ bytes: [UInt8], named file: String) throws -> [MessageLabel] {
        var labels: [MessageLabel] = []
        for (number, line) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x0d && $0 != 0x09 }) else { continue }
            let tree = try? JSONValue.parse(Array(line))
            guard let members = tree?.objectValue, Set(members.keys) == ["message", "labels"],
                let message = members["message"]?.stringValue, let given = members["labels"]?.objectValue,
                !given.isEmpty
            else {
                throw RoomError(
                    .feedback, "\(file), line \(number + 1): this is no label",
                    remedy: #"write each line as {"message":"a.eml","labels":{"spam":true}}"#, exit: .usage)
            }
            labels += given.sorted { $0.key < $1.key }.map {
                MessageLabel(message: message, microtask: $0.key, value: .json($0.value))
            }
        }
        return labels
    }
}

/// What a label of one microtask can say: the member of its answer that is named like it, or the whole answer.
struct LabelForm {
    let microtask: Record.TaskGraph.Microtask
    private let whole: OutputSchema
    private let member: (schema: JSONValue, compiled: OutputSchema)?

    init(_ microtask: Record.TaskGraph.Microtask) throws {
        self.microtask = microtask
        whole = try OutputSchema(microtask.schema)
        member = try microtask.schema["properties"]?[microtask.id].map { schema in
            // Definitions stand at the top of the schema; a member may refer to them.
            var closed = schema
            if case .object(var members) = schema, let definitions = microtask.schema["$defs"] {
                members["$defs"] = definitions
                closed = .object(members)
            }
            return (schema, try OutputSchema(closed))
        }
    }

    /// The label's value; a word that is no JSON of the right form is taken as a string.
    func value(of label: MessageLabel) throws -> JSONValue {
        let candidates: [JSONValue]
        switch label.value {
        case .json(let value): candidates = [value]
        case .words(let text):
            candidates = [try? JSONValue.parse(Array(text.utf8)), .string(text)].compactMap { $0 }
        }
        if let fitting = candidates.first(where: { member?.compiled.admits($0) ?? whole.admits($0) }) { return fitting }
        throw RoomError(
            .feedback, "\(label.message)/\(microtask.id): this value is not one that the answer can have",
            remedy: "give \(allowed)", exit: .usage)
    }

    private var allowed: String {
        let schema = member?.schema ?? microtask.schema
        if let values = schema["enum"]?.arrayValue {
            return "one of " + values.map { String(decoding: $0.canonical, as: UTF8.self) }.joined(separator: ", ")
        }
        if schema["type"]?.stringValue == "boolean" { return "true or false" }
        return "a value that fits the schema of the microtask \(microtask.id)"
    }

    /// The part of an answer that a label speaks of; nil when the answer does not have it.
    func principal(of answer: JSONValue) -> JSONValue? { member == nil ? answer : answer[microtask.id] }

    /// The label as a model should have answered, as far as the label says.
    func answer(_ value: JSONValue) -> JSONValue { member == nil ? value : .object([microtask.id: value]) }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle

/// What the answers should be, where somebody knows: read from a file, used to count how many were right, never logged.
///
/// `{"message name": {"microtask": value}}`, or the short form of a spam filter's corpus, `{"message name": "spam"|"ham"}`.
public struct LabelFile: Sendable, Equatable {
    /// Message name to microtask to what its principal member should be.
    public let labels: [String: [String: JSONValue]]

    /// Labels that were read already, such as those of an order.
    public init(_ labels: [String: [String: JSONValue]]) { self.labels = labels }

    public init(reading path: String) throws {
        try self.init(bytes: Files.read(path, limit: 64 << 20), file: path)
    }

    init(bytes: [UInt8], file: String) throws {
        let tree: JSONValue
        do {
            tree = try JSONValue.parse(bytes)
        } catch {
            throw Self.refusing("\(file) is not JSON: \(error.message)")
        }
        guard let messages = tree.objectValue else {
            throw Self.refusing("\(file) is not one object of message names")
        }
        var labels: [String: [String: JSONValue]] = [:]
        for name in messages.keys.sorted() {
            switch messages[name] {
            case .string("spam"): labels[name] = ["spam": .bool(true)]
            case .string("ham"): labels[name] = ["spam": .bool(false)]
            case .object(let expected): labels[name] = expected
            case .string(let word):
                throw Self.refusing("\(file): the label of \(TerminalText.line(name)) is “\(TerminalText.line(word))”")
            default:
                throw Self.refusing("\(file): the label of \(TerminalText.line(name)) is neither a word nor an object")
            }
        }
        self.labels = labels
    }

    /// Demands that the labels are about this job.
    /// - Throws: `labels` for a microtask that the graph does not have, and when no message has a label.
    public func check(_ request: JobRequest) throws {
        try check(messages: request.inputs.items.map(\.name), microtasks: request.graph.microtasks.map(\.id))
    }

    func check(messages: [String], microtasks: [String]) throws {
        let known = Set(microtasks)
        for name in labels.keys.sorted() {
            guard let stranger = labels[name]?.keys.sorted().first(where: { !known.contains($0) }) else { continue }
            throw RoomError(
                .labels,
                "the label of \(TerminalText.line(name)) is about \(TerminalText.line(stranger)), "
                    + "which is no microtask of this job",
                remedy: "its microtasks are \(microtasks.joined(separator: ", "))",
                exit: .usage)
        }
        guard messages.isEmpty || labels.isEmpty || messages.contains(where: { labels[$0] != nil }) else {
            throw RoomError(
                .labels, "none of the \(labels.count) labels is for a message of this job",
                remedy: "name the messages as their files are named, such as \(TerminalText.line(messages[0]))",
                exit: .usage)
        }
    }

    private static func refusing(_ message: String) -> RoomError {
        RoomError(
            .labels, message,
            remedy: "write {\"message name\": {\"microtask\": value}}, or {\"message name\": \"spam\"} and \"ham\"",
            exit: .usage)
    }
}

extension RoomError.Code {
    /// The file of labels cannot be used.
    public static var labels: Self { "labels" }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle

/// What is sealed to the requester about one input.
///
/// A graph of one microtask gives its value. Several give one object: for each answer a member with its principal value,
/// then all answers whole, whose they are, and what has none.
enum AnswerDocument {
    /// - Parameter ends: in the order of the graph, all of them.
    static func compose(_ ends: [(microtask: Record.TaskGraph.Microtask, end: GraphProgress.End)]) -> JSONValue? {
        let answered = ends.filter { $0.end.state.hasAnswer && $0.end.value != nil }
        guard !answered.isEmpty else { return nil }
        if ends.count == 1 { return ends[0].end.value }
        var members: [String: JSONValue] = [:]
        var answers: [String: JSONValue] = [:]
        var models: [String: JSONValue] = [:]
        for (microtask, end) in answered {
            guard let value = end.value else { continue }
            answers[microtask.id] = value
            models[microtask.id] = .string(end.model ?? "")
            if !reserved.contains(microtask.id) {
                members[microtask.id] = principal(of: value, microtask: microtask.id)
            }
        }
        members["answers"] = .object(answers)
        members["models"] = .object(models)
        let review = ends.filter { needsReview($0.microtask, $0.end) }.map { JSONValue.string($0.microtask.id) }
        if !review.isEmpty { members["needsReview"] = .array(review) }
        let skipped = ends.filter { $0.end.state == .skipped }.map { JSONValue.string($0.microtask.id) }
        if !skipped.isEmpty { members["skipped"] = .array(skipped) }
        let failed = ends.filter { [.failed, .denied].contains($0.end.state) }
        if !failed.isEmpty {
            members["failed"] = .object(
                Dictionary(
                    failed.map { ($0.microtask.id, JSONValue.string($0.end.code ?? "failed")) },
                    uniquingKeysWith: { first, _ in first }))
        }
        return .object(members)
    }

    /// Members of the document that are no microtask's.
    static let reserved: Set<String> = ["answers", "models", "needsReview", "skipped", "failed"]

    /// The one value that an answer is about: the member that is named like the microtask, else all of it.
    static func principal(of value: JSONValue, microtask: String) -> JSONValue { value[microtask] ?? value }

    /// Whether a person should look at the answer to this microtask, or at its want.
    static func needsReview(_ microtask: Record.TaskGraph.Microtask, _ end: GraphProgress.End) -> Bool {
        switch end.state {
        case .unsure, .failed, .denied: true
        case .answered: microtask.review?.always == true
        case .skipped: false
        }
    }

    /// How sure an answer is, in 1e-9: what it says of itself counts, else what the model said of it.
    static func confidence(of value: JSONValue, said: Int64?) -> Int64? {
        switch value["confidence"] {
        case .integer(let number) where (0...1).contains(number): number * 1_000_000_000
        case .double(let number) where (0...1).contains(number): Int64((number * 1e9).rounded())
        default: said
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// All that a bidder is told: metadata, never the input.
public struct BidRequest: Codable, Hashable, Sendable {
    /// Declared type of the microtask.
    public let type: String
    /// Data class of the input.
    public let `class`: String
    public let purpose: String
    /// Upper bound of the input's length in bytes, already in coarse steps.
    public let length: Int64
    /// BCP 47, `und` when nobody said.
    public let language: String
    /// Digest of the canonical JSON of the output schema.
    public let schema: Digest

    public init(
        type: String, class: String, purpose: String, length: Int64, language: String = "und", schema: Digest
    ) {
        self.type = type
        self.class = `class`
        self.purpose = purpose
        self.length = length
        self.language = language
        self.schema = schema
    }
}

/// The parameters of `execute`.
enum ExecuteRequest {
    /// - Parameters:
    ///   - plan: an empty object when nothing was planned.
    ///   - limitNs: what is left of the time, in nanoseconds.
    static func parameters(
        id: String, type: String, schema: JSONValue, plan: JSONValue, limitNs: UInt64
    ) -> JSONValue {
        .object([
            "id": .string(id), "type": .string(type), "inputFd": .integer(0), "schema": schema, "plan": plan,
            "deadline": .string(String(limitNs)),
        ])
    }
}

/// An input as text and the answer that a person gave it.
public struct LabelledExample: Equatable, Sendable {
    public let text: String
    public let value: JSONValue

    public init(text: String, value: JSONValue) {
        self.text = text
        self.value = value
    }

    var json: JSONValue { .object(["text": .string(text), "value": value]) }

    /// The examples in parts of which each fits a line with room to spare; one that does not fit alone is left out.
    static func parts(_ examples: some Sequence<LabelledExample>) -> [[LabelledExample]] {
        let limit = ExecutorSessionStateMachine.lineLimit / 2
        var parts: [[LabelledExample]] = []
        var room = 0
        for example in examples {
            let size = example.json.canonical.count + 1
            guard size <= limit else { continue }
            if size > room || parts.isEmpty {
                parts.append([])
                room = limit
            }
            parts[parts.count - 1].append(example)
            room -= size
        }
        return parts
    }
}

/// What a bidder says, before it is quantised.
public struct RawBid: Hashable, Sendable {
    /// Probability of a right answer in 1e-9.
    public let confidence: Int64
    /// Micro-units of the room's currency.
    public let cost: Int64
    /// Nanoseconds.
    public let latency: Int64

    public init(confidence: Int64, cost: Int64, latency: Int64) {
        self.confidence = confidence
        self.cost = cost
        self.latency = latency
    }
}

/// What an executor answers.
public struct ExecutorResult: Sendable {
    /// The answer as the model gave it. Nothing about it is checked yet but that it is one JSON value.
    public let value: JSONValue
    /// The model's own confidence in 1e-9: informative, the value's schema may hold it too.
    public let confidence: Int64
    /// From sending the request to the whole answer, in nanoseconds.
    public let latencyNs: UInt64

    /// Canonical JSON of ``value``, as the supervisor seals it.
    public var bytes: [UInt8] { value.canonical }
}

/// What an executor says of itself: informative, the registered manifest counts.
struct ExecutorIdentity: Hashable, Sendable {
    let name: String
    let version: String
    let tasks: [String]
}

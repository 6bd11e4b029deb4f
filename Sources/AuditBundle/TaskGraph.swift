// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

extension Record {
    /// A task graph with its schemas in place.
    public struct TaskGraph: Codable, Equatable, Sendable {
        public var kind = "task-graph"
        public var v: Int64 = 1
        public var name: String
        /// The model that takes a message apart; without it, the one registered model that offers ``TaskStep/parse``.
        public var parser: String?
        /// The model that turns a parsed message into numbers; without it, the one that offers ``TaskStep/features``.
        public var featurizer: String?
        /// In the order of the file; each needs earlier ones only.
        public var microtasks: [Microtask]

        public init(name: String, parser: String? = nil, featurizer: String? = nil, microtasks: [Microtask]) {
            self.name = name
            self.parser = parser
            self.featurizer = featurizer
            self.microtasks = microtasks
        }

        public struct Microtask: Codable, Equatable, Sendable {
            public var id: String
            public var type: String
            public var schema: JSONValue
            public var needs: [String]
            /// All must hold, or the microtask is skipped.
            public var when: [Condition]?
            /// `message`, `parsed` or `answers`.
            public var input: String
            public var review: Review?

            public init(
                id: String, type: String, schema: JSONValue, needs: [String], input: String,
                when: [Condition]? = nil, review: Review? = nil
            ) {
                self.id = id
                self.type = type
                self.schema = schema
                self.needs = needs
                self.when = when
                self.input = input
                self.review = review
            }
        }

        /// Holds when the answer of an earlier microtask has one of some values at a place. An absent member never does.
        public struct Condition: Codable, Equatable, Sendable {
            public var microtask: String
            /// Members from the answer's top down.
            public var path: [String]
            public var anyOf: [JSONValue]

            public init(microtask: String, path: [String], anyOf: [JSONValue]) {
                self.microtask = microtask
                self.path = path
                self.anyOf = anyOf
            }
        }

        /// When a person should look at an answer.
        public struct Review: Codable, Equatable, Sendable {
            /// Whatever the answer.
            public var always: Bool?
            /// When no model's confidence reached this, in 1e-9; the next model is asked first.
            public var below: Int64?

            public init(always: Bool? = nil, below: Int64? = nil) {
                self.always = always
                self.below = below
            }
        }

        /// Microtasks per input.
        public static let maximumMicrotasks = 64
    }
}

/// The steps that come before the microtasks of an input. They have no auction and no bill.
public enum TaskStep {
    /// Id of the step in `0007/parse`, and the type that a parser offers.
    public static let parse = "parse"
    /// Id of the step in `0007/features`, and the type that a featurizer offers.
    public static let features = "features"

    /// What a parser's output must be: `{"headers":{…},"text":"…","attachments":[{"type":"…","bytes":0}]}`.
    public static let parsedSchema = JSONValue.object([
        "$id": .string("urn:atomic:schema:parsed:v1"), "type": .string("object"),
        "properties": .object([
            "headers": .object(["type": .string("object")]), "text": .object(["type": .string("string")]),
            "attachments": .object([
                "type": .string("array"),
                "items": .object([
                    "type": .string("object"),
                    "properties": .object([
                        "type": .object(["type": .string("string")]),
                        "bytes": .object(["type": .string("integer"), "minimum": .integer(0)]),
                    ]),
                    "required": .array([.string("type"), .string("bytes")]), "additionalProperties": .bool(false),
                ]),
            ]),
        ]),
        "required": .array([.string("headers"), .string("text"), .string("attachments")]),
        "additionalProperties": .bool(false),
    ])

    /// What a featurizer's output must be: 256 integers, a normalised embedding.
    public static let featuresSchema = JSONValue.object([
        "$id": .string("urn:atomic:schema:features:v1"), "type": .string("object"),
        "properties": .object([
            "vector": .object([
                "type": .string("array"), "minItems": .integer(256), "maxItems": .integer(256),
                "items": .object([
                    "type": .string("integer"), "minimum": .integer(-127), "maximum": .integer(127),
                ]),
            ])
        ]),
        "required": .array([.string("vector")]), "additionalProperties": .bool(false),
    ])

    /// Of the schema by which a step's output is judged; nil for what is no step.
    public static func schemaDigest(of id: String) -> Digest? {
        switch id {
        case parse: Digest.sha256(parsedSchema.canonical)
        case features: Digest.sha256(featuresSchema.canonical)
        default: nil
        }
    }
}

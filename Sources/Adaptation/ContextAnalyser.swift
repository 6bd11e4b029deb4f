// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Chooses the plan of one microtask: a pure function of what the model can take, what the message is like and what is
/// remembered, so that the choice can be made again from what the log names.
public enum ContextAnalyser {
    /// What a model said it can take (`adaptation` of its `model.yaml`).
    public struct Hints: Equatable, Sendable {
        public let model: String
        public let demonstrations: Int
        public let memory: Int
        /// The default first.
        public let templates: [String]
        /// Each with its values, the default first.
        public let parameters: [(name: String, values: [JSONValue])]

        public init(
            model: String, demonstrations: Int = 0, memory: Int = 0, templates: [String] = [],
            parameters: [(name: String, values: [JSONValue])] = []
        ) {
            self.model = model
            self.demonstrations = demonstrations
            self.memory = memory
            self.templates = templates
            self.parameters = parameters
        }

        public static func == (a: Self, b: Self) -> Bool {
            a.model == b.model && a.demonstrations == b.demonstrations && a.memory == b.memory
                && a.templates == b.templates && a.parameters.elementsEqual(b.parameters) { $0 == $1 }
        }

        /// Whether there is anything to choose.
        public var asksForSomething: Bool {
            demonstrations > 0 || memory > 0 || !templates.isEmpty || !parameters.isEmpty
        }
    }

    /// The message at hand, as far as a plan depends on it.
    public struct Context: Equatable, Sendable {
        public let scope: MemoryScope
        /// Type of the microtask.
        public let type: String
        /// Absent without a featurizer.
        public let vector: FeatureVector?
        /// From 1; higher when a crash took an earlier attempt.
        public let attempt: Int64

        public init(scope: MemoryScope, type: String, vector: FeatureVector?, attempt: Int64) {
            self.scope = scope
            self.type = type
            self.vector = vector
            self.attempt = attempt
        }
    }

    /// Name of the template that a model declares for calls with demonstrations.
    public static let templateForExamples = "examples"

    /// The plan, and the chosen neighbours in its order; nil for a model that asks for nothing.
    public static func plan(
        for hints: Hints, _ context: Context, memory: LabelledMemory
    ) -> (plan: Plan, demonstrations: [LabelledMemory.Neighbour])? {
        guard hints.asksForSomething else { return nil }
        var reasons: [Plan.Reason] = []
        let remembered = memory.entries(context.scope, type: context.type)
        var chosen: [LabelledMemory.Neighbour] = []
        if hints.demonstrations > 0 || hints.memory > 0, remembered.isEmpty { reasons.append(.nothingRemembered) }
        if hints.demonstrations > 0, !remembered.isEmpty {
            chosen =
                context.vector.map {
                    memory.nearest(to: $0, in: context.scope, type: context.type, count: hints.demonstrations)
                } ?? []
            reasons.append(chosen.isEmpty ? .newestDemonstrations : .nearestDemonstrations)
            if chosen.isEmpty {
                chosen = remembered.prefix(hints.demonstrations).map { .init(entry: $0, similarity: 0) }
            }
        }
        if hints.memory > 0, !remembered.isEmpty { reasons.append(.memoryOfProcess) }

        let template = template(hints, demonstrations: !chosen.isEmpty, &reasons)
        let parameters = parameters(hints, attempt: context.attempt, &reasons)
        let plan = Plan(
            model: hints.model, template: template, demonstrations: chosen.map(\.entry.name), parameters: parameters,
            memory: .sha256(remembered.flatMap(\.name.bytes)), reasons: reasons)
        return (plan, chosen)
    }

    private static func template(_ hints: Hints, demonstrations: Bool, _ reasons: inout [Plan.Reason]) -> String? {
        guard let first = hints.templates.first else { return nil }
        guard demonstrations, hints.templates.contains(templateForExamples) else {
            reasons.append(.defaultTemplate)
            return first
        }
        reasons.append(.templateForExamples)
        return templateForExamples
    }

    /// The defaults; after a lost attempt the next value of each, because the same settings may be lost in the same way.
    private static func parameters(_ hints: Hints, attempt: Int64, _ reasons: inout [Plan.Reason]) -> JSONValue? {
        guard !hints.parameters.isEmpty else { return nil }
        reasons.append(attempt > 1 ? .laterAttempt : .defaultParameters)
        var chosen: [String: JSONValue] = [:]
        for parameter in hints.parameters where !parameter.values.isEmpty {
            let last = Int64(parameter.values.count - 1)
            chosen[parameter.name] = parameter.values[Int(min(max(attempt - 1, 0), last))]
        }
        return .object(chosen)
    }
}

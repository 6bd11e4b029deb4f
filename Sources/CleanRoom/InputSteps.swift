// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Adaptation
internal import AtomicBase
internal import AuditBundle
internal import Executors
internal import TypedOutput

/// The steps before the microtasks: the parser takes the message apart, the featurizer turns it into numbers. Nobody bids
/// on them and nobody is paid; the policy decides about them like about any model.
extension InputRunner {
    /// Parses the message in a process of its own. What goes wrong is an end of the microtasks that need it.
    func parse() throws {
        guard let parser = run.parser else {
            throw RoomError(.inconsistent, "no parser for a graph that needs one", remedy: "report this as a defect")
        }
        switch try releaseKey(to: parser, for: TaskStep.parse) {
        case .denied(let decision): denied(decision)
        case .unreadable: failed("input")
        case .released(let first, let message):
            do {
                let execution = try call(
                    parser, .parser, TaskStep.parse, schema: TaskStep.parsedSchema, on: message, first: first)
                guard execution.failure == nil, let value = execution.value else {
                    return failed("parse-\(execution.failure ?? "no-answer")")
                }
                var bytes = value.canonical
                let parsed = try Plaintext(sealing: &bytes)
                state.locked { state in
                    state.parsed = parsed
                    state.excerpt = Excerpt.of(parsed: value)
                }
                try features(of: parsed, first: first)
                state.locked { $0.progress.parsed(.done) }
            } catch let refused as Compartment.Refused {
                denied(refused.decision)
            }
        }
    }

    /// Asks the featurizer, where there is one and the policy lets it see the message. Without features nothing fails.
    private func features(of parsed: Plaintext, first: String) throws {
        guard let featurizer = run.featurizer else { return }
        do {
            let execution = try call(
                featurizer, .featurizer, TaskStep.features, schema: TaskStep.featuresSchema, on: parsed, first: first)
            guard execution.failure == nil, let vector = FeatureVector(execution.value?["vector"])
            else { return }
            state.locked { $0.vector = vector }
        } catch is Compartment.Refused {}
    }

    private func failed(_ code: String) {
        state.locked { $0.progress.parsed(.failed(.init(state: .failed, code: code))) }
    }

    private func denied(_ decision: RecordedDecision) {
        state.locked { state in
            state.progress.parsed(.failed(.init(state: .denied, code: "parser-denied", decision: decision)))
        }
    }

    /// Runs a step's model and records how its output was judged.
    private func call(
        _ model: RegisteredModel, _ role: ExecutorSession.Role, _ step: String, schema: JSONValue,
        on document: Plaintext, first: String
    ) throws -> Compartment.Execution {
        try run.requireGoing()
        var execution = try run.compartment.execute(
            Compartment.Call(
                model: model, role: role, id: id(step), type: step, schema: schema, plan: .object([:]),
                input: item.digest, attempt: attempt,
                authorize: { [self] in try authorize(model, keyReleasedTo: first) }, announced: {}, examples: { [] },
                money: { nil }, remaining: { [run] in run.time.remaining },
                isCancelled: { [run] in run.queue.isStopped }), on: document)
        if execution.failure == nil {
            let isValid = try execution.value.map { try run.compartment.schema(schema).check($0).isEmpty } ?? false
            if !isValid { execution.failure = "schema" }
        }
        var events: [any EventData] = []
        if let ended = execution.ended { events.append(ended) }
        if let jail = execution.jail {
            events.append(
                Event.OutputValidated(
                    microtask: id(step), input: item.digest, model: model.name, jail: jail,
                    verdict: (execution.failure == nil ? Verdict.valid : .rejected).rawValue,
                    code: execution.failure, schema: .sha256(schema.canonical)))
        }
        if !events.isEmpty { try run.record(events) }
        return execution
    }
}

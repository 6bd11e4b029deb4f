// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Adaptation
internal import AtomicBase
internal import AuditBundle
internal import Disclosure
internal import Executors
internal import Sealing
internal import SovereignPolicy

/// One input on its way from the key to its outcome. The threads that work at its microtasks share it; when the last of
/// them is done, that thread composes the answer and releases it.
final class InputRunner: Sendable {
    /// The input's plaintext, from the moment when its key was released.
    private enum Key {
        case locked
        case released(to: String, Plaintext)
        case unreadable
    }

    enum KeyOutcome {
        /// To this model first: for every other one the delivery has a decision of its own.
        case released(to: String, Plaintext)
        case denied(RecordedDecision)
        case unreadable
    }

    struct State {
        var progress: GraphProgress
        var parsed: Plaintext?
        /// The canary tokens of message and parsed message, once somebody asked.
        var canaries: Canaries?
        /// The beginning of subject and text, for learning; nil for a message that was not parsed.
        var excerpt: String?
        /// What the featurizer made of the message.
        var vector: FeatureVector?
        /// Of microtasks that ended with an award.
        var facts: [String: MicrotaskFacts] = [:]
    }

    let run: JobRun
    let item: Record.Inputs.Item
    /// From 1; a crash takes an attempt.
    let attempt: Int64
    let state: Shared<State>
    /// Held while the key is released, so that it is released once; only threads of this input wait.
    private let key = Shared(Key.locked)

    init(_ item: Record.Inputs.Item, attempt: Int64, run: JobRun) {
        self.run = run
        self.item = item
        self.attempt = attempt
        state = Shared(
            State(progress: GraphProgress(graph: run.request.graph, waitingForFeatures: run.waitingForFeatures)))
    }

    /// `0007/spam`.
    func id(_ step: String) -> String { JobRunner.prefix(item) + step }

    // MARK: Steps

    /// Begins what needs no parsed message, and meanwhile parses it.
    func open() throws {
        schedule()
        guard run.request.graph.needsParser else { return }
        try parse()
        schedule()
        try concludeIfFinished()
    }

    /// Puts every microtask that may begin into the queue.
    private func schedule() {
        for microtask in state.locked({ $0.progress.begin() }) {
            run.queue.add(item.index) { [self] in try work(microtask) }
        }
    }

    private func work(_ microtask: Record.TaskGraph.Microtask) throws {
        let runner = MicrotaskRunner(microtask, of: self)
        let end = try runner.work()
        state.locked { state in
            state.progress.finish(microtask.id, end)
            state.facts[microtask.id] = runner.facts
        }
        schedule()
        try concludeIfFinished()
    }

    private func concludeIfFinished() throws {
        guard let finished = state.locked({ $0.progress.conclude() }) else { return }
        run.pace.skip(finished.count - state.locked { $0.facts.count })
        try conclude(finished)
        run.runner.scheduler.closeInput(of: run.job)
    }

    // MARK: Key

    /// The message, where its key was released.
    var message: Plaintext? {
        key.locked { if case .released(_, let message) = $0 { message } else { nil } }
    }

    /// Releases the input's key to a model, unless it was released in this attempt already.
    func releaseKey(to model: RegisteredModel, for step: String) throws -> KeyOutcome {
        try key.locked { key in
            switch key {
            case .released(let first, let plaintext): return .released(to: first, plaintext)
            case .unreadable: return .unreadable
            case .locked: break
            }
            let denial: RecordedDecision? = try run.decide { ruling in
                let (decision, recorded) = ruling.decisions.decide(
                    "key-release", model: ruling.name(of: model), at: run.room.clock.wall())
                guard decision.isPermitted else { return recorded }
                // Durable before plaintext exists.
                let event = Event.KeyReleased(
                    microtask: id(step), input: item.digest, attempt: attempt, decision: recorded)
                try run.record([event], decided: ruling)
                return nil
            }
            if let denial { return .denied(denial) }
            do {
                let plaintext = Plaintext(try run.runner.decrypt(item))
                key = .released(to: model.name, plaintext)
                return .released(to: model.name, plaintext)
            } catch is SealingError {
                key = .unreadable
                return .unreadable
            }
        }
    }

    /// The word of the policy in force on the delivery of this input to a model.
    /// - Throws: ``Compartment/Refused``.
    func authorize(_ model: RegisteredModel, keyReleasedTo first: String) throws -> Compartment.Authorization {
        let ruling = try run.ruling()
        let now = run.room.clock.wall()
        let name = ruling.name(of: model)
        let runs = ruling.decisions.decide("run", model: name, at: now)
        guard runs.decision.isPermitted else { throw Compartment.Refused(decision: runs.recorded) }
        guard model.name != first else {
            return .init(run: runs.recorded, key: nil, sequence: ruling.sequence, tier: ruling.tiers[model.name])
        }
        let key = ruling.decisions.decide("key-release", model: name, at: now)
        guard key.decision.isPermitted else { throw Compartment.Refused(decision: key.recorded) }
        return .init(run: runs.recorded, key: key.recorded, sequence: ruling.sequence, tier: ruling.tiers[model.name])
    }

    // MARK: Documents

    /// What a microtask reads; nil when there is no such thing.
    func document(for microtask: Record.TaskGraph.Microtask, message: Plaintext) throws -> Plaintext? {
        switch microtask.input {
        case "parsed": return state.locked { $0.parsed }
        case "answers":
            let needs = run.request.graph.allNeeds(of: microtask)
            let (parsed, answers) = state.locked { state in
                (state.parsed, state.progress.ends.filter { needs.contains($0.key) }.compactMapValues(\.value))
            }
            return try Plaintext.document(parsed: parsed, answers: answers)
        default: return message
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Disclosure
internal import Executors
internal import Sealing
internal import SovereignPolicy

/// The end of an input: one answer, sealed to the requester, or none.
extension InputRunner {
    typealias Ends = [(microtask: Record.TaskGraph.Microtask, end: GraphProgress.End)]

    /// Composes what every microtask gave, asks the policy about each model whose answer is in it, and lets it leave.
    func conclude(_ finished: Ends) throws {
        try run.decide { ruling in try conclude(finished, by: ruling) }
    }

    private func conclude(_ finished: Ends, by ruling: JobRuling) throws {
        try run.requireGoing()
        var ends = finished.map { ($0.microtask, $0.end.decidedAgain(by: ruling)) } as Ends
        guard var released = try releasable(&ends, by: ruling) else { return try withhold(ends, by: ruling) }
        defer { released.answer.wipe() }
        if released.facts.approvals > 0 {
            try queue(released, results(ends), by: ruling)
            return show(ends, state: .inReview, code: nil)
        }
        released.answer.append(0x0a)
        let ciphertext = try Age.encrypt(SecretBytes(copying: released.answer), recipients: [run.runner.recipient])
        var files = [NamedFile(answer: ciphertext)]
        let kept = try sidecar(of: ends, by: ruling)
        if let kept { files.append(kept.file) }
        let review = ends.contains { AnswerDocument.needsReview($0.microtask, $0.end) }
        let entries = try run.record(
            [
                Event.OutputReleased(
                    input: item.digest, ciphertext: .sha256(ciphertext), bytes: Int64(ciphertext.count),
                    review: review, microtasks: results(ends), decisions: released.decisions, sidecar: kept?.name,
                    learn: kept?.decision)
            ], files: files, decided: ruling)
        // Released before a halt, and not yet gone: it leaves when the job is resumed.
        try run.requireGoing()
        try run.room.outbox.place(
            ciphertext, at: run.request.answerPath(item),
            run.room.clearance(
                for: entries.upperBound, class: run.label.class,
                decided: CosignatureDemand(of: ruling.policy, class: run.label.class)))
        show(ends, state: review ? .needsReview : .released, code: nil)
    }

    private func withhold(_ ends: Ends, by ruling: JobRuling) throws {
        let event = Event.OutputWithheld(input: item.digest, microtasks: results(ends))
        try run.record([event], decided: ruling)
        show(ends, state: event.decision == nil ? .failed : .denied, code: event.code)
    }

    /// The answer that may leave, with the policy's word on each model in it; nil when nothing may. What may not is
    /// changed into a denial, and what is too large for the class into a failure, the largest first.
    private func releasable(_ ends: inout Ends, by ruling: JobRuling) throws -> Releasable? {
        let limit = Int(ruling.policy.maximumOutputBytes(of: run.label.class) ?? 65_536)
        dropUnlisted(&ends, by: ruling)
        while let document = AnswerDocument.compose(ends) {
            var answer = document.canonical
            guard answer.count <= limit else {
                answer.wipe()
                dropLargest(&ends)
                continue
            }
            if let finding = try disclosure(in: document, by: ruling.policy) {
                answer.wipe()
                try drop(finding, &ends, by: ruling)
                continue
            }
            let canaries = try hasCanary(document) ? "fail" : "pass"
            switch decide(models(in: ends), bytes: answer.count, canaries: canaries, by: ruling) {
            case .permitted(let facts, let decisions):
                return Releasable(answer: answer, document: document, facts: facts, decisions: decisions)
            case .denied(let model, let decision):
                answer.wipe()
                deny(model, decision, &ends)
            }
        }
        return nil
    }

    private enum ReleaseDecision {
        case permitted(ReleaseFacts, [RecordedDecision])
        case denied(model: String, RecordedDecision)
    }

    /// With the fewest approvals with which the policy lets an answer leave, 0 where it may leave at once; else the first denial that
    /// there is with the fewest that it demands.
    private func decide(_ models: [String], bytes: Int, canaries: String, by ruling: JobRuling) -> ReleaseDecision {
        var first: ReleaseDecision?
        for approvals in approvalsToTry(by: ruling.policy) {
            let facts = ReleaseFacts(bytes: Int64(bytes), canaries: canaries, approvals: approvals)
            let asked = models.map { model in
                ruling.decisions.decide(
                    PolicyAction.release, model: model, at: run.room.clock.wall(), attributes: facts.attributes)
            }
            guard let refusal = asked.firstIndex(where: { !$0.decision.isPermitted }) else {
                return .permitted(facts, asked.map(\.recorded))
            }
            first = first ?? .denied(model: models[refusal], asked[refusal].recorded)
        }
        // `approvalsToTry` is never empty.
        return first ?? .permitted(ReleaseFacts(bytes: 0, canaries: "fail", approvals: 0), [])
    }

    /// In the order of the graph, each once.
    private func models(in ends: Ends) -> [String] {
        var models: [String] = []
        for (_, end) in ends where end.state.hasAnswer {
            if let model = end.model, !models.contains(model) { models.append(model) }
        }
        return models
    }

    private func deny(_ model: String, _ decision: RecordedDecision, _ ends: inout Ends) {
        for index in ends.indices where ends[index].end.state.hasAnswer && ends[index].end.model == model {
            ends[index].end = .init(state: .denied, model: model, code: "release-denied", decision: decision)
        }
    }

    private func dropLargest(_ ends: inout Ends) {
        let sizes = ends.indices.map { ends[$0].end.state.hasAnswer ? ends[$0].end.value?.canonical.count ?? 0 : -1 }
        guard let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) else { return }
        ends[largest].end = .init(state: .failed, code: "oversize")
    }

    /// A policy that came into force meanwhile may list other schemas.
    private func dropUnlisted(_ ends: inout Ends, by ruling: JobRuling) {
        let bounds = ruling.policy.outputBounds(of: run.label.class)
        for index in ends.indices where ends[index].end.state.hasAnswer {
            guard !bounds.allows(schema: .sha256(ends[index].microtask.schema.canonical)) else { continue }
            ends[index].end = .init(state: .failed, code: "schema-unlisted")
        }
    }

    /// Each answer was judged alone before. What shows only now, because the message was parsed meanwhile or because answers stand
    /// together, goes with whoever it is of; with all where it is of nobody alone.
    private func drop(_ finding: DisclosureCheck.Finding, _ ends: inout Ends, by ruling: JobRuling) throws {
        let answered = ends.indices.filter { ends[$0].end.state.hasAnswer }
        let guilty = try answered.filter { index in
            try ends[index].end.value.map { try disclosure(in: $0, by: ruling.policy) != nil } ?? false
        }
        for index in guilty.isEmpty ? answered : guilty {
            ends[index].end = .init(state: .failed, code: finding.rawValue)
        }
    }

    private func results(_ ends: Ends) -> [Event.MicrotaskResult] {
        ends.map { microtask, end in
            Event.MicrotaskResult(
                id: microtask.id, state: end.state, model: end.model, code: end.code, decision: end.decision)
        }
    }

    // MARK: Learning

    /// What learning may read later, where the policy permits `learn` for the data.
    private func sidecar(
        of ends: Ends, by ruling: JobRuling
    ) throws -> (name: Digest, file: NamedFile, decision: RecordedDecision)? {
        let (decision, recorded) = ruling.decisions.decide("learn", model: nil, at: run.room.clock.wall())
        // What may not be kept at all is not kept for a moment.
        guard decision.isPermitted, Retention.ofRecords(ruling.policy, class: run.label.class)?.value != 0 else {
            return nil
        }
        let (excerpt, vector, facts) = state.locked { ($0.excerpt, $0.vector, $0.facts) }
        var answers: [String: Sidecar.Answer] = [:]
        var others: [String: [Sidecar.Answer]] = [:]
        for (microtask, end) in ends where end.state.hasAnswer {
            guard let value = end.value, let model = end.model, let digest = run.contenders.models[model]?.digest,
                let record = facts[microtask.id]?.recordDigest
            else { continue }
            answers[microtask.id] = .init(
                value: value, model: model, digest: digest, record: record,
                confidence: facts[microtask.id]?.confidence ?? 0)
            let kept = facts[microtask.id]?.others.compactMap { other in
                run.contenders.models[other.model].map {
                    Sidecar.Answer(
                        value: other.value, model: other.model, digest: $0.digest, record: other.digest,
                        confidence: other.confidence)
                }
            }
            if let kept, !kept.isEmpty { others[microtask.id] = kept }
        }
        let text = try excerpt ?? message.map { try Excerpt.of(message: $0.memory) } ?? ""
        let (name, file) = try run.learning.sidecars.seal(
            Sidecar(input: item.digest, text: text, vector: vector, answers: answers, others: others))
        return (name, file, recorded)
    }

    // MARK: Table

    private func show(_ ends: Ends, state outcome: InputState, code: String?) {
        let facts = state.locked { $0.facts }
        let items = ends.map { microtask, end in
            JobItem(
                name: item.name, microtask: microtask.id, end: end, facts: facts[microtask.id] ?? MicrotaskFacts(),
                expected: run.runner.labels[item.name]?[microtask.id])
        }
        run.board.finished(item.index, JobMessage(name: item.name, state: outcome.rawValue, code: code), items)
    }
}

extension GraphProgress.End {
    /// The code of a microtask that one policy denied and the next would not have: nobody has tried it since.
    static let policyChanged = "policy-changed"

    /// The end as the policy in force has it: what an earlier one denied is denied by its rules, or was not denied after all.
    fileprivate func decidedAgain(by ruling: JobRuling) -> Self {
        guard let decision else { return self }
        let fresh = ruling.decisions.policy.decide(decision.request)
        guard !fresh.isPermitted else { return .init(state: .failed, code: Self.policyChanged) }
        var end = self
        end.decision = RecordedDecision(
            request: decision.request, outcome: fresh.outcome.rawValue, kind: fresh.kind.rawValue, rules: fresh.ruleIDs)
        return end
    }
}

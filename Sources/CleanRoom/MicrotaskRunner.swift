// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import TypedOutput

/// Does for one microtask on one input what its state machine asks for.
final class MicrotaskRunner {
    private let job: String
    private let id: String
    private let input: Record.Inputs.Item
    private let microtask: Record.TaskGraph.Microtask
    private let stage: AuctionStage
    private let compartment: Compartment
    private let parent: JobRunner
    private let label: DataLabel
    private let schemaDigest: Digest

    private var attempt: Int64 = 1
    private var record: AuctionRecord?
    private var recordDigest: Digest?
    private var keyModel: String?
    private var plaintext: SealedMemory?
    private var answer: [UInt8] = []
    private var plan: JobLearning.PreparedPlan?
    private var execution: Compartment.Execution?
    private var release: RecordedDecision?
    private var denyingRules: [String] = []
    private var jailFailuresBefore = 0

    init(
        job: String, input: Record.Inputs.Item, microtask: Record.TaskGraph.Microtask, stage: AuctionStage,
        compartment: Compartment, parent: JobRunner
    ) {
        self.job = job
        self.input = input
        self.microtask = microtask
        self.stage = stage
        self.compartment = compartment
        self.parent = parent
        id = JobRunner.prefix(input) + microtask.id
        label = parent.request.label
        schemaDigest = .sha256(microtask.schema.canonical)
    }

    /// Runs to an outcome; a microtask that has one in the log keeps it.
    func run() throws -> (MicrotaskOutcome, JobItem) {
        if let row = try parent.room.store.input(job: job, digest: input.digest) {
            let code = row.code ?? "unknown"
            let outcome: MicrotaskOutcome? =
                switch InputState(rawValue: row.state) {
                case .released, .needsReview: .released
                case .failed: .failed(code: code)
                case .denied: .denied(code: code)
                case nil: nil
                }
            if let outcome { return (outcome, try item(parent.room.store.microtask(job: job, id: id))) }
            attempt = row.attempts + 1
        }
        var machine = MicrotaskStateMachine()
        var action = machine.action
        while true {
            if case .finish(let outcome) = action {
                plaintext = nil
                return (outcome, try item(parent.room.store.microtask(job: job, id: id)))
            }
            action = try machine.handle(perform(action))
        }
    }

    private func perform(_ action: MicrotaskStateMachine.Action) throws -> MicrotaskStateMachine.Event {
        switch action {
        case .holdAuction: try holdAuction()
        case .releaseKey(let model): try releaseKey(model)
        case .execute(let model): try execute(model)
        case .check(let model): try check(model)
        case .decideRelease: try decideRelease()
        case .release: try releaseAnswer()
        case .takeOver(let failed, let code): try takeOver(failed, code)
        case .withhold(let outcome): try withhold(outcome)
        case .finish: .withheld
        }
    }

    // MARK: Auction

    private func holdAuction() throws -> MicrotaskStateMachine.Event {
        let row = try parent.room.store.job(job)
        let now = parent.room.clock.wall()
        let lot = AuctionStage.Lot(
            job: job, jobDigest: parent.request.digest, microtask: id, round: Int(attempt),
            sequence: row?.auctions ?? 0, previous: row?.lastAuction.flatMap { Digest(string: $0) },
            features: TaskFeatures(
                type: microtask.type, class: label.class, purpose: parent.request.file.purpose,
                bytes: input.bytes, schema: schemaDigest),
            budgetRemaining: try parent.costRemaining(job),
            experience: try compartment.learning.experience(type: microtask.type, of: stage.contenders))
        jailFailuresBefore = compartment.jailFailures
        let record = try stage.hold(lot, at: now) { contender, features in
            try compartment.ask(contender, features: features)
        }
        return try publish(record, at: now)
    }

    private func takeOver(_ failed: String, _ code: String) throws -> MicrotaskStateMachine.Event {
        guard let record, let next = try AuctionInput.takeover(after: record, code: code, cost: execution?.cost ?? 0)
        else { return .noAward(code: code, denied: false) }
        return try publish(AuctionRecord.hold(next), at: parent.room.clock.wall())
    }

    private func publish(_ record: AuctionRecord, at time: WallTime) throws -> MicrotaskStateMachine.Event {
        let digest = try parent.room.records.put(bytes: record.canonical())
        self.record = record
        recordDigest = digest
        execution = nil
        plan = try record.award.winner.flatMap {
            try compartment.plan(for: $0, type: microtask.type, attempt: attempt)
        }
        try parent.room.record(
            all: [
                Event.AuctionHeld(
                    microtask: id, input: input.digest, attempt: attempt, at: time, record: digest,
                    winner: record.award.winner, bidders: Int64(record.input.bids.count),
                    excluded: Int64(record.input.exclusions.count), plan: plan?.name)
            ], files: [plan?.file].compactMap { $0 }, job: job, label: label)
        guard parent.wallRemaining > 0 else { return .noAward(code: "wall-budget", denied: false) }
        if let winner = record.award.winner { return .awarded(model: winner) }
        let nobody = record.input.bids.isEmpty && record.input.late.isEmpty
        // Of several reasons the jail comes first: with it, somebody could have answered.
        if compartment.jailFailures > jailFailuresBefore { return .noAward(code: "jail", denied: false) }
        // Somebody might have answered, had the policy let it run: that is a denial, and the log says by which rules.
        if let release { return .noAward(code: "\(release.request.action)-denied", denied: true) }
        if record.award.void == .exhausted, record.input.prior.contains(where: { $0.code == "over-budget" }) {
            return .noAward(code: "over-budget", denied: false)
        }
        return .noAward(code: record.award.void?.rawValue ?? "no-award", denied: nobody)
    }

    // MARK: Key and execution

    private func releaseKey(_ model: String) throws -> MicrotaskStateMachine.Event {
        let (decision, recorded) = parent.decisions.decide("key-release", model: model, at: parent.room.clock.wall())
        guard decision.isPermitted else {
            release = recorded
            return .keyDenied
        }
        try note(Event.KeyReleased(microtask: id, input: input.digest, attempt: attempt, decision: recorded))
        keyModel = model
        do {
            plaintext = try parent.decrypt(input)
        } catch is SealingError {
            return .inputUnreadable(code: "input")
        }
        return .keyReleased
    }

    private func execute(_ model: String) throws -> MicrotaskStateMachine.Event {
        guard parent.wallRemaining > 0 else { return .executorFailed(code: "wall-budget") }
        let now = parent.room.clock.wall()
        let run = parent.decisions.decide("run", model: model, at: now)
        guard run.decision.isPermitted else {
            release = run.recorded
            return .executorFailed(code: "run-denied")
        }
        var keyDecision: RecordedDecision?
        if model != keyModel {
            let key = parent.decisions.decide("key-release", model: model, at: now)
            guard key.decision.isPermitted else {
                release = key.recorded
                return .executorFailed(code: "key-release-denied")
            }
            keyDecision = key.recorded
        }
        let delivery = { [id, input, attempt] (jail: String) in
            Event.InputDelivered(
                jail: jail, microtask: id, input: input.digest, attempt: attempt, model: model,
                decision: run.recorded, keyDecision: keyDecision)
        }
        let result: Compartment.Execution
        // Taken out and put back, because a noncopyable optional cannot be lent from a stored property.
        switch plaintext.take() {
        case .none: return .executorFailed(code: "input")
        case .some(let memory):
            result = try compartment.execute(
                model, microtask: id, type: microtask.type, input: memory, schema: microtask.schema,
                plan: plan?.call ?? .object([:]), deadline: parent.wallRemaining,
                money: record?.input.budgetRemaining ?? 0, delivery: delivery)
            plaintext = .some(memory)
        }
        execution = result
        if let code = result.failure {
            try settle(model, result, outcome: .failed, code: code)
            return .executorFailed(code: code)
        }
        return .answered
    }

    private func settle(
        _ model: String, _ result: Compartment.Execution, outcome: AttemptOutcome, code: String?
    ) throws {
        guard let record, let recordDigest else { return }
        let settlement = try Auction.settle(
            record, use: result.use, prices: result.prices, outcome: outcome, code: code)
        var events: [any EventData] = []
        if let jail = result.jail {
            events.append(
                Event.OutputValidated(
                    microtask: id, input: input.digest, model: model, jail: jail,
                    verdict: outcome == .valid ? "valid" : "rejected", code: code, schema: schemaDigest))
        }
        events.append(
            Event.AuctionSettled(
                microtask: id, input: input.digest, attempt: attempt, record: recordDigest, model: model,
                outcome: code ?? outcome.rawValue, cost: settlement.cost, latencyNs: settlement.latencyNs,
                cpuNs: settlement.cpuNs, credits: settlement.credits))
        try parent.room.record(all: events, job: job, label: label)
        execution?.cost = settlement.cost
    }

    // MARK: Output

    private func check(_ model: String) throws -> MicrotaskStateMachine.Event {
        guard let execution else { return .rejected(code: "no-answer") }
        let limit = Int(parent.policy.maximumOutputBytes(of: label.class) ?? 65_536)
        let code: String?
        if let value = execution.value {
            answer = value.canonical
            let fits = answer.count <= limit
            code = fits ? try compartment.schema(microtask.schema).check(value).isEmpty ? nil : "schema" : "oversize"
        } else {
            code = "no-answer"
        }
        try settle(model, execution, outcome: code == nil ? .valid : .failed, code: code)
        if let code { return .rejected(code: code) }
        return .accepted
    }

    private func decideRelease() throws -> MicrotaskStateMachine.Event {
        let (decision, recorded) = parent.decisions.decide(
            "release", model: record?.award.winner, at: parent.room.clock.wall(),
            attributes: ["output.check": .string("pass"), "output.bytes": .integer(Int64(answer.count))])
        release = recorded
        return decision.isPermitted ? .releasePermitted : .releaseDenied
    }

    private func releaseAnswer() throws -> MicrotaskStateMachine.Event {
        let ciphertext = try Age.encrypt(answer + [0x0a], recipients: [parent.recipient])
        let staged = try parent.room.outbox.stage(ciphertext)
        guard let release else { return .withheld }
        let learned = try sidecar()
        try parent.room.record(
            all: [
                Event.OutputReleased(
                    input: input.digest, ciphertext: staged, bytes: Int64(ciphertext.count), review: false,
                    microtasks: [.init(id: microtask.id, state: .answered, model: record?.award.winner)],
                    decisions: [release], sidecar: learned?.name, learn: learned?.decision)
            ], files: [learned?.file].compactMap { $0 }, job: job, label: label)
        try parent.room.outbox.place(staged, at: parent.answerPath(input))
        return .released
    }

    /// What somebody will need who says whether this answer was right; only where the policy permits to learn from the data.
    private func sidecar() throws -> (name: Digest, file: NamedFile, decision: RecordedDecision)? {
        let (decision, recorded) = parent.decisions.decide("learn", model: nil, at: parent.room.clock.wall())
        guard decision.isPermitted, let record, let recordDigest, let value = execution?.value,
            let winner = record.award.winner,
            let digest = record.input.bids.first(where: { $0.model == winner })?.digest
        else { return nil }
        var text = ""
        switch plaintext.take() {
        case .none: return nil
        case .some(let memory):
            text = try Excerpt.of(message: memory)
            plaintext = .some(memory)
        }
        let answer = Sidecar.Answer(
            value: value, model: winner, digest: digest, record: recordDigest, confidence: execution?.confidence ?? 0)
        let (name, file) = try compartment.learning.sidecars.seal(
            Sidecar(input: input.digest, text: text, vector: nil, answers: [microtask.id: answer]))
        return (name, file, recorded)
    }

    private func withhold(_ outcome: MicrotaskOutcome) throws -> MicrotaskStateMachine.Event {
        let result: Event.MicrotaskResult
        switch outcome {
        case .released: return .withheld
        case .failed(let code): result = .init(id: microtask.id, state: .failed, code: code)
        case .denied(let code):
            let decision = release ?? stage.denials(type: microtask.type, at: parent.room.clock.wall()).first
            denyingRules = decision?.rules ?? []
            result = .init(
                id: microtask.id, state: decision == nil ? .failed : .denied,
                model: code == "release-denied" ? record?.award.winner : nil, code: code, decision: decision)
        }
        try note(Event.OutputWithheld(input: input.digest, microtasks: [result]))
        return .withheld
    }

    private func note(_ event: some EventData) throws {
        try parent.room.record(event, job: job, label: label)
    }

    // MARK: Table

    private func item(_ row: MicrotaskRow?) throws -> JobItem {
        let record = try self.record ?? loadRecord(row)
        let award = record?.award
        let scores = award?.scores ?? []
        let state = row?.state ?? "failed"
        return JobItem(
            name: input.name, microtask: microtask.id, state: state, code: row?.code, rules: denyingRules,
            bidders: record?.input.bids.map { bid in
                let scored = scores.first { $0.digest == bid.digest }
                return JobItem.Bidder(
                    model: bid.model, confidence: scored?.probability ?? 0, price: scored?.price ?? 0,
                    score: scored?.score)
            } ?? [],
            excluded: record?.input.exclusions.map { .init(model: $0.model, kind: $0.kind, rules: $0.rules) } ?? [],
            winner: state == MicrotaskState.answered.rawValue ? award?.winner : nil, why: why(record),
            cost: row?.cost ?? 0,
            latencyNs: row?.latencyNs ?? 0)
    }

    private func loadRecord(_ row: MicrotaskRow?) throws -> AuctionRecord? {
        guard let digest = row?.auction.flatMap({ Digest(string: $0) }) else { return nil }
        return try AuctionRecord(canonical: parent.room.records.bytes(digest))
    }

    private func why(_ record: AuctionRecord?) -> String? {
        guard let record, record.award.winner != nil else { return nil }
        if let prior = record.input.prior.last { return "took over: \(prior.model) \(prior.code)" }
        if record.award.explored { return "exploration" }
        return record.award.ranking.count == 1 ? "only bidder" : "best score"
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Disclosure
internal import Executors
internal import SovereignPolicy
internal import TypedOutput

/// Does for one microtask on one input what its state machine asks for. One thread has it.
final class MicrotaskRunner {
    private let run: JobRun
    private let input: InputRunner
    private let microtask: Record.TaskGraph.Microtask
    private let id: String
    private let schemaDigest: Digest

    private var held: AuctionChain.Held?
    private var plan: JSONValue = .object([:])
    private var key: (first: String, message: Plaintext)?
    private var execution: Compartment.Execution?
    /// What the failed attempt cost; the runner-up has so much less.
    private var lastCost: Int64 = 0
    private var refusal: RecordedDecision?
    /// Models that have had their turn.
    private var tried: Set<String> = []
    private var answer: JSONValue?
    /// Valid answers that were not sure enough, in the order of the attempts.
    private var unsure: [ModelAnswer] = []
    private var jailFailuresBefore = 0
    private(set) var facts = MicrotaskFacts()

    /// Of a trial: the newcomers that do the task beside the answer that is there.
    private let newcomers: Set<String>?

    init(_ microtask: Record.TaskGraph.Microtask, of input: InputRunner, among newcomers: Set<String>? = nil) {
        self.microtask = microtask
        self.newcomers = newcomers
        self.input = input
        run = input.run
        id = input.id(microtask.id)
        schemaDigest = .sha256(microtask.schema.canonical)
    }

    /// From the auction to its end; the answer has not left then.
    func work() throws -> GraphProgress.End {
        defer { giveBack() }
        var machine = MicrotaskStateMachine()
        var action = machine.action
        while true {
            if case .finish(let outcome) = action {
                let end = try end(outcome)
                if newcomers == nil {
                    if outcome == .answered { try letNewcomersTry() }
                    run.pace.settle(cost: facts.cost)
                }
                return end
            }
            try run.requireGoing()
            action = try machine.handle(perform(action))
        }
    }

    private func perform(_ action: MicrotaskStateMachine.Action) throws -> MicrotaskStateMachine.Event {
        switch action {
        case .holdAuction: return try holdAuction()
        case .releaseKey(let model): return try releaseKey(model)
        case .execute(let model): return try execute(model)
        case .check(let model): return try check(model)
        case .takeOver(_, let code): return try takeOver(code)
        case .finish: return .keyDenied
        }
    }

    // MARK: Auction

    private func holdAuction() throws -> MicrotaskStateMachine.Event { try run.decide(holdAuction) }

    /// Among all that have not had their turn.
    private func holdAuction(by ruling: JobRuling) throws -> MicrotaskStateMachine.Event {
        let stage = ruling.stage.without(tried, among: newcomers)
        let now = run.room.clock.wall()
        // As the bidders are admitted, now: while they are asked the log goes on.
        let isBehind = ruling.decisions.clock.isBehind(now)
        let learned = try run.learning.learned()
        let lot = AuctionStage.Lot(
            job: run.job, jobDigest: run.request.digest, microtask: id, round: Int(input.attempt),
            features: TaskFeatures(
                type: microtask.type, class: run.label.class, purpose: run.request.file.purpose,
                bytes: input.item.bytes, schema: schemaDigest),
            // Where enough was learned, nobody counts.
            experience: learned.isEnough
                ? [] : try run.learning.experience(type: microtask.type, of: run.contenders.list),
            learned: learned,
            verified: ruling.stage.policy.auction.trials == nil ? [:] : try run.learning.verified(microtask.type),
            isTrial: newcomers != nil,
            remembered: run.contenders.list.contains(where: \.isAdaptive)
                ? try run.learning.remembered(microtask.type) : 0,
            pace: run.pace)
        jailFailuresBefore = run.compartment.jailFailures
        let collected = try stage.collect(lot, at: now) { [compartment = run.compartment] in
            try compartment.ask($0, features: $1, by: ruling)
        }
        return try hold(at: now, by: ruling, isBehind: isBehind) { link in try stage.hold(lot, collected, at: link) }
    }

    /// Lets a newcomer do the task beside the answer that leaves, so that it is known before it may win: an auction among newcomers, of
    /// which nothing leaves. Not where the budget is short.
    private func letNewcomersTry() throws {
        guard let record = held?.record, run.time.remaining > 0, run.pace.now.pressure == 0 else { return }
        let ruling = try run.ruling()
        let now = run.room.clock.wall()
        let names = record.input.exclusions.filter { $0.kind == Participation.Kind.trial.rawValue }.map(\.model)
            .filter { ruling.stage.mayTry($0, at: now) }
        guard let limit = ruling.policy.auction.trials, !names.isEmpty else { return }
        let verified = try run.learning.verified(microtask.type)
        let due = run.trials.take(names, type: microtask.type, limit: limit) { name in
            run.contenders.models[name].flatMap { verified[$0.digest] } ?? 0
        }
        guard !due.isEmpty else { return }
        let trial = MicrotaskRunner(microtask, of: input, among: due)
        let end = try trial.work()
        facts.cost += trial.facts.cost
        facts.others += trial.answers(at: end)
        // Who failed had its turn, too: nobody is tried for ever.
        let hadTurn = trial.tried.union([trial.held?.record.award.winner].compactMap(\.self))
        run.trials.giveBack(due.subtracting(hadTurn), type: microtask.type)
    }

    /// All valid answers, sure or not.
    private func answers(at end: GraphProgress.End) -> [ModelAnswer] {
        guard end.state == .answered, let value = end.value, let model = end.model, let held else { return unsure }
        let last = ModelAnswer(
            value: value, model: model, confidence: facts.confidence ?? 0, record: held.record, digest: held.digest)
        return unsure + [last]
    }

    private func takeOver(_ code: String) throws -> MicrotaskStateMachine.Event {
        guard let earlier = held?.record else { return .noAward(code: code, denied: false) }
        let cost = lastCost
        giveBack()
        if let winner = earlier.award.winner { tried.insert(winner) }
        return try run.decide { ruling in
            // The sealed bids are of those whom that policy admitted; another one admits anew.
            // So does a clock that was set back since, and a window that opened or closed.
            let now = run.room.clock.wall()
            guard earlier.input.policy.sequence == ruling.sequence, !ruling.decisions.clock.isBehind(now),
                ruling.stage.admitsTheSame(as: earlier.input, at: now),
                newcomers?.allSatisfy({ ruling.stage.mayTry($0, at: now) }) != false
            else {
                return try holdAuction(by: ruling)
            }
            return try hold(at: now, by: ruling) { link in
                try AuctionRecord.hold(
                    AuctionInput.takeover(
                        after: earlier, code: code, cost: cost, sequence: link.sequence, previous: link.previous,
                        budgetRemaining: link.budgetRemaining))
            }
        }
    }

    private func hold(
        at time: WallTime, by ruling: JobRuling, isBehind: Bool = false,
        _ make: (AuctionChain.Link) throws -> AuctionRecord
    ) throws -> MicrotaskStateMachine.Event {
        plan = .object([:])
        let held = try run.chain.hold(
            account: ruling.account(run.job, limit: run.runner.budget.cost, class: run.label.class),
            decided: ruling.sequence,
            patience: { [run] in
                try run.requireGoing()
                return run.time.remaining
            }, make: make
        ) { [self] record, digest in
            let chosen = try choosePlan(record.award.winner)
            plan = chosen?.call ?? .object([:])
            let event = Event.AuctionHeld(
                microtask: id, input: input.item.digest, attempt: input.attempt, at: time, record: digest,
                winner: record.award.winner, bidders: Int64(record.input.bids.count),
                excluded: Int64(record.input.exclusions.count), plan: chosen?.name,
                clock: isBehind ? PolicyAttribute.clockBehind : nil, trial: newcomers == nil ? nil : true)
            return (event, chosen.map { [$0.file] } ?? [])
        }
        self.held = held
        execution = nil
        lastCost = 0
        if unsure.isEmpty {
            facts.record = held.record
            facts.recordDigest = held.digest
        }
        if let winner = held.record.award.winner, run.time.remaining > 0 { return .awarded(model: winner) }
        // Nothing is recorded after this auction that would take its entry along.
        try run.room.wait(for: held.ticket)
        return noAward(held.record)
    }

    private func choosePlan(_ winner: String?) throws -> JobLearning.PreparedPlan? {
        guard let model = winner.flatMap({ run.contenders.models[$0] }) else { return nil }
        return try run.learning.plan(
            for: model.manifest, type: microtask.type, vector: input.state.locked { $0.vector },
            attempt: input.attempt)
    }

    private func noAward(_ record: AuctionRecord) -> MicrotaskStateMachine.Event {
        guard run.time.remaining > 0 else { return .noAward(code: "wall-budget", denied: false) }
        let nobody = record.input.bids.isEmpty && record.input.late.isEmpty
        // Of several reasons the jail comes first: with it, somebody could have answered.
        if run.compartment.jailFailures > jailFailuresBefore { return .noAward(code: "jail", denied: false) }
        // Somebody might have answered, had the policy let it run: that is a denial, and the log says by which rules.
        if let refusal { return .noAward(code: "\(refusal.request.action)-denied", denied: true) }
        if record.award.void == .exhausted, record.input.prior.contains(where: { $0.code == "over-budget" }) {
            return .noAward(code: "over-budget", denied: false)
        }
        return .noAward(code: record.award.void?.rawValue ?? "no-award", denied: nobody)
    }

    // MARK: Key and execution

    private func model(_ name: String) throws -> RegisteredModel {
        guard let model = run.contenders.models[name] else {
            throw RoomError(.inconsistent, "the winner \(name) is not registered", remedy: "register it again")
        }
        return model
    }

    private func releaseKey(_ name: String) throws -> MicrotaskStateMachine.Event {
        switch try input.releaseKey(to: model(name), for: microtask.id) {
        case .released(let first, let message):
            key = (first, message)
            return .keyReleased
        case .denied(let decision):
            refusal = decision
            return .keyDenied
        case .unreadable: return .inputUnreadable(code: "input")
        }
    }

    private func execute(_ name: String) throws -> MicrotaskStateMachine.Event {
        guard run.time.remaining > 0 else { return .executorFailed(code: "wall-budget") }
        guard let key, let held, let document = try input.document(for: microtask, message: key.message) else {
            return .executorFailed(code: "input")
        }
        let model = try model(name)
        let call = Compartment.Call(
            model: model, role: .executor, id: id, type: microtask.type, schema: microtask.schema, plan: plan,
            input: input.item.digest, attempt: input.attempt,
            authorize: { [input] in try input.authorize(model, keyReleasedTo: key.first) },
            announced: { [run] in try run.room.wait(for: held.ticket) },
            examples: { [run] in try run.examples(for: model) },
            money: { [run] in try held.reservation.map { try run.room.ledger.allowance(of: $0, for: model) } ?? 0 },
            remaining: { [run] in run.time.remaining }, isCancelled: { [run] in run.queue.isStopped })
        let result: Compartment.Execution
        do {
            result = try run.compartment.execute(call, on: document)
        } catch let refused as Compartment.Refused {
            refusal = refused.decision
            return .executorFailed(code: "\(refused.decision.request.action)-denied")
        }
        execution = result
        if let code = result.failure {
            try settle(model, result, outcome: .failed, code: code)
            return .executorFailed(code: code)
        }
        return .answered
    }

    // MARK: Judgement

    private func check(_ name: String) throws -> MicrotaskStateMachine.Event {
        guard let execution, let held else { return .rejected(code: "no-answer") }
        let code = if let value = execution.value { try fault(of: value) } else { "no-answer" }
        let model = try model(name)
        guard code == nil, let value = execution.value else {
            try settle(model, execution, outcome: .failed, code: code)
            return .rejected(code: code ?? "no-answer")
        }
        let confidence = AnswerDocument.confidence(of: value, said: execution.confidence)
        if let below = microtask.review?.below, (confidence ?? 0) < below {
            try settle(model, execution, outcome: .failed, code: Verdict.lowConfidence)
            unsure.append(
                ModelAnswer(
                    value: value, model: name, confidence: confidence ?? 0, record: held.record, digest: held.digest))
            return .unsure(code: Verdict.lowConfidence)
        }
        try settle(model, execution, outcome: .valid, code: nil)
        answer = value
        facts.confidence = confidence
        facts.record = held.record
        facts.recordDigest = held.digest
        return .accepted
    }

    /// What is wrong with an answer: its size, its form, or what it discloses of its input. Then the next model is asked.
    private func fault(of value: JSONValue) throws -> String? {
        let policy = try run.ruling().policy
        guard value.canonical.count <= Int(policy.maximumOutputBytes(of: run.label.class) ?? 65_536) else {
            return "oversize"
        }
        guard try run.compartment.schema(microtask.schema).check(value).isEmpty else { return "schema" }
        return try input.disclosure(in: value, by: policy)?.rawValue
    }

    /// Records the judgement, the bill and the end of the jail, then gives the rest of the money back.
    private func settle(
        _ model: RegisteredModel, _ result: Compartment.Execution, outcome: AttemptOutcome, code: String?
    ) throws {
        guard let held else { return }
        let settlement = try Auction.settle(
            held.record, use: result.use, prices: model.auctionPrices, outcome: outcome, code: code)
        var events: [any EventData] = []
        if let ended = result.ended { events.append(ended) }
        if let jail = result.jail {
            let verdict: Verdict = code == nil ? .valid : code == Verdict.lowConfidence ? .unsure : .rejected
            events.append(
                Event.OutputValidated(
                    microtask: id, input: input.item.digest, model: model.name, jail: jail,
                    verdict: verdict.rawValue, code: code, schema: schemaDigest))
        }
        events.append(
            Event.AuctionSettled(
                microtask: id, input: input.item.digest, attempt: input.attempt, record: held.digest,
                model: model.name, outcome: code ?? outcome.rawValue, cost: settlement.cost,
                latencyNs: settlement.latencyNs, cpuNs: settlement.cpuNs, credits: settlement.credits))
        try run.record(events)
        giveBack()
        lastCost = settlement.cost
        facts.cost += settlement.cost
        facts.latencyNs = Int64(settlement.latencyNs) ?? 0
    }

    private func giveBack() {
        if let reservation = held?.reservation { run.room.ledger.giveBack(reservation) }
    }

    // MARK: End

    /// The first of the surest.
    private var surest: ModelAnswer? {
        unsure.reduce(nil as ModelAnswer?) { best, next in
            if let best, best.confidence >= next.confidence { best } else { next }
        }
    }

    private func end(_ outcome: MicrotaskOutcome) throws -> GraphProgress.End {
        switch outcome {
        case .answered:
            facts.others = unsure
            return .init(state: .answered, value: answer, model: held?.record.award.winner)
        case .unsure:
            let surest = surest
            facts.others = unsure.filter { $0.model != surest?.model }
            facts.record = surest?.record
            facts.recordDigest = surest?.digest
            facts.confidence = surest?.confidence
            return .init(
                state: .unsure, value: surest?.value, model: surest?.model, code: Verdict.lowConfidence)
        case .failed(let code):
            return .init(state: .failed, code: code)
        case .denied(let code):
            let now = run.room.clock.wall()
            guard let decision = try refusal ?? run.ruling().stage.denials(type: microtask.type, at: now).first else {
                return .init(state: .failed, code: code)
            }
            facts.rules = decision.rules
            return .init(state: .denied, code: code, decision: decision)
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors
internal import Jail
internal import Sealing

extension Compartment {
    /// One call of a model.
    struct Call {
        let model: RegisteredModel
        let role: ExecutorSession.Role
        /// `0007/spam`.
        let id: String
        let type: String
        let schema: JSONValue
        let plan: JSONValue
        let input: Digest
        let attempt: Int64
        /// The policy's word on this delivery, asked when it is due; throws ``Refused``.
        let authorize: () throws -> Authorization
        /// Waits until the log holds what led to this call, where the call itself has nothing to record.
        let announced: () throws -> Void
        /// Labelled examples for a new process, by type.
        let examples: () throws -> [(type: String, examples: [LabelledExample])]
        /// Micro-units that the call may use, asked when it begins; nil for a call that costs nothing.
        let money: () throws -> Int64?
        /// Nanoseconds that are left of the job's time.
        let remaining: () -> UInt64
        let isCancelled: () -> Bool
    }

    /// The policy's word on one delivery.
    struct Authorization {
        let run: RecordedDecision
        /// Where the input's key was released to another model.
        let key: RecordedDecision?
        /// Of the policy that decided.
        let sequence: Int64
        /// What it wants between the model and the host; nil where it says nothing.
        let tier: JailTier?
    }

    /// The policy does not let the model have the input.
    struct Refused: Error {
        let decision: RecordedDecision
    }

    /// Another thread stopped the job.
    struct Cancelled: Error {}

    /// What one execution gave and used.
    struct Execution {
        var value: JSONValue?
        /// What the model said of its answer, in 1e-9.
        var confidence: Int64?
        /// Closed code of the failure; nil when there is a value.
        var failure: String?
        /// Nil when no jail had the input.
        var jail: String?
        var use: MeteredUse
        /// The end of the jail, where the call ended it; not recorded yet.
        var ended: Event.JailEnded?

        static func nothing(_ failure: String, calls: Int64 = 1) throws -> Execution {
            Execution(
                failure: failure, use: try MeteredUse(calls: calls, cpuNs: 0, latencyNs: 0, channelBytes: 0))
        }
    }

    /// Runs a model on one input. Everything that goes wrong inside the jail is a result with a code; what goes wrong
    /// with the room (log, disk) is thrown.
    ///
    /// - Throws: ``Refused``, ``Cancelled``, and what goes wrong with the room.
    func execute(_ call: Call, on document: Plaintext) throws -> Execution {
        do {
            return try call.model.manifest.protocol == .oneshot
                ? executeOnce(call, on: document) : executePersistently(call, on: document)
        } catch let error as ExecutorError where error.exit != .unverified {
            note(error, of: call.model.name)
            return try .nothing(code(error))
        }
    }

    /// A process for this input: everything is recorded before it needs a processor.
    private func executeOnce(_ call: Call, on document: Plaintext) throws -> Execution {
        let seat = try authorized(call) { word in
            let seat = try makeSeat(call.model, role: call.role, tier: word.tier, under: word.sequence)
            do {
                try room.record(
                    all: [seat.started(), delivery(call, to: seat, word)], job: job, label: label,
                    decided: word.sequence)
            } catch {
                _ = seat.end()
                throw error
            }
            return seat
        }
        let request = SchedulerStateMachine.Request(
            job: job, executor: nil, memoryBytes: call.model.manifest.limits.memoryBytes)
        let execution = try scheduler.run(request, limitNs: call.remaining(), isCancelled: call.isCancelled) {
            try perform(call, seat, on: document)
        }
        if let execution { return execution }
        let ended = seat.end().event
        if call.isCancelled() {
            _ = try? room.record(ended, job: job, label: label)
            throw Cancelled()
        }
        var late = try Execution.nothing("wall-budget", calls: 0)
        late.ended = ended
        return late
    }

    /// A process that lives on: it is started, and told of the input, when it is free.
    private func executePersistently(_ call: Call, on document: Plaintext) throws -> Execution {
        let id = SchedulerStateMachine.ExecutorID(job: job, name: "\(call.role.rawValue) \(call.model.name)")
        let request = SchedulerStateMachine.Request(
            job: job, executor: id, memoryBytes: call.model.manifest.limits.memoryBytes)
        let execution = try scheduler.run(
            request, limitNs: call.remaining(), isCancelled: call.isCancelled, evict: { [self] in evict(id) }
        ) {
            do {
                return try perform(call, id, on: document)
            } catch {
                // Without a process the scheduler must not count on its memory.
                if state.locked({ $0.executors[id] == nil }) { scheduler.ended(id) }
                throw error
            }
        }
        if let execution { return execution }
        if call.isCancelled() { throw Cancelled() }
        return try .nothing("wall-budget", calls: 0)
    }

    private func perform(
        _ call: Call, _ id: SchedulerStateMachine.ExecutorID, on document: Plaintext
    ) throws -> Execution {
        let (seat, isNew) = try authorized(call) { word in try admit(call, id, word) }
        var execution = try perform(call, seat, on: document, isNew: isNew)
        // A policy came into force meanwhile: the process dies with the one under which it was started.
        if execution.ended == nil, seat.sequence != room.gate.sequence { execution.ended = seat.end().event }
        if execution.ended != nil {
            state.locked { $0.executors[id] = nil }
            scheduler.ended(id)
        }
        return execution
    }

    /// Asks the policy and records what follows; again, where another policy came into force between the two.
    private func authorized<Result>(_ call: Call, _ body: (Authorization) throws -> Result) throws -> Result {
        while true {
            do {
                return try body(call.authorize())
            } catch is PolicyMoved {
                if call.isCancelled() { throw Cancelled() }
            }
        }
    }

    /// The process that gets the input, told of it in the log: the one that is there, or a new one.
    private func admit(
        _ call: Call, _ id: SchedulerStateMachine.ExecutorID, _ word: Authorization
    ) throws -> (seat: Seat, isNew: Bool) {
        var known = state.locked { $0.executors[id] }
        if let old = known, old.sequence != word.sequence {
            known = nil
            state.locked { $0.executors[id] = nil }
            try room.record(old.end().event, job: job, label: label)
        }
        let seat =
            try known ?? makeSeat(call.model, role: call.role, tier: word.tier, under: word.sequence)
        do {
            var events: [any EventData] = known == nil ? [try seat.started()] : []
            if seat.isNew(call.input) { events.append(delivery(call, to: seat, word)) }
            if events.isEmpty {
                try call.announced()
            } else {
                try room.record(all: events, job: job, label: label, decided: word.sequence)
            }
        } catch {
            if known == nil { _ = seat.end() }
            throw error
        }
        seat.deliver(call.input)
        if known == nil { state.locked { $0.executors[id] = seat } }
        return (seat, known == nil)
    }

    private func delivery(_ call: Call, to seat: Seat, _ decisions: Authorization) -> Event.InputDelivered {
        Event.InputDelivered(
            jail: seat.jail, microtask: call.id, input: call.input, attempt: call.attempt, model: call.model.name,
            decision: decisions.run, keyDecision: decisions.key)
    }

    private func perform(_ call: Call, _ seat: Seat, on document: Plaintext, isNew: Bool = false) throws -> Execution {
        let money = try call.money()
        // What starting costs is not the call's: a bid speaks of one call, and a started executor serves many.
        var before = seat.session.meter()
        var begun = room.clock.monotonic()
        var execution = try Execution.nothing("")
        execution.failure = nil
        execution.jail = seat.jail
        do {
            if isNew {
                try start(seat, call)
                before = seat.session.meter()
                begun = room.clock.monotonic()
            }
            let result = try seat.session.execute(
                id: call.id, type: call.type, input: document.memory.fd.raw, schema: call.schema, plan: call.plan,
                limitNs: call.remaining(), cpuLimitNs: money.flatMap { call.model.auctionPrices.cpuNs(affordedBy: $0) })
            execution.value = result.value
            execution.confidence = result.confidence
        } catch let error as ExecutorError {
            note(error, of: call.model.name)
            execution.failure = code(error)
        }
        let latency = room.clock.monotonic() - begun
        var after = seat.session.meter()
        if execution.failure != nil || call.model.manifest.protocol == .oneshot {
            let (event, report) = seat.end()
            execution.ended = event
            if let report { after = report.meter }
        }
        execution.use = try MeteredUse(
            cpuNs: Int64(clamping: after.cpuNs &- before.cpuNs), latencyNs: Int64(clamping: latency),
            channelBytes: Int64(clamping: after.bytes &- before.bytes))
        return execution
    }

    private func start(_ seat: Seat, _ call: Call) throws {
        let begun = room.clock.monotonic()
        try seat.session.start()
        for (type, examples) in try call.examples() where !examples.isEmpty {
            try seat.session.feedback(type: type, examples: examples)
        }
        progress(.modelStarted(name: call.model.name, nanoseconds: room.clock.monotonic() - begun))
    }

    /// Ends an idle executor, to make room for another. Nobody else has it then.
    private func evict(_ id: SchedulerStateMachine.ExecutorID) {
        let seat = state.locked { $0.executors.removeValue(forKey: id) }
        if let seat { _ = try? room.record(seat.end().event, job: job, label: label) }
        scheduler.ended(id)
    }
}

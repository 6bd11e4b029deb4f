// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The way of one job through the log: accepted, decomposed, its inputs, ended; after that only what was learnt from it.
struct JobPathStateMachine {
    let job: Story.Job
    /// By position; an input that nothing happened to has none.
    private(set) var inputs: [Int: InputPathStateMachine] = [:]
    private(set) var ended: Event.JobEnded?
    private(set) var jailsEnded: Int64 = 0
    private var jails: [String: InputPathStateMachine.Jail] = [:]
    private var usedJails: Set<String> = []
    /// Jails that died with their supervisor.
    private var lostJails: Set<String> = []
    private var isDecomposed = false

    init(job: Story.Job) { self.job = job }

    /// Answers that left so far.
    var released: Int {
        inputs.values.count { path in
            if case .released? = path.outcome { true } else { false }
        }
    }

    /// Takes the next event of the job.
    /// - Throws: why it cannot happen now.
    mutating func handle(_ event: TypedEvent) throws(Illegal) {
        if case .feedbackAdded(let event) = event { return try learn(event) }
        guard ended == nil else { throw Illegal("something happened after the job had ended") }
        if case .jobDecomposed(let event) = event { return try decompose(event) }
        guard isDecomposed else { throw Illegal("something happened before the job was decomposed") }
        switch event {
        case .auctionHeld(let event):
            try change(event.microtask, event.input) { path, id throws(Illegal) in try path.auction(id, event) }
        case .keyReleased(let event):
            try change(event.microtask, event.input) { path, id throws(Illegal) in try path.releaseKey(id, event) }
        case .jailStarted(let event): try start(event)
        case .inputDelivered(let event): try deliver(event)
        case .jailEnded(let event):
            // A supervisor that takes over a room writes down the ends that the one before could not.
            guard
                event.cause == "lost"
                    ? lostJails.remove(event.jail) != nil : jails.removeValue(forKey: event.jail) != nil
            else { throw Illegal("\(event.jail) ended (\(event.cause)) without having started") }
            jailsEnded += 1
        case .outputValidated(let event):
            try change(event.microtask, event.input) { path, id throws(Illegal) in try path.validate(id, event) }
        case .auctionSettled(let event):
            try change(event.microtask, event.input) { path, id throws(Illegal) in try path.settle(id, event) }
        case .outputReleased(let event):
            try change(event.input) { path throws(Illegal) in try path.release(event) }
        case .outputWithheld(let event):
            try change(event.input) { path throws(Illegal) in try path.withhold(event) }
        case .airlockQueued(let event):
            try change(event.input) { path throws(Illegal) in try path.queue(event) }
        case .airlockDecided(let event):
            try change(event.input) { path throws(Illegal) in try path.decide(event) }
        case .jobEnded(let event):
            try end(event)
        default:
            throw Illegal("an event that is of no job")
        }
    }

    /// A supervisor took the room: every jail of the one before died with it.
    mutating func interrupt() {
        lostJails.formUnion(jails.keys)
        jails = [:]
        for number in inputs.keys { inputs[number]?.interrupt() }
    }

    private mutating func decompose(_ event: Event.JobDecomposed) throws(Illegal) {
        guard !isDecomposed else { throw Illegal("the job was decomposed twice") }
        guard event.graph == job.accepted.task.digest,
            event.microtasks == Int64(job.inputs.items.count * job.graph.microtasks.count)
        else { throw Illegal("the job was decomposed by another graph, or into another number of microtasks") }
        isDecomposed = true
    }

    private mutating func start(_ event: Event.JailStarted) throws(Illegal) {
        guard usedJails.insert(event.jail).inserted else { throw Illegal("\(event.jail) started twice") }
        guard let role = JailRole(rawValue: event.role) else { throw Illegal("a jail for a \(event.role)") }
        jails[event.jail] = .init(name: event.jail, model: event.model, digest: event.digest, role: role)
    }

    private mutating func deliver(_ event: Event.InputDelivered) throws(Illegal) {
        guard let jail = jails[event.jail], jail.model == event.model else {
            throw Illegal("an input was delivered to \(event.jail), which is no running jail of \(event.model)")
        }
        try change(event.microtask, event.input) { path, id throws(Illegal) in
            try path.deliver(id, event, to: jail)
        }
        jails[event.jail]?.isUsed = true
    }

    /// Finds the input of a step such as `0007/spam`.
    private mutating func change(
        _ step: String, _ input: Digest,
        _ body: (inout InputPathStateMachine, String) throws(Illegal) -> Void
    ) throws(Illegal) {
        guard let (item, id) = job.step(step), item.digest == input else {
            throw Illegal("the job has no step \(step) on the input \(input)")
        }
        do throws(Illegal) {
            try change(item) { path throws(Illegal) in try body(&path, id) }
        } catch {
            throw Illegal("\(step): \(error.reason)")
        }
    }

    private mutating func change(
        _ input: Digest, _ body: (inout InputPathStateMachine) throws(Illegal) -> Void
    ) throws(Illegal) {
        guard let item = job.item(of: input) else { throw Illegal("the job has no input \(input)") }
        do throws(Illegal) {
            try change(item, body)
        } catch {
            throw Illegal("input \(item.index): \(error.reason)")
        }
    }

    private mutating func change(
        _ item: Record.Inputs.Item, _ body: (inout InputPathStateMachine) throws(Illegal) -> Void
    ) throws(Illegal) {
        // In place: an input of a large graph is too much to copy for every entry.
        try body(&inputs[Int(item.index), default: InputPathStateMachine(input: item.digest, graph: job.graph)])
    }

    /// Feedback is about an answer that left, and names the model and the auction by which it came. A later word about
    /// the same answer replaces the one before.
    private mutating func learn(_ event: Event.FeedbackAdded) throws(Illegal) {
        guard let (item, id) = job.step(event.microtask), item.digest == event.input,
            let path = inputs[Int(item.index)], case .released? = path.outcome
        else { throw Illegal("feedback on \(event.microtask), of which no answer left") }
        guard path.record(of: id, by: event.model) == event.record else {
            throw Illegal(
                "feedback on an answer of \(event.model), which \(event.microtask) does not have from that auction")
        }
        guard ["right", "wrong"].contains(event.outcome), ["label", "correction", "reviewer"].contains(event.source)
        else { throw Illegal("feedback that says nothing, or from nowhere") }
    }

    private mutating func end(_ event: Event.JobEnded) throws(Illegal) {
        var released: Int64 = 0
        var review: Int64 = 0
        var denied: Int64 = 0
        var failed: Int64 = 0
        var cost: Int64 = 0
        for path in inputs.values {
            switch path.outcome {
            case .released(_, let needsReview):
                released += 1
                if needsReview { review += 1 }
            case .withheld(_, true): denied += 1
            case .withheld(_, false): failed += 1
            case nil: break
            }
            guard let more = path.cost, case let sum = cost.addingReportingOverflow(more), !sum.overflow else {
                throw Illegal("the cost cannot be")
            }
            cost = sum.partialValue
        }
        guard (released, review, failed, denied) == (event.released, event.review, event.failed, event.denied) else {
            throw Illegal("the job's end counts other outcomes than there were")
        }
        guard event.cost == cost else { throw Illegal("the job's end names another cost than was settled") }
        let total = Int64(job.inputs.items.count)
        let state = released == total ? "released" : failed == 0 ? "denied" : "failed"
        if ["cancelled", "halted"].contains(event.state) {
            guard released + failed + denied < total else { throw Illegal("the job ended as \(event.state), complete") }
        } else {
            guard released + failed + denied == total else {
                throw Illegal("\(released + failed + denied) of \(total) inputs have an outcome")
            }
            guard event.state == state else { throw Illegal("the job ended as \(event.state) instead of \(state)") }
        }
        ended = event
    }
}

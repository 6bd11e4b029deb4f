// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The way of one job through the log: accepted, decomposed, its microtasks, ended; nothing before, nothing after.
struct JobPathStateMachine {
    let job: Story.Job
    private(set) var microtasks: [String: MicrotaskPathStateMachine] = [:]
    private(set) var ended: Event.JobEnded?
    private(set) var jailsEnded: Int64 = 0
    private var jails: [String: Jail] = [:]
    private var usedJails: Set<String> = []
    /// Jails that died with their supervisor.
    private var lostJails: Set<String> = []
    private var isDecomposed = false
    private let schemas: Set<Digest>

    private var weights: [String: Digest] = [:]

    private struct Jail {
        let model: String
        let digest: Digest
        let role: String
    }

    /// Digest of the model that last had the input of a microtask.
    func weights(of microtask: String) -> Digest? { weights[microtask] }

    init(job: Story.Job) {
        self.job = job
        schemas = Set(job.graph.microtasks.map { Digest.sha256($0.schema.canonical) })
    }

    /// Answers that left so far.
    var released: Int {
        microtasks.values.count { path in
            if case .released? = path.outcome { true } else { false }
        }
    }

    /// Takes the next event of the job.
    /// - Throws: why it cannot happen now.
    mutating func handle(_ event: TypedEvent) throws(Illegal) {
        guard ended == nil else { throw Illegal("something happened after the job had ended") }
        if case .jobDecomposed(let event) = event { return try decompose(event) }
        guard isDecomposed else { throw Illegal("something happened before the job was decomposed") }
        switch event {
        case .auctionHeld(let event):
            try change(event.microtask, event.input) { path throws(Illegal) in
                try path.auction(attempt: event.attempt, winner: event.winner)
            }
        case .keyReleased(let event):
            try change(event.microtask, event.input) { path throws(Illegal) in
                try path.releaseKey(attempt: event.attempt)
            }
        case .jailStarted(let event):
            guard usedJails.insert(event.jail).inserted else { throw Illegal("\(event.jail) started twice") }
            guard JailRole(rawValue: event.role) != nil else { throw Illegal("a jail for a \(event.role)") }
            jails[event.jail] = Jail(model: event.model, digest: event.digest, role: event.role)
        case .inputDelivered(let event):
            guard let jail = jails[event.jail], jail.role == "executor", jail.model == event.model else {
                throw Illegal("an input was delivered to \(event.jail), which is no running jail of \(event.model)")
            }
            try change(event.microtask, event.input) { path throws(Illegal) in
                try path.deliver(attempt: event.attempt, model: event.model, jail: event.jail)
            }
            weights[event.microtask] = jail.digest
        case .jailEnded(let event):
            // A supervisor that takes over a room writes down the ends that the one before could not.
            guard
                event.cause == "lost"
                    ? lostJails.remove(event.jail) != nil : jails.removeValue(forKey: event.jail) != nil
            else { throw Illegal("\(event.jail) ended (\(event.cause)) without having started") }
            jailsEnded += 1
        case .outputValidated(let event):
            try validate(event)
        case .auctionSettled(let event):
            try change(event.microtask, event.input) { path throws(Illegal) in
                try path.settle(
                    attempt: event.attempt, model: event.model, cost: event.cost, latencyNs: event.latencyNs)
            }
        case .outputReleased(let event):
            try finish(event.input, event.microtasks, response: event.ciphertext)
        case .outputWithheld(let event):
            try finish(event.input, event.microtasks, response: nil)
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
        for id in microtasks.keys { microtasks[id]?.interrupt() }
    }

    private mutating func decompose(_ event: Event.JobDecomposed) throws(Illegal) {
        guard !isDecomposed else { throw Illegal("the job was decomposed twice") }
        guard event.graph == job.accepted.task.digest,
            event.microtasks == Int64(job.inputs.items.count * job.graph.microtasks.count)
        else { throw Illegal("the job was decomposed by another graph, or into another number of microtasks") }
        isDecomposed = true
    }

    private mutating func finish(
        _ input: Digest, _ results: [Event.MicrotaskResult], response: Digest?
    ) throws(Illegal) {
        guard let item = job.inputs.items.first(where: { $0.digest == input }),
            results.map(\.id) == job.graph.microtasks.map(\.id)
        else { throw Illegal("an outcome of another input, or of other microtasks") }
        for result in results {
            let answered = MicrotaskState(rawValue: result.state)?.hasAnswer == true
            guard answered == (response != nil) else { throw Illegal("an outcome that is none") }
            try change(Record.Inputs.Item.prefix(item.index) + result.id, input) { path throws(Illegal) in
                if let response {
                    try path.release(response: response)
                } else {
                    try path.withhold(code: result.code ?? "none", denied: result.decision != nil)
                }
            }
        }
    }

    private mutating func validate(_ event: Event.OutputValidated) throws(Illegal) {
        guard event.verdict == "valid" || event.verdict == "rejected", (event.verdict == "valid") == (event.code == nil)
        else { throw Illegal("a verdict that is neither valid nor rejected for a reason") }
        guard schemas.contains(event.schema) else { throw Illegal("an output was judged by a schema of no microtask") }
        try change(event.microtask, event.input) { path throws(Illegal) in
            try path.validate(model: event.model, jail: event.jail, isValid: event.verdict == "valid")
        }
    }

    private mutating func change(
        _ id: String, _ input: Digest, _ body: (inout MicrotaskPathStateMachine) throws(Illegal) -> Void
    ) throws(Illegal) {
        guard let item = job.item(of: id), item.digest == input else {
            throw Illegal("the job has no microtask \(id) on the input \(input)")
        }
        var path = microtasks[id] ?? MicrotaskPathStateMachine(input: input)
        do throws(Illegal) {
            try body(&path)
        } catch {
            throw Illegal("\(id): \(error.reason)")
        }
        microtasks[id] = path
    }

    private mutating func end(_ event: Event.JobEnded) throws(Illegal) {
        var released: Int64 = 0
        var denied: Int64 = 0
        var failed: Int64 = 0
        var cost: Int64 = 0
        for path in microtasks.values {
            switch path.outcome {
            case .released: released += 1
            case .withheld(_, let isDenied): if isDenied { denied += 1 } else { failed += 1 }
            case nil: throw Illegal("the job ended while a microtask had no outcome")
            }
            let sum = cost.addingReportingOverflow(path.cost)
            guard !sum.overflow else { throw Illegal("the cost cannot be") }
            cost = sum.partialValue
        }
        guard released == event.released, event.failed >= 0, event.denied >= 0,
            // How a withheld answer is counted is the room's word; that every one is counted is not.
            event.failed.addingReportingOverflow(event.denied) == (failed + denied, false)
        else { throw Illegal("the job's end counts other outcomes than there were") }
        let total = Int64(job.inputs.items.count * job.graph.microtasks.count)
        guard released + failed + denied == total || event.state == "cancelled" || event.state == "halted" else {
            throw Illegal("\(released + failed + denied) of \(total) microtasks have an outcome")
        }
        guard event.cost == cost else { throw Illegal("the job's end names another cost than was settled") }
        guard ["released", "denied", "failed", "cancelled", "halted"].contains(event.state),
            (event.state == "released") == (released == total)
        else { throw Illegal("the job ended as \(event.state)") }
        ended = event
    }
}

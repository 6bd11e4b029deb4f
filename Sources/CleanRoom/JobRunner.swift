// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors
public import Jail
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import Synchronization
internal import TypedOutput

/// Runs one job from admission to its receipt.
///
/// The log is written before each effect; after a crash the same request finds the unfinished job in it, repeats what
/// has no outcome, places what was released and not yet placed, and ends with one receipt.
public final class JobRunner {
    let room: Room
    let policy: SovereignPolicy
    let request: JobRequest
    let launcher: Launcher
    let progress: (JobProgress) -> Void
    let decisions: Decisions
    let recipient: AgeRecipient
    let identity: AgeIdentity
    private let isStopWanted = Mutex(false)
    private var started: UInt64
    /// What earlier supervisors used of the job's time, in nanoseconds: a crash does not wind the clock back.
    private var usedBefore: UInt64 = 0
    /// Effective limits: the job's, and the policy's where it is stricter.
    let budget: Event.Budget
    let wallLimit: UInt64

    public init(
        room: Room, request: JobRequest, launcher: Launcher, progress: @escaping (JobProgress) -> Void
    ) throws {
        self.room = room
        self.request = request
        self.launcher = launcher
        self.progress = progress
        policy = try room.requirePolicy()
        guard request.graph.microtasks.count == 1,
            request.graph.microtasks.allSatisfy({ $0.input == "message" && $0.review == nil })
        else {
            throw RoomError(
                .task, "\(request.graph.name) has several steps, which this version does not run",
                remedy: "use a graph of one microtask on the message", exit: .usage)
        }
        decisions = Decisions(
            policy: PolicyEvaluator(policy), label: request.label, purpose: request.file.purpose,
            requester: request.file.requester, task: request.graphDigest)
        if let refusal = Admission.refusal(of: request, policy: policy, callerUID: request.caller) {
            throw try Self.deny(request, refusal, in: room)
        }
        guard let requester = policy.requesters[request.file.requester] else {
            throw RoomError(.denied, "the requester is gone", remedy: "run the job again", exit: .denied)
        }
        recipient = try AgeRecipient(requester.recipient)
        identity = try AgeIdentity(uri: Room.uri(room.configuration.recipientKey, in: room.paths))
        guard identity.recipient.string == room.configuration.recipient else {
            throw RoomError(
                .configuration, "the key \(room.configuration.recipientKey) does not open what is sealed to the room",
                remedy: "restore the room's keys from a backup", exit: .unverified)
        }
        started = room.clock.monotonic()
        let limits = policy.budget(of: request.label.class)
        let cost = min(request.file.budget.micro, limits.cost?.micro ?? .max)
        let wall = min(request.file.wall, limits.wall?.value ?? .max)
        budget = Event.Budget(cost: cost, wall: String(wall))
        wallLimit = UInt64(wall)
    }

    /// Runs the job, or what a crash left of it.
    public func run() throws -> JobReport {
        let contenders = try Contenders(room: room)
        let stage = AuctionStage(
            policy: policy, policyDigest: try policy.digest, decisions: decisions, contenders: contenders.list)
        let resumed = try room.store.unfinishedJob(digest: request.digest)
        let job = try resumed?.id ?? accept(stage)
        progress(.accepted(job: job, inputs: request.inputs.items.count, resumed: resumed != nil))
        if resumed != nil { try placeReleased(job) }
        try room.outbox.clear(keeping: room.staged())
        usedBefore = UInt64(clamping: try room.store.job(job)?.usedNs ?? 0)
        started = room.clock.monotonic()

        let compartment = Compartment(
            room: room, job: job, label: request.label, contenders: contenders, launcher: launcher,
            learning: try JobLearning(room: room, label: request.label, purpose: request.file.purpose),
            progress: progress)
        var items: [JobItem] = []
        var tally = JobTally()
        do {
            defer { compartment.close() }
            let total = request.inputs.items.count * request.graph.microtasks.count
            for input in request.inputs.items {
                for microtask in request.graph.microtasks {
                    try checkStop()
                    let runner = MicrotaskRunner(
                        job: job, input: input, microtask: microtask, stage: stage, compartment: compartment,
                        parent: self)
                    let (outcome, item) = try runner.run()
                    tally.count(outcome)
                    items.append(item)
                    progress(.finished(item, number: items.count, of: total))
                }
            }
            try compartment.end()
        }
        return try end(job, tally, items, contenders, resumed: resumed != nil)
    }

    /// Lets the job end after what runs in it now; from any thread. ``run()`` then throws `interrupted`, and the same
    /// request resumes the job.
    public func stop() { isStopWanted.withLock { $0 = true } }

    private func checkStop() throws {
        guard isStopWanted.withLock({ $0 }) else { return }
        throw RoomError(
            .interrupted, "the job was told to stop before it had ended", remedy: "run the same command to resume it",
            exit: .tryAgain)
    }

    /// What the job has used of its time, in nanoseconds.
    private var wallUsed: UInt64 { usedBefore + (room.clock.monotonic() - started) }

    /// What is left of the job's time, in nanoseconds.
    var wallRemaining: UInt64 {
        let used = wallUsed
        return used >= wallLimit ? 0 : wallLimit - used
    }

    /// What is left of the job's money and of the class's money for today, in micro-units.
    func costRemaining(_ job: String) throws -> Int64 {
        let spent = try room.store.job(job)?.cost ?? 0
        var remaining = max(0, budget.cost - spent)
        if let perDay = policy.budget(of: request.label.class).costPerDay {
            let day = String(room.clock.wall().rfc3339.prefix(10))
            remaining = min(
                remaining, max(0, perDay.micro - (try room.store.spent(class: request.label.class, day: day))))
        }
        return remaining
    }

    private func accept(_ stage: AuctionStage) throws -> String {
        let now = room.clock.wall()
        for microtask in request.graph.microtasks
        where stage.eligibility(type: microtask.type, at: now).eligible.isEmpty {
            throw try Self.deny(
                request,
                Admission(
                    "no-eligible-model", "no registered model may bid on \(microtask.type)",
                    decisions: stage.denials(type: microtask.type, at: now)), in: room)
        }
        let records = room.records
        let inputs = try records.put(request.inputs)
        let graph = try records.put(request.graph)
        let file = try records.put(
            Record.Job(text: String(decoding: request.file.bytes, as: UTF8.self)))
        let job = "job-\(now.rfc3339.prefix(10).filter { $0 != "-" })-\(Hex.encode(RandomBytes.make(6)))"
        try room.record(
            Event.JobAccepted(
                digest: request.digest, file: file, task: .init(name: request.file.task, digest: request.graphDigest),
                inputs: .init(count: Int64(request.inputs.items.count), record: inputs),
                purpose: request.file.purpose, requester: request.file.requester, recipient: recipient.string,
                budget: budget),
            Event.JobDecomposed(
                graph: graph, microtasks: Int64(request.inputs.items.count * request.graph.microtasks.count)),
            job: job, label: request.label)
        return job
    }

    private static func deny(_ request: JobRequest, _ refusal: Admission, in room: Room) throws -> RoomError {
        // The labels were good, so an older one must not come back: their serials count although the job did not run.
        let inputs = try room.records.put(request.inputs)
        try room.record(
            Event.JobDenied(
                digest: request.digest, code: refusal.code, decisions: refusal.decisions, inputs: inputs),
            label: request.label)
        return refusal.error
    }

    /// Links answers whose release is in the log: their models do not run again.
    private func placeReleased(_ job: String) throws {
        for row in try room.store.inputs(job: job) {
            guard let digest = row.ciphertext.flatMap({ Digest(string: $0) }),
                let item = request.inputs.items.first(where: { $0.digest.description == row.input })
            else { continue }
            try room.outbox.place(digest, at: answerPath(item))
        }
    }

    func answerPath(_ item: Record.Inputs.Item) -> String {
        let directory = request.file.outputDirectory
        return (directory.hasSuffix("/") ? directory : directory + "/") + item.name + ".json.age"
    }

    /// `0007/` for the input with index 7.
    static func prefix(_ item: Record.Inputs.Item) -> String { Record.Inputs.Item.prefix(item.index) }

    private func end(
        _ job: String, _ tally: JobTally, _ items: [JobItem], _ contenders: Contenders, resumed: Bool
    ) throws -> JobReport {
        guard let row = try room.store.job(job) else {
            throw RoomError(.inconsistent, "the job \(job) is not in state.db", remedy: "delete state.db")
        }
        let wall = wallUsed
        let receipt = try ReceiptBuilder(
            job: row, inputs: room.store.inputs(job: job), microtasks: room.store.microtasks(job: job),
            modelDigests: contenders.digests,
            currency: room.configuration.currency, jailsEnded: room.jailsEnded(job: job), wallNs: wall
        ).receipt(state: tally.state)
        let digest = try room.records.put(receipt)
        try room.record(
            Event.JobEnded(
                state: tally.state, released: Int64(tally.released), review: 0, failed: Int64(tally.failed),
                denied: Int64(tally.denied), cost: row.cost, wallNs: String(wall), receipt: digest),
            job: job, label: request.label)
        try room.outbox.clear(keeping: room.staged())
        progress(.ended(state: tally.state))
        return JobReport(
            job: job, digest: request.digest, state: tally.state, exit: tally.exit, resumed: resumed, items: items,
            cost: row.cost, currency: room.configuration.currency, wallNs: wall, policy: policy.sequence)
    }
}

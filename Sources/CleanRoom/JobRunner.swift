// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors
public import Jail
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import Synchronization

/// Runs one job from admission to its receipt.
///
/// The log is written before each effect; after a crash the same request finds the unfinished job in it, repeats the
/// inputs that have no outcome, places what was released and not yet placed, and ends with one receipt.
public final class JobRunner: Sendable {
    let room: Room
    /// The one that admitted the job.
    let policy: SovereignPolicy
    private let admitting: Ruling
    let request: JobRequest
    let launcher: Launcher
    let scheduler: Scheduler
    /// What the answers should be, where somebody knows: message name to microtask to value.
    let labels: [String: [String: JSONValue]]
    let progress: @Sendable (JobProgress) -> Void
    let recipient: AgeRecipient
    let identity: AgeIdentity
    /// Effective limits: the job's, and the policy's where it is stricter.
    let budget: Event.Budget
    let wallLimit: UInt64
    /// What the threads of ``run()`` take from.
    private let queue = WorkQueue()
    /// What a halt kills.
    private let processes = Shared<Compartment?>(nil)

    /// Admits the job, or records that it was denied.
    ///
    /// - Parameters:
    ///   - scheduler: shared by all jobs of a supervisor.
    ///   - labels: message name to microtask to what the answer should be; only counted, see ``JobItem/right``.
    ///   - progress: called by one thread at a time.
    public init(
        room: Room, request: JobRequest, launcher: Launcher, scheduler: Scheduler = Scheduler(),
        labels: [String: [String: JSONValue]] = [:], progress: @escaping @Sendable (JobProgress) -> Void
    ) throws {
        self.room = room
        self.request = request
        self.launcher = launcher
        self.scheduler = scheduler
        self.labels = labels
        self.progress = progress
        try room.requireGoing()
        policy = try room.requirePolicy()
        admitting = try Ruling(policy)
        // Its digest names the policy under which it was read.
        guard policy.sequence == request.policy else { throw PolicyMoved() }
        if let refusal = Admission.refusal(
            of: request, policy: policy, callerUID: request.caller, witnesses: room.configuration.witnesses)
        {
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
        let limits = policy.budget(of: request.label.class)
        let cost = min(request.file.budget.micro, limits.cost?.micro ?? .max)
        let wall = min(request.file.wall, limits.wall?.value ?? .max)
        budget = Event.Budget(cost: cost, wall: String(wall))
        wallLimit = UInt64(wall)
    }

    /// Runs the job, or what a crash left of it.
    ///
    /// - Throws: `halted` when the room is, or is halted meanwhile: every process is dead then, and after the resume the same
    ///   request resumes the job.
    public func run() throws -> JobReport {
        try room.working(stop: { [self] error in halt(error) }) { try runGoing() }
    }

    private func runGoing() throws -> JobReport {
        let contenders = try Contenders(room: room)
        let services = try services(contenders)
        let ruling = JobRuling(admitting, for: request, among: contenders, in: room)
        let resumed = try room.store.unfinishedJob(digest: request.digest)
        let job = try resumed?.id ?? accept(ruling)
        progress(.accepted(job: job, inputs: request.inputs.items.count, resumed: resumed != nil))
        room.begin(job: job)
        room.airlock.locked { _ = $0.insert(job) }
        defer { room.airlock.locked { _ = $0.remove(job) } }
        let row = try room.store.job(job)
        let time = JobTime(
            clock: room.clock, started: room.clock.monotonic(), usedBefore: UInt64(clamping: row?.usedNs ?? 0),
            limit: wallLimit)
        let board = JobBoard(
            total: request.inputs.items.count * request.graph.microtasks.count, progress: progress)
        if resumed != nil { try resume(job, on: board) }
        try work(job, ruling, contenders, services, time, board)
        return try end(job, board, contenders, wall: time.used, resumed: resumed != nil)
    }

    /// Lets the job end after what runs in it now; from any thread. ``run()`` then throws `interrupted`, and the same
    /// request resumes the job.
    public func stop() {
        queue.stop(
            RoomError(
                .interrupted, "the job was told to stop before it had ended",
                remedy: "run the same command to resume it", exit: .tryAgain))
        scheduler.wakeAll()
    }

    private func halt(_ error: RoomError) {
        // First of all nothing is begun any more, so that who finds a process dead does not start the next.
        queue.stop(error)
        scheduler.wakeAll()
        processes.locked { $0 }?.halt()
    }

    /// The models that serve the steps before the microtasks.
    private func services(
        _ contenders: Contenders
    ) throws -> (parser: RegisteredModel?, featurizer: RegisteredModel?) {
        let graph = request.graph
        guard graph.needsParser else { return (nil, nil) }
        guard let parser = try contenders.service(TaskStep.parse, named: graph.parser) else {
            throw RoomError(
                .task,
                "\(graph.name) has microtasks with parsed input, and no registered model offers \(TaskStep.parse)",
                remedy: "register a parser: atomic model add Models/mail-parser --room \(room.paths.root)",
                exit: .usage)
        }
        return (parser, try contenders.service(TaskStep.features, named: graph.featurizer))
    }

    /// Lets threads work at every input that has no outcome.
    private func work(
        _ job: String, _ ruling: JobRuling, _ contenders: Contenders,
        _ services: (parser: RegisteredModel?, featurizer: RegisteredModel?), _ time: JobTime, _ board: JobBoard
    ) throws {
        let rows = try room.store.inputs(job: job)
        let attempts = Dictionary(
            rows.filter { $0.state == "open" }.map { ($0.input, $0.attempts) }, uniquingKeysWith: { first, _ in first })
        let inputs = request.inputs.items.filter { attempts[$0.digest.description] != nil }
        let run = try JobRun(
            job: job, of: self, ruling: ruling, contenders: contenders, time: time, services: services, board: board,
            queue: queue, inputs: inputs.count)
        processes.change { $0 = run.compartment }
        defer {
            processes.change { $0 = nil }
            run.compartment.close()
        }
        // A halt that came before there was anything to kill.
        if queue.isStopped { run.compartment.halt() }
        queue.begin(
            inputs.map { item in
                let attempt = (attempts[item.digest.description] ?? 0) + 1
                return { try InputRunner(item, attempt: attempt, run: run).open() }
            }, mayOpen: { [scheduler] in scheduler.openInput(of: job) })
        let threads = Threads()
        let most = min(inputs.count * request.graph.microtasks.count, scheduler.limits.inputsPerJob * 2)
        for _ in 0..<most {
            do {
                try threads.start { [queue] in queue.work() }
            } catch {
                queue.stop(error)
            }
        }
        threads.join()
        scheduler.closeInputs(of: job)
        if let failure = queue.failure {
            // Where the room still takes entries, it says how the jails ended.
            try? run.compartment.end()
            throw failure
        }
        try run.compartment.end()
    }

    private func accept(_ ruling: JobRuling) throws -> String {
        let stage = ruling.stage
        let now = room.clock.wall()
        // Where somebody may answer something, the answer is a partial one and says what is missing.
        let types = request.graph.microtasks.map(\.type)
        if types.allSatisfy({ stage.eligibility(type: $0, at: now).eligible.isEmpty }) {
            throw try Self.deny(
                request,
                Admission(
                    "no-eligible-model", "no registered model may bid on \(types[0])",
                    decisions: stage.denials(type: types[0], at: now)), in: room)
        }
        let records = room.records
        let inputs = try records.put(request.inputs)
        let graph = try records.put(request.graph)
        let file = try records.put(
            Record.Job(text: String(decoding: request.file.bytes, as: UTF8.self)))
        let job = "job-\(now.rfc3339.prefix(10).filter { $0 != "-" })-\(Hex.encode(RandomBytes.make(6)))"
        try room.record(
            all: [
                Event.JobAccepted(
                    digest: request.digest, file: file,
                    task: .init(name: request.file.task, digest: request.graphDigest),
                    inputs: .init(count: Int64(request.inputs.items.count), record: inputs),
                    purpose: request.file.purpose, requester: request.file.requester, recipient: recipient.string,
                    budget: budget),
                Event.JobDecomposed(
                    graph: graph, microtasks: Int64(request.inputs.items.count * request.graph.microtasks.count)),
            ], job: job, label: request.label, decided: ruling.sequence)
        return job
    }

    private static func deny(_ request: JobRequest, _ refusal: Admission, in room: Room) throws -> RoomError {
        // The labels were good, so an older one must not come back: their serials count although the job did not run.
        let inputs = try room.records.put(request.inputs)
        try room.record(
            all: [
                Event.JobDenied(
                    digest: request.digest, code: refusal.code, decisions: refusal.decisions, inputs: inputs)
            ], label: request.label, decided: request.policy)
        return refusal.error
    }

    /// Puts what is known of inputs with an outcome on the board, and answers whose release is in the log in their places:
    /// their models do not run again.
    private func resume(_ job: String, on board: JobBoard) throws {
        let items = Dictionary(
            request.inputs.items.map { ($0.digest.description, $0) }, uniquingKeysWith: { first, _ in first })
        let microtasks = Dictionary(grouping: try room.store.microtasks(job: job), by: \.input)
        let rows = try room.store.inputs(job: job).filter { $0.state != "open" }
        try room.placeReleased(rows, of: job, request)
        for row in rows {
            guard let item = items[row.input] else { continue }
            let items = try (microtasks[row.input] ?? []).map { row in
                let record = try row.auction.flatMap { Digest(string: $0) }.map {
                    try AuctionRecord(canonical: room.records.bytes($0))
                }
                return JobItem(name: item.name, row: row, record: record)
            }
            board.finished(
                item.index, JobMessage(name: item.name, state: row.state, code: row.code), items)
        }
    }

    /// `0007/` for the input with index 7.
    static func prefix(_ item: Record.Inputs.Item) -> String { Record.Inputs.Item.prefix(item.index) }

    private func end(
        _ job: String, _ board: JobBoard, _ contenders: Contenders, wall: UInt64, resumed: Bool
    ) throws -> JobReport {
        // Before the end is in the log: after it nobody places anything again.
        try room.outbox.settle(request.file.outputDirectory)
        let (tally, cost) = try room.airlock.locked { atWork in
            atWork.remove(job)
            return try endUnlessInReview(job, board, contenders, wall: wall)
        }
        progress(.ended(state: tally.state))
        return JobReport(
            job: job, digest: request.digest, state: tally.state, exit: tally.exit, resumed: resumed,
            items: board.items, messages: board.messages, cost: cost, currency: room.configuration.currency,
            wallNs: wall, policy: policy.sequence)
    }

    /// What reviewers decided while the job ran is on the board; while one of them has not, the job does not end.
    private func endUnlessInReview(
        _ job: String, _ board: JobBoard, _ contenders: Contenders, wall: UInt64
    ) throws -> (JobTally, cost: Int64) {
        guard let row = try room.store.job(job) else {
            throw RoomError(.inconsistent, "the job \(job) is not in state.db", remedy: "delete state.db")
        }
        for input in try room.store.inputs(job: job) {
            let item = request.inputs.items.first { $0.digest.description == input.input }
            if input.state != "open", let item {
                board.decided(item.index, JobMessage(name: item.name, state: input.state, code: input.code))
            }
        }
        let tally = board.tally
        if tally.inReview == 0, row.receipt == nil {
            try room.end(row, tally, modelDigests: contenders.digests, wall: wall, label: request.label)
        }
        return (tally, row.cost)
    }
}

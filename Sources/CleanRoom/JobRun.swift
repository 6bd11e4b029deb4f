// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Executors
internal import RoomStore
internal import SovereignPolicy

/// What the threads of one run of a job share.
final class JobRun: Sendable {
    let room: Room
    let job: String
    let request: JobRequest
    let runner: JobRunner
    /// The newest policy that the job has met; ask ``ruling()``.
    let rulings: Shared<JobRuling>
    let contenders: Contenders
    let compartment: Compartment
    let chain: AuctionChain
    let pace: JobPace
    let trials = JobTrials()
    let time: JobTime
    let learning: JobLearning
    /// What takes the messages apart; nil for a graph that does not need it.
    let parser: RegisteredModel?
    let featurizer: RegisteredModel?
    /// Microtasks for which a contender wants the labelled messages that are most like the message.
    let waitingForFeatures: Set<String>
    let queue: WorkQueue
    let board: JobBoard

    init(
        job: String, of runner: JobRunner, ruling: JobRuling, contenders: Contenders, time: JobTime,
        services: (parser: RegisteredModel?, featurizer: RegisteredModel?), board: JobBoard, queue: WorkQueue,
        inputs: Int
    ) throws {
        self.runner = runner
        room = runner.room
        self.job = job
        request = runner.request
        rulings = Shared(ruling)
        self.contenders = contenders
        self.time = time
        learning = try JobLearning(
            room: runner.room, label: runner.request.label, purpose: runner.request.file.purpose)
        (parser, featurizer) = services
        let wanting = contenders.models.values.filter { ($0.manifest.adaptation?.demonstrations ?? 0) > 0 }
        waitingForFeatures =
            services.featurizer == nil || !runner.request.graph.needsParser
            ? []
            : Set(
                runner.request.graph.microtasks.filter { microtask in
                    wanting.contains { $0.manifest.offers(type: microtask.type, schema: nil) }
                }.map(\.id))
        self.board = board
        self.queue = queue
        compartment = Compartment(
            room: runner.room, job: job, label: runner.request.label, models: contenders.models,
            launcher: runner.launcher, scheduler: runner.scheduler, progress: board.show)
        chain = try AuctionChain(room: runner.room, job: job, label: runner.request.label)
        pace = JobPace(
            budget: runner.budget.cost - (try runner.room.store.job(job)?.cost ?? 0),
            microtasks: inputs * runner.request.graph.microtasks.count, after: try chain.last())
    }

    var label: DataLabel { request.label }

    /// Stops here when another thread has stopped the job.
    func requireGoing() throws {
        if queue.isStopped { throw Compartment.Cancelled() }
    }

    /// Records events of this job. Durable on return.
    /// - Parameter ruling: by which they were decided; nil where nothing was.
    /// - Throws: ``PolicyMoved`` where that is not in force any more.
    @discardableResult
    func record(
        _ events: [any EventData], files: [NamedFile] = [], decided ruling: JobRuling? = nil
    ) throws -> Range<UInt64> {
        try room.record(all: events, files: files, job: job, label: label, decided: ruling?.sequence)
    }

    /// Labelled examples for a new process of a model: for every type of the graph that it offers.
    func examples(for model: RegisteredModel) throws -> [(type: String, examples: [LabelledExample])] {
        guard (model.manifest.adaptation?.memory ?? 0) > 0 else { return [] }
        let types = Set(request.graph.microtasks.map(\.type))
        return try types.filter { model.manifest.offers(type: $0, schema: nil) }.sorted().map { type in
            (type, try learning.examples(for: model.manifest, type: type))
        }
    }
}

/// The time that a job may take, whoever asks.
struct JobTime: Sendable {
    let clock: SystemClock
    /// Monotonic, in nanoseconds.
    let started: UInt64
    /// What earlier supervisors used of it: a crash does not wind the clock back.
    let usedBefore: UInt64
    let limit: UInt64

    /// What the job has used of its time, in nanoseconds.
    var used: UInt64 { usedBefore + (clock.monotonic() - started) }

    /// What is left of the job's time, in nanoseconds.
    var remaining: UInt64 {
        let used = used
        return used >= limit ? 0 : limit - used
    }
}

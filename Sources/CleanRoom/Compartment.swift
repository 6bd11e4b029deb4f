// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors
internal import Jail
internal import RoomStore
internal import TypedOutput

/// The processes of one job in one compartment: executors that live for the job, executors that live for one input,
/// and bidders, each in a jail of its own. A bidder never shares a process with an executor. Any number of threads.
final class Compartment: Sendable {
    /// A bidder's process serves the auctions under one policy.
    struct Bidder: Hashable {
        let model: String
        let sequence: Int64
    }

    private struct Staged: Hashable {
        let model: Digest
        let tier: String
    }

    struct State {
        var executors: [SchedulerStateMachine.ExecutorID: Seat] = [:]
        /// How many jails could not be built so far.
        var jailFailures = 0
        var reported: Set<String> = []
        /// A bidder that failed once sits this job out: it is not started again for every input.
        var failedBidders: Set<Bidder> = []
        /// Every process that was made and has not ended, by its jail.
        var seats: [String: Seat] = [:]
        /// No process is let live any more.
        var isHalted = false
    }

    let room: Room
    let job: String
    let label: DataLabel
    let models: [String: RegisteredModel]
    let launcher: Launcher
    let scheduler: Scheduler
    let progress: @Sendable (JobProgress) -> Void
    let state = Shared(State())
    let bidders = OnceMap<Bidder, Shared<Seat>>()
    private let images = OnceMap<Staged, ImageHandle>()
    private let schemas = OnceMap<Digest, OutputSchema>()

    init(
        room: Room, job: String, label: DataLabel, models: [String: RegisteredModel],
        launcher: Launcher, scheduler: Scheduler, progress: @escaping @Sendable (JobProgress) -> Void
    ) {
        self.room = room
        self.job = job
        self.label = label
        self.models = models
        self.launcher = launcher
        self.scheduler = scheduler
        self.progress = progress
    }

    /// How many jails could not be built so far.
    var jailFailures: Int { state.locked { $0.jailFailures } }

    /// A compiled schema, once per job.
    func schema(_ schema: JSONValue) throws -> OutputSchema {
        try schemas.value(.sha256(schema.canonical)) { try OutputSchema(schema) }
    }

    // MARK: Jails

    /// - Parameters:
    ///   - tier: what the policy wants between it and the host; nil: a process.
    ///   - sequence: of the policy under which it starts, and with which it dies.
    func makeSeat(
        _ model: RegisteredModel, role: ExecutorSession.Role, tier: JailTier?, under sequence: Int64
    ) throws -> Seat {
        let tier = tier ?? .process
        // Staged once a job: what runs is what was registered, whatever happens to the disk meanwhile.
        let image = try images.value(.init(model: model.digest, tier: tier.rawValue)) {
            try model.stage(with: launcher, tier: tier)
        }
        let session = try ExecutorSession(model, image: image, launcher: launcher, role: role, tier: tier)
        // The measurement's document goes into the records, its digest into the entry.
        _ = try room.records.put(session.measurement)
        let seat = Seat(session, under: sequence) { [state] jail in state.locked { $0.seats[jail] = nil } }
        let isHalted = state.locked { state in
            state.seats[seat.jail] = seat
            return state.isHalted
        }
        if isHalted { session.cut() }
        return seat
    }

    /// Kills every process of the job now, and those that are about to start; from any thread. Who is at work with one finds it
    /// crashed, and records how it ended.
    func halt() {
        let seats = state.locked { state in
            state.isHalted = true
            return Array(state.seats.values)
        }
        for seat in seats { seat.session.cut() }
    }

    /// Ends the idle processes that were started under an earlier policy; who is at work ends his own when it is done.
    func retire(before sequence: Int64) {
        for seat in bidders.remove(where: { $0.sequence < sequence }) {
            _ = try? room.record(seat.locked { $0.end().event }, job: job, label: label)
        }
        let stale = state.locked { state in Set(state.executors.filter { $0.value.sequence < sequence }.keys) }
        scheduler.evictIdle(of: stale)
    }

    /// Ends every process of the job, politely, and records how each ended.
    func end() throws {
        let seats = takeSeats().sorted { $0.jail < $1.jail }
        guard !seats.isEmpty else { return }
        let events = Shared<[String: Event.JailEnded]>([:])
        let threads = Threads()
        for seat in seats.dropFirst() {
            try threads.start {
                let event = seat.end().event
                events.locked { $0[seat.jail] = event }
            }
        }
        let first = seats[0].end().event
        threads.join()
        try room.record(
            all: [first] + seats.dropFirst().compactMap { seat in events.locked { $0[seat.jail] } }, job: job,
            label: label)
    }

    /// Frees the staged images. Processes that are still there die with their sessions.
    func close() {
        _ = takeSeats()
        state.locked { $0.seats = [:] }
        for image in images.removeAll() { try? launcher.dropImage(image) }
    }

    private func takeSeats() -> [Seat] {
        let executors = state.locked { state in
            defer { state.executors = [:] }
            return state.executors
        }
        for id in executors.keys { scheduler.ended(id) }
        return executors.values + bidders.removeAll().map { bidder in bidder.locked { $0 } }
    }

    // MARK: Troubles

    func code(_ error: ExecutorError) -> String {
        // Whatever the model would have done: it was killed.
        if state.locked({ $0.isHalted }) { return Self.halted }
        return error.exit == .jail ? "jail" : error.codeName
    }

    /// The code of a call that a halt ended.
    static let halted = "halted"

    /// The log has closed codes only. What a jail lacked is about this machine, not about a model's input: a person who
    /// has to repair it is told the step and the errno.
    func note(_ error: ExecutorError, of model: String) {
        guard error.exit == .jail else { return }
        let isNew = state.locked { state in
            state.jailFailures += 1
            // Once per model and reason, not for every message.
            return state.reported.insert(model + error.message).inserted
        }
        if isNew { progress(.jailFailed(model: model, message: error.message, remedy: error.remedy)) }
    }
}

extension RegisteredModel {
    /// The manifest's prices (micro-units) as the auction counts them (1e-9 of the unit).
    var auctionPrices: ModelPrices {
        ModelPrices(
            call: manifest.prices.call.micro * 1_000, cpuSecond: manifest.prices.cpuSecond.micro * 1_000,
            kibibyte: manifest.prices.kibibyte.micro * 1_000)
    }
}

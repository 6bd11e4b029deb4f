// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors
internal import Jail
internal import RoomStore
internal import Sealing
internal import TypedOutput

/// The processes of one job in one compartment: executors that live for the job, executors that live for one input,
/// and bidders, each in a jail of its own. A bidder never shares a process with an executor.
final class Compartment {
    /// What one execution gave and used.
    struct Execution {
        let value: JSONValue?
        /// Of the answer, in 1e-9.
        var confidence: Int64 = 0
        /// Closed code of the failure; nil when there is a value.
        let failure: String?
        /// Nil when no jail could be built.
        let jail: String?
        let use: MeteredUse
        let prices: ModelPrices
        var cost: Int64 = 0
    }

    /// A session and the name under which the log knows its jail.
    private struct Seat {
        let session: ExecutorSession
        let jail: String
    }

    private let room: Room
    private let job: String
    private let label: DataLabel
    private let contenders: Contenders
    private let launcher: Launcher
    private let progress: (JobProgress) -> Void
    let learning: JobLearning
    private var images: [Digest: ImageHandle] = [:]
    private var executors: [String: Seat] = [:]
    private var bidders: [String: Seat] = [:]
    private var schemas: [Digest: OutputSchema] = [:]
    /// How many jails could not be built so far.
    private(set) var jailFailures = 0
    private var reported: Set<String> = []

    init(
        room: Room, job: String, label: DataLabel, contenders: Contenders, launcher: Launcher,
        learning: JobLearning, progress: @escaping (JobProgress) -> Void
    ) {
        self.room = room
        self.job = job
        self.label = label
        self.contenders = contenders
        self.launcher = launcher
        self.progress = progress
        self.learning = learning
    }

    // MARK: Bids

    /// A bid of the model: the fixed one of its manifest, or what its bidder says. It sees the features only.
    ///
    /// - Throws: ``AuctionStage/NoBid`` for what goes wrong in the bidder's jail; what goes wrong with the room.
    func ask(
        _ contender: AuctionStage.Contender, features: TaskFeatures
    ) throws -> AuctionStage.RawBid {
        guard let model = contenders.models[contender.name] else { throw AuctionStage.NoBid(reason: .failed) }
        if let fixed = model.fixedBid {
            return .init(confidence: fixed.confidence, cost: fixed.cost, latency: fixed.latency)
        }
        do {
            let bid = try bidder(model).session.bid(
                BidRequest(
                    type: features.type, class: features.class, purpose: features.purpose,
                    length: features.lengthUpperBound, language: features.language, schema: features.schema))
            return .init(confidence: bid.confidence, cost: bid.cost, latency: bid.latency)
        } catch let error as ExecutorError where error.exit != .unverified {
            // A bidder that failed once sits this job out: it is not started again for every input.
            failedBidders.insert(model.name)
            note(error, of: model.name)
            if let seat = bidders.removeValue(forKey: model.name) { try end(seat) }
            throw AuctionStage.NoBid(reason: error.code == .hung ? .late : .failed)
        }
    }

    private var failedBidders: Set<String> = []

    private func bidder(_ model: RegisteredModel) throws -> Seat {
        if let seat = bidders[model.name] { return seat }
        guard !failedBidders.contains(model.name) else {
            throw ExecutorError(.crashed, "the bidder of \(model.name) failed before", remedy: "see the log")
        }
        let seat = try makeSeat(model, role: .bidder)
        try room.record(started(seat), job: job, label: label)
        bidders[model.name] = seat
        try seat.session.start()
        return seat
    }

    // MARK: Executions

    /// Runs a model on one input. Everything that goes wrong inside the jail is a result with a code; what goes wrong
    /// with the room (log, disk) is thrown.
    ///
    /// - Parameters:
    ///   - input: a sealed memory file with the plaintext.
    ///   - plan: what the context analyser chose for this call.
    ///   - deadline: nanoseconds that are left of the job's time.
    ///   - money: micro-units that are left for this attempt; the model is stopped when it has used them.
    ///   - delivery: the entry that must be durable before the jail gets the input.
    func execute(
        _ name: String, microtask: String, type: String, input: borrowing SealedMemory, schema: JSONValue,
        plan: JSONValue, deadline: UInt64, money: Int64,
        delivery: (String) -> Event.InputDelivered
    ) throws -> Execution {
        guard let model = contenders.models[name] else {
            throw RoomError(.inconsistent, "the winner \(name) is not registered", remedy: "register it again")
        }
        let prices = model.auctionPrices
        let nothing = try MeteredUse(cpuNs: 0, latencyNs: 0, channelBytes: 0)
        let seat: Seat
        let isNew: Bool
        do {
            (seat, isNew) = try self.seat(for: model)
        } catch let error as ExecutorError where error.exit != .unverified {
            note(error, of: name)
            return Execution(value: nil, failure: code(error), jail: nil, use: nothing, prices: prices)
        }
        let lessons = isNew ? try lessons(for: model) : []
        var events: [any EventData] = isNew ? [try started(seat)] : []
        events.append(delivery(seat.jail))
        try room.record(all: events, job: job, label: label)

        // What starting costs is not the call's: a bid speaks of one call, and a started executor serves many.
        var before = seat.session.meter()
        var begun = room.clock.monotonic()
        var value: JSONValue?
        var failure: String?
        var confidence: Int64 = 0
        do throws(ExecutorError) {
            if isNew {
                try start(seat, model)
                for (type, examples) in lessons { try seat.session.feedback(type: type, examples: examples) }
                before = seat.session.meter()
                begun = room.clock.monotonic()
            }
            let result = try seat.session.execute(
                id: microtask, type: type, input: input.fd.raw, schema: schema, plan: plan, limitNs: deadline,
                cpuLimitNs: prices.cpuNs(affordedBy: money))
            (value, confidence) = (result.value, result.confidence)
        } catch {
            note(error, of: name)
            failure = code(error)
        }
        let latency = room.clock.monotonic() - begun
        var after = seat.session.meter()
        if failure != nil || model.manifest.protocol == .oneshot {
            executors[name] = nil
            if let report = try end(seat) { after = report.meter }
        }
        let use = try MeteredUse(
            cpuNs: Int64(clamping: after.cpuNs &- before.cpuNs), latencyNs: Int64(clamping: latency),
            channelBytes: Int64(clamping: after.bytes &- before.bytes))
        return Execution(
            value: value, confidence: confidence, failure: failure, jail: seat.jail, use: use, prices: prices)
    }

    /// What a model that keeps a memory is taught before its first call, for every type that it offers.
    private func lessons(for model: RegisteredModel) throws -> [(type: String, examples: [LabelledExample])] {
        try Set(model.manifest.tasks.map(\.type)).sorted().map { type in
            (type, try learning.examples(for: model.manifest, type: type))
        }.filter { !$0.examples.isEmpty }
    }

    /// The plan for a model that won; nil when it asks for nothing.
    func plan(for name: String, type: String, attempt: Int64) throws -> JobLearning.PreparedPlan? {
        guard let model = contenders.models[name] else { return nil }
        return try learning.plan(for: model.manifest, type: type, vector: nil, attempt: attempt)
    }

    private func seat(for model: RegisteredModel) throws -> (Seat, isNew: Bool) {
        if let seat = executors[model.name] { return (seat, false) }
        let seat = try makeSeat(model, role: .executor)
        if model.manifest.protocol != .oneshot { executors[model.name] = seat }
        return (seat, true)
    }

    private func start(_ seat: Seat, _ model: RegisteredModel) throws(ExecutorError) {
        guard model.manifest.protocol != .oneshot else { return }
        let begun = room.clock.monotonic()
        try seat.session.start()
        progress(.modelStarted(name: model.name, nanoseconds: room.clock.monotonic() - begun))
    }

    // MARK: Jails

    private func makeSeat(_ model: RegisteredModel, role: ExecutorSession.Role) throws -> Seat {
        let image = try image(of: model)
        let session = try ExecutorSession(model, image: image, launcher: launcher, role: role)
        // The measurement's document goes into the records, its digest into the entry.
        _ = try room.records.put(session.measurement)
        return Seat(session: session, jail: "jail-" + Hex.encode(RandomBytes.make(8)))
    }

    /// Staged once a job: what runs is what was registered, whatever happens to the disk meanwhile.
    private func image(of model: RegisteredModel) throws -> ImageHandle {
        if let image = images[model.digest] { return image }
        let image = try model.stage(with: launcher)
        images[model.digest] = image
        return image
    }

    private func started(_ seat: Seat) throws -> Event.JailStarted {
        Event.JailStarted(
            jail: seat.jail, model: seat.session.model.name, digest: seat.session.model.digest,
            measurement: try seat.session.measurement.digest(), role: seat.session.role.rawValue)
    }

    /// Ends a jail and records how.
    @discardableResult
    private func end(_ seat: Seat) throws -> JailReport? {
        let report = try? seat.session.end()
        try room.record(Event.JailEnded(jail: seat.jail, report: report), job: job, label: label)
        return report
    }

    /// Ends every process of the job, politely, and records how each ended.
    func end() throws {
        let seats = executors.values.map { $0 } + bidders.values.map { $0 }
        executors = [:]
        bidders = [:]
        for seat in seats.sorted(by: { $0.jail < $1.jail }) { try end(seat) }
    }

    /// Frees the staged images. Processes that are still there die with their sessions.
    func close() {
        executors = [:]
        bidders = [:]
        for image in images.values { try? launcher.dropImage(image) }
        images = [:]
    }

    /// A compiled schema, once per job.
    func schema(_ schema: JSONValue) throws -> OutputSchema {
        let digest = Digest.sha256(schema.canonical)
        if let compiled = schemas[digest] { return compiled }
        let compiled = try OutputSchema(schema)
        schemas[digest] = compiled
        return compiled
    }

    private func code(_ error: ExecutorError) -> String {
        error.exit == .jail ? "jail" : error.codeName
    }

    /// The log has closed codes only. What a jail lacked is about this machine, not about a model's input: a person who
    /// has to repair it is told the step and the errno.
    private func note(_ error: ExecutorError, of model: String) {
        guard error.exit == .jail else { return }
        jailFailures += 1
        // Once per model and reason, not for every message.
        if reported.insert(model + error.message).inserted {
            progress(.jailFailed(model: model, message: error.message, remedy: error.remedy))
        }
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

extension Event.JailEnded {
    /// From a jail's report, its meters rounded up to a millisecond and to 4 KiB; without one nothing ran.
    init(jail: String, report: JailReport?) {
        func time(_ nanoseconds: UInt64) -> String { String((nanoseconds + 999_999) / 1_000_000 * 1_000_000) }
        func size(_ bytes: UInt64) -> Int64 { Int64(clamping: (bytes + 4_095) / 4_096 * 4_096) }
        guard let report else {
            self.init(
                jail: jail, cause: "not-started", limits: "unknown", cpuNs: "0", wallNs: "0", peakBytes: 0,
                bytesIn: 0, bytesOut: 0)
            return
        }
        self.init(
            jail: jail, cause: report.cause.rawValue, exit: report.exit.map(Int64.init),
            signal: report.signal.map(Int64.init), limits: report.limits.rawValue,
            cpuNs: time(report.accounting.cpuNs), wallNs: time(report.accounting.wallNs),
            peakBytes: size(report.accounting.peakBytes), bytesIn: size(report.accounting.bytesIn),
            bytesOut: size(report.accounting.bytesOut))
    }
}

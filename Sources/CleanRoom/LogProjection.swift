// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import SovereignPolicy
internal import TransparencyLog

/// What a log entry changes in the room's state. The only writer of the store.
enum LogProjection {
    /// Brings a store that has followed `next` entries up to the end of the log.
    static func follow(_ log: LogReader, from next: UInt64, in store: RoomStore, records: RecordStore) throws {
        // In bounded steps, so that a long log does not have to fit in memory.
        for start in stride(from: next, to: log.size, by: 1_024) {
            let stop = min(start + 1_024, log.size)
            let entries = try log.entries(in: start..<stop)
            try store.follow(next: Int64(stop)) { transaction in
                for entry in entries { try apply(entry, to: transaction, records: records) }
                if let newest = entries.map(\.wall.nanoseconds).max() { try transaction.saw(wall: newest) }
            }
        }
    }

    static func apply(_ entry: LogEntry, to store: borrowing StoreTransaction, records: RecordStore) throws {
        // Nothing that the room does depends on what other programs append, whatever job they name.
        guard !entry.type.hasPrefix("x.") else { return }
        let index = Int64(entry.seq)
        switch entry.type {
        case Event.RoomOpened.type:
            try store.stopClocks()
            try store.opened(entry: index)
            try store.forgetCalls()
        case Event.Halt.type:
            let statement = try StopEnvelope.inspect(Array(read(Event.Halt.self, entry).statement.utf8)).digest
            try store.stopped(kind: entry.type, statement: statement.description, entry: index)
            try store.haltJobs()
        case Event.Resume.type:
            let statement = try StopEnvelope.inspect(Array(read(Event.Resume.self, entry).statement.utf8)).digest
            try store.stopped(kind: entry.type, statement: statement.description, entry: index)
        case Event.RoomRestored.type: try store.restored(entry: index)
        case Event.ModelRegistered.type:
            let event = try read(Event.ModelRegistered.self, entry)
            try store.save(
                ModelRow(
                    digest: event.digest.description, name: event.name, version: event.version,
                    image: event.image.description, entry: index))
        case Event.PolicyAccepted.type:
            let event = try read(Event.PolicyAccepted.self, entry)
            try store.accepted(policy: event.sequence, envelope: event.envelope.description, entry: index)
        case Event.JobAccepted.type:
            let event = try read(Event.JobAccepted.self, entry)
            guard let id = entry.job else { return }
            try store.insert(
                JobRow(
                    id: id, digest: event.digest.description, state: "accepted", firstEntry: index, lastEntry: index,
                    policy: entry.policy, dataClass: entry.label?.class ?? "", purpose: event.purpose,
                    requester: event.requester, recipient: event.recipient, taskDigest: event.task.digest.description,
                    inputs: event.inputs.record.description, file: event.file.description,
                    budgetCost: event.budget.cost, budgetWall: Int64(event.budget.wall) ?? 0, cost: 0, receipt: nil))
            for item in try records.record(Record.Inputs.self, event.inputs.record).items {
                try store.save(InputRow(job: id, input: item.digest.description, number: item.index))
            }
            try see(labelsOf: event.inputs.record, in: records, store)
        case Event.JobDenied.type:
            if let inputs = try read(Event.JobDenied.self, entry).inputs {
                try see(labelsOf: inputs, in: records, store)
            }
        case Event.JailStarted.type:
            let event = try read(Event.JailStarted.self, entry)
            try store.started(
                JailRow(
                    id: event.jail, job: entry.job ?? "", dataClass: entry.label?.class,
                    owners: entry.label?.owners.joined(separator: " ") ?? ""))
        case Event.FeedbackAdded.type:
            try LearningProjection.apply(read(Event.FeedbackAdded.self, entry), entry, to: store, records: records)
        case Event.MemoryErased.type:
            try LearningProjection.apply(read(Event.MemoryErased.self, entry), to: store)
        case Event.JailEnded.type:
            try store.ended(jail: read(Event.JailEnded.self, entry).jail)
            try changeJob(entry, store) { job in job.jailsEnded += 1 }
        default:
            try applyJobStep(entry, to: store)
        }
        try touchJob(entry, to: store)
    }

    private static func see(
        labelsOf inputs: Digest, in records: RecordStore, _ store: borrowing StoreTransaction
    ) throws {
        for item in try records.record(Record.Inputs.self, inputs).items {
            if let serial = item.serial { try store.seen(label: serial, ciphertext: item.digest.description) }
        }
    }

    private static func applyJobStep(_ entry: LogEntry, to store: borrowing StoreTransaction) throws {
        switch entry.type {
        case Event.AuctionHeld.type:
            let event = try read(Event.AuctionHeld.self, entry)
            // A trial changes nothing of the answer beside which it is held.
            if event.trial != true {
                try change(entry, event.microtask, event.input, store) { row in
                    row.state = "auctioned"
                    row.auction = event.record.description
                    row.model = event.winner
                }
            }
            if let job = entry.job, let winner = event.winner {
                try store.awarded(job, event.microtask, to: winner, by: event.record.description)
                try store.promised(
                    PromiseRow(
                        job: job, microtask: event.microtask, input: event.input.description, attempt: event.attempt,
                        record: event.record.description, model: winner, dataClass: entry.label?.class,
                        owners: entry.label?.owners.joined(separator: " ") ?? ""))
            } else if let job = entry.job {
                try store.billed(job, event.microtask)
            }
            try changeJob(entry, store) { job in
                job.auctions += 1
                job.lastAuction = event.record.description
            }
        case Event.KeyReleased.type:
            let event = try read(Event.KeyReleased.self, entry)
            try changeInput(entry, event.input, store) { row in row.attempts = event.attempt }
        case Event.InputDelivered.type:
            let event = try read(Event.InputDelivered.self, entry)
            if let job = entry.job { try store.delivered(job, input: event.input.description, to: event.model) }
        case Event.OutputValidated.type:
            let event = try read(Event.OutputValidated.self, entry)
            if let job = entry.job { try store.judged(job, event.microtask, as: event.code ?? event.verdict) }
        case Event.AuctionSettled.type:
            let event = try read(Event.AuctionSettled.self, entry)
            if let job = entry.job { try store.billed(job, event.microtask) }
            let latencyNs = Int64(event.latencyNs) ?? 0
            try store.settled(event.record.description, cost: event.cost, latencyMs: latencyNs / 1_000_000)
            try change(entry, event.microtask, event.input, store) { row in
                row.cost += event.cost
                guard row.auction == event.record.description else { return }
                row.state = "judged"
                row.latencyNs = latencyNs
            }
            try changeJob(entry, store) { job in job.cost += event.cost }
            if let label = entry.label {
                try store.spend(event.cost, class: label.class, day: String(entry.wall.rfc3339.prefix(10)))
            }
        case Event.OutputWithheld.type:
            let event = try read(Event.OutputWithheld.self, entry)
            try changeInput(entry, event.input, store) { row in
                row.state = (event.isDenied ? InputState.denied : .failed).rawValue
                row.code = event.code
            }
            try finish(entry, event.input, event.microtasks, store)
        case Event.OutputReleased.type:
            let event = try read(Event.OutputReleased.self, entry)
            try changeInput(entry, event.input, store) { row in
                row.state = (event.review ? InputState.needsReview : .released).rawValue
                row.ciphertext = event.ciphertext.description
                row.sidecar = event.sidecar?.description
            }
            try finish(entry, event.input, event.microtasks, store)
        case Event.AirlockQueued.type:
            let event = try read(Event.AirlockQueued.self, entry)
            try changeInput(entry, event.input, store) { row in row.state = InputState.inReview.rawValue }
            try finish(entry, event.input, event.microtasks, store)
            try store.save(
                AirlockRow(
                    entry: Int64(entry.seq), job: entry.job ?? "", input: event.input.description,
                    held: event.held.description, approvals: event.approvals, policy: entry.policy))
        case Event.AirlockDecided.type:
            let event = try read(Event.AirlockDecided.self, entry)
            try store.save(
                AirlockDecisionRow(
                    entry: Int64(entry.seq), held: event.held.description, reviewer: event.reviewer,
                    verdict: event.verdict, reason: event.reason))
        case Event.JobEnded.type:
            let event = try read(Event.JobEnded.self, entry)
            try changeJob(entry, store) { job in
                job.state = event.state
                job.receipt = event.receipt.description
            }
        default:
            break
        }
    }

    private static func touchJob(_ entry: LogEntry, to store: borrowing StoreTransaction) throws {
        // What a halted job still says of its jails does not set it going.
        let isLate = entry.data["outcome"]?.stringValue == Event.AuctionSettled.interrupted
        var state = jobState(after: entry.type)
        if state != nil, try store.isHalted() { state = nil }
        try changeJob(entry, store) { job in
            job.lastEntry = Int64(entry.seq)
            // The bill of a dead supervisor's call comes when nobody has worked for a while.
            if isLate { return }
            let mono = Int64(clamping: entry.mono)
            // The time that reviewers took is not the job's.
            if let last = job.lastMono, job.receipt == nil, entry.type != Event.AirlockDecided.type {
                job.usedNs += max(0, mono - last)
            }
            job.lastMono = mono
            if job.receipt == nil, let state { job.state = state }
        }
    }

    /// The job's state after an entry (architecture: the way of a job).
    private static func jobState(after type: String) -> String? {
        switch type {
        case Event.JobDecomposed.type: "decomposed"
        case Event.AuctionHeld.type: "auctioned"
        case Event.KeyReleased.type, Event.JailStarted.type: "running"
        case Event.OutputValidated.type: "validating"
        case Event.AirlockQueued.type: InputState.inReview.rawValue
        default: nil
        }
    }

    private static func changeJob(
        _ entry: LogEntry, _ store: borrowing StoreTransaction, _ body: (inout JobRow) -> Void
    ) throws {
        guard let id = entry.job, var row = try store.job(id) else { return }
        body(&row)
        try store.update(row)
    }

    private static func changeInput(
        _ entry: LogEntry, _ input: Digest, _ store: borrowing StoreTransaction, _ body: (inout InputRow) -> Void
    ) throws {
        guard let job = entry.job, var row = try store.input(job, input.description) else { return }
        body(&row)
        try store.save(row)
    }

    /// How the microtasks of an input ended.
    private static func finish(
        _ entry: LogEntry, _ input: Digest, _ results: [Event.MicrotaskResult], _ store: borrowing StoreTransaction
    ) throws {
        guard let job = entry.job, let number = try store.input(job, input.description)?.number else { return }
        try store.forgetCalls(job, input: input.description)
        for (position, result) in results.enumerated() {
            let id = Record.Inputs.Item.prefix(number) + result.id
            let record = try result.model.flatMap { try store.award(job, id, of: $0) }
            try change(entry, id, input, store) { row in
                row.position = Int64(position)
                row.state = result.state
                row.code = result.code
                // The record of the award that gave the answer, which need not be the last one.
                row.model = result.model ?? row.model
                row.auction = record ?? row.auction
            }
        }
    }

    private static func change(
        _ entry: LogEntry, _ microtask: String, _ input: Digest, _ store: borrowing StoreTransaction,
        _ body: (inout MicrotaskRow) -> Void
    ) throws {
        guard let job = entry.job else { return }
        var row =
            try store.microtask(job, microtask)
            ?? MicrotaskRow(
                job: job, id: microtask, input: input.description,
                number: microtask.split(separator: "/").first.flatMap { Int64($0) } ?? 0, state: "auctioned")
        body(&row)
        try store.save(row)
    }

    private static func read<Data: EventData>(_ type: Data.Type, _ entry: LogEntry) throws -> Data {
        do {
            return try CanonicalJSON.decodeStrict(type, from: entry.data)
        } catch {
            throw RoomError(
                .inconsistent, "entry \(entry.seq) is no \(type.type): \(error)",
                remedy: "open the room with the version that wrote it", exit: .unverified, cause: error)
        }
    }
}

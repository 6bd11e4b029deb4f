// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom
internal import Executors
internal import Jail
internal import RoomStore
internal import SovereignPolicy
internal import Synchronization

/// Does what clients ask for: the one owner of the open room and of the launcher.
///
/// A client that goes away takes nothing with it. An identical request, or `attach`, joins the job that is at work; it
/// hears what happens from then on, and the same report.
final class Desk: Sendable {
    typealias Ticket = WorkQueueStateMachine.Ticket
    typealias Client = Mailbox.Client

    struct Work {
        let kind: WorkQueueStateMachine.Kind
        var audience: [Client]
        /// Known when the inputs are sealed, and when the job is accepted.
        var digest: Digest?
        var job: String?
        var runner: JobRunner?
        let body: @Sendable (Ticket) throws -> JSONValue?
    }

    struct State {
        var queue: WorkQueueStateMachine
        var works: [Ticket: Work] = [:]
        var isStopWanted = false
        var isAbandoned = false
    }

    let room: Room
    let launcher: Launcher
    let mailbox: Mailbox
    let state: Mutex<State>
    /// Sealing the same file twice at once would make two ciphertexts of one name.
    let intake = Mutex<Void>(())
    /// A label replaces an earlier one, so one batch of them follows the other.
    let learning = Mutex<Void>(())
    /// Shares the machine out fairly between the jobs.
    let scheduler = Scheduler()

    init(room: Room, launcher: Launcher, mailbox: Mailbox, workers: Int, queue: Int) {
        self.room = room
        self.launcher = launcher
        self.mailbox = mailbox
        state = Mutex(State(queue: WorkQueueStateMachine(workers: workers, capacity: queue)))
    }

    // MARK: Requests

    func serve(_ request: DaemonRequest, for client: Client, uid: UInt32) {
        switch request {
        case .run(let order):
            submit(.job, client) { [self] ticket in try run(order, uid: uid, ticket: ticket) }
        case .attach(let job): attach(client, to: job)
        case .stop(let job): stop(job, client)
        case .append(let events):
            submit(.short, client) { [self] _ in
                let range = try room.append(outside: events, uid: uid)
                return try CanonicalJSON.value(AppendedRange(first: range.lowerBound, count: UInt64(range.count)))
            }
        case .modelAdd(let bundle):
            submit(.short, client) { [self] _ in
                try CanonicalJSON.value(AddedModel(room.register(bundle: bundle, launcher: launcher)))
            }
        case .policyAccept(let envelope):
            // Beside the jobs at work: their next decision is by the new one.
            submit(.short, client) { [self] _ in
                try CanonicalJSON.value(AcceptedPolicy(room.accept(policyEnvelope: envelope)))
            }
        case .keyRotate:
            submit(.alone, client) { [self] _ in try CanonicalJSON.value(room.rotateLogKeys()) }
        case .feedback(let order):
            submit(.short, client) { [self] _ in
                try CanonicalJSON.value(learning.withLock { _ in try room.take(order) })
            }
        case .forget(let order):
            submit(.short, client) { [self] _ in
                .integer(Int64(try learning.withLock { _ in try room.forget(order) }))
            }
        case .airlock(let order):
            submit(.short, client) { [self] _ in .string(try room.decide(order, caller: uid)) }
        case .status: answer(client) { try CanonicalJSON.value(status()) }
        case .shutdown:
            answer(client) { .object([:]) }
            wantStop()
        }
    }

    /// The client is gone; what it asked for goes on.
    func leave(_ client: Client) {
        state.withLock { state in
            for ticket in state.works.keys { state.works[ticket]?.audience.removeAll { $0 == client } }
        }
    }

    func answer(_ client: Client, _ body: () throws -> JSONValue) {
        do {
            mailbox.post(.result(try body()), to: [client])
        } catch {
            mailbox.post(.failed(.init(error)), to: [client])
        }
    }

    private func submit(
        _ kind: WorkQueueStateMachine.Kind, _ client: Client, _ body: @escaping @Sendable (Ticket) throws -> JSONValue?
    ) {
        let (refusal, note): (DaemonError?, String?) = state.withLock { state in
            do throws(WorkQueueStateMachine.Refusal) {
                let ticket = try state.queue.submit(kind)
                state.works[ticket] = Work(kind: kind, audience: [client], body: body)
                return (nil, state.queue.waitingNote(for: kind))
            } catch {
                return (error == .full ? .queueIsFull(state.queue.capacity) : .isStopping, nil)
            }
        }
        if let refusal { return mailbox.post(.failed(.init(refusal)), to: [client]) }
        if let note { mailbox.post(.note(note), to: [client]) }
        startWhatMay()
    }

    /// Starts what the queue lets start, each on a thread of its own.
    private func startWhatMay() {
        let started = state.withLock { state in
            state.queue.start().compactMap { ticket in state.works[ticket].map { (ticket, $0.body) } }
        }
        for (ticket, body) in started {
            WorkThread.start { [self] in
                do {
                    let result = try body(ticket)
                    finish(ticket, result.map { .result($0) })
                } catch {
                    finish(ticket, .failed(.init(error)), isInterrupted: true)
                }
            }
        }
    }

    /// The last line goes to everybody who listens; nil when they listen to another job by now.
    private func finish(_ ticket: Ticket, _ reply: DaemonReply?, isInterrupted: Bool = false) {
        let audience = state.withLock { state in
            state.queue.finish(ticket)
            let work = state.works.removeValue(forKey: ticket)
            // An accepted job that has not ended may be asked for again, and then repeats inputs that were begun. The log
            // tells that apart by the room's opening, which must stand between, and between the other jobs.
            if isInterrupted, work?.job != nil, let next = try? state.queue.submit(.alone) {
                state.works[next] = Work(kind: .alone, audience: []) { [self] _ in
                    try room.reopen(version: Version.text)
                    return .object([:])
                }
            }
            return work?.audience ?? []
        }
        if let reply { mailbox.post(reply, to: audience) }
        startWhatMay()
        mailbox.wake()
    }

    func broadcast(_ reply: DaemonReply, _ ticket: Ticket) {
        mailbox.post(reply, to: state.withLock { $0.works[ticket]?.audience ?? [] })
    }

    // MARK: The end

    var isStopWanted: Bool { state.withLock { $0.isStopWanted } }
    /// Whether nothing is at work.
    var isIdle: Bool { state.withLock { $0.queue.running.isEmpty } }

    func wantStop() {
        state.withLock { $0.isStopWanted = true }
        mailbox.wake()
    }

    /// Takes nothing more, and asks every job to end after the microtasks that run now.
    func stop() {
        let (waiting, runners) = state.withLock { state in
            let waiting = state.queue.stop().compactMap { state.works.removeValue(forKey: $0)?.audience }
            return (waiting.flatMap { $0 }, state.works.values.compactMap(\.runner))
        }
        mailbox.post(.failed(.init(DaemonError.isStopping)), to: waiting)
        for runner in runners { runner.stop() }
    }

    /// Tells whoever still listens that nothing more will come.
    func abandon() {
        let audience = state.withLock { state in
            state.isAbandoned = true
            defer { state.works = [:] }
            return state.works.values.flatMap(\.audience)
        }
        mailbox.post(.failed(.init(DaemonError.isStopping)), to: audience)
    }
}

extension WorkQueueStateMachine {
    /// What a client is told while its request waits; nil when it starts at once.
    fileprivate func waitingNote(for kind: Kind) -> String? {
        let jobs = runningJobs
        switch kind {
        case .short: return nil
        case .alone: return jobs > 0 ? "waiting     for \(jobs) jobs at work to end" : nil
        case .job:
            guard waitingAlone.isEmpty else { return "waiting     for what needs the room alone" }
            let ahead = jobs + waitingJobs.count - 1
            return ahead >= workers ? "waiting     behind \(ahead) jobs" : nil
        }
    }
}

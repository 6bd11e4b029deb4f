// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Which pieces of work wait, which are at work, and what may start now. No I/O, no threads.
///
/// Jobs wait for a worker, short pieces (an entry of another program, a model to register, a new policy) for nothing, and a
/// piece that needs the room alone (new keys of the log) for all that is at work. It goes before everything that has not
/// started, and what is at work is never interrupted by it.
struct WorkQueueStateMachine: Sendable {
    typealias Ticket = UInt64

    enum Kind: Equatable {
        case job
        /// Beside anything but a piece that is alone.
        case short
        /// Alone: it starts when nothing is at work.
        case alone
    }

    enum Refusal: Error, Equatable {
        case full
        case stopping
    }

    /// Jobs at work at once.
    let workers: Int
    /// Jobs that wait at most.
    let capacity: Int
    private var nextTicket: Ticket = 1
    private(set) var waitingJobs: [Ticket] = []
    private(set) var waitingShort: [Ticket] = []
    private(set) var waitingAlone: [Ticket] = []
    private(set) var running: [Ticket: Kind] = [:]
    private(set) var isStopping = false

    init(workers: Int, capacity: Int) {
        self.workers = workers
        self.capacity = capacity
    }

    var runningJobs: Int { running.values.count { $0 == .job } }

    /// Takes a piece of work, or refuses it. Follow with ``start()``.
    mutating func submit(_ kind: Kind) throws(Refusal) -> Ticket {
        guard !isStopping else { throw .stopping }
        switch kind {
        case .job:
            // What could start at once does not wait, so that a queue of no places still serves every worker.
            let places = max(0, workers - runningJobs) + capacity
            guard waitingJobs.count < places else { throw .full }
            waitingJobs.append(nextTicket)
        case .short:
            // A client has one request in hand, so their number is that of the clients.
            waitingShort.append(nextTicket)
        case .alone:
            guard waitingAlone.count <= capacity else { throw .full }
            waitingAlone.append(nextTicket)
        }
        defer { nextTicket += 1 }
        return nextTicket
    }

    /// What may start now; it counts as at work from here on.
    mutating func start() -> [Ticket] {
        var started: [Ticket] = []
        if !waitingAlone.isEmpty {
            guard running.isEmpty else { return [] }
            started = [waitingAlone.removeFirst()]
            running[started[0]] = .alone
            return started
        }
        guard !running.values.contains(.alone) else { return [] }
        started = waitingShort
        waitingShort = []
        for ticket in started { running[ticket] = .short }
        while runningJobs < workers, !waitingJobs.isEmpty {
            let ticket = waitingJobs.removeFirst()
            running[ticket] = .job
            started.append(ticket)
        }
        return started
    }

    /// A piece of work is over. Follow with ``start()``.
    mutating func finish(_ ticket: Ticket) { running[ticket] = nil }

    /// Takes nothing more.
    /// - Returns: what waited and will not start.
    mutating func stop() -> [Ticket] {
        isStopping = true
        defer {
            waitingJobs = []
            waitingShort = []
            waitingAlone = []
        }
        return waitingAlone + waitingShort + waitingJobs
    }
}

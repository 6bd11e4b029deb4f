// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Who may run a model now, without I/O and without threads: requests in, grants and evictions out.
///
/// - Jobs take turns; within a job the oldest request goes first. A request that waits for a busy process holds nobody
///   else up.
/// - A process of a persistent executor takes one call at a time, and its memory as long as it lives.
/// - No more calls run than there are processors. A call that lasts longer than ``Limits/lendAfterNs`` lends its slot to
///   the next, up to a second set of slots: a model that hangs costs the others processor time and nothing else.
/// - Declared memory stays within the limit. The oldest request that does not fit is the next that gets memory: until
///   then nobody else gets any, and idle executors make room for it, so that it cannot starve.
struct SchedulerStateMachine {
    struct Limits: Equatable {
        /// Calls at once: processors.
        var slots: Int
        var memoryBytes: UInt64
        /// Inputs of one job that are open at once.
        var inputsPerJob: Int
        /// After so long a call's slot is lent, in nanoseconds.
        var lendAfterNs: UInt64 = 250_000_000
    }

    /// A process that lives longer than a call.
    struct ExecutorID: Hashable {
        let job: String
        let name: String
    }

    struct Request: Equatable {
        let job: String
        /// Nil for a process that lives for this call only.
        let executor: ExecutorID?
        let memoryBytes: UInt64
    }

    typealias Ticket = UInt64

    enum Action: Equatable {
        case grant(Ticket)
        /// End this idle process and report ``ended(_:)``.
        case evict(ExecutorID)
    }

    private struct Waiting {
        let ticket: Ticket
        let request: Request
    }

    private struct Call {
        let request: Request
        let begun: UInt64
        /// Memory that this call holds by itself.
        let memory: UInt64
    }

    private struct Executor {
        let memory: UInt64
        /// The call that has it. A process that ended in a call may be followed by another before that call is over.
        var holder: Ticket?
        var isLeaving = false
        var lastUse: Ticket = 0
        var isBusy: Bool { holder != nil }
    }

    let limits: Limits
    private var nextTicket: Ticket = 1
    /// Jobs in the order of their turns.
    private var turns: [String] = []
    private var waiting: [String: [Waiting]] = [:]
    private var running: [Ticket: Call] = [:]
    private var executors: [ExecutorID: Executor] = [:]
    private var inputs: [String: Int] = [:]
    private(set) var memoryUsed: UInt64 = 0
    /// The request that is next to get memory.
    private var blocked: Ticket?

    init(limits: Limits) { self.limits = limits }

    // MARK: Inputs

    /// Whether the job may open one more input; it is open then.
    mutating func openInput(of job: String) -> Bool {
        guard inputs[job, default: 0] < limits.inputsPerJob else { return false }
        inputs[job, default: 0] += 1
        return true
    }

    mutating func closeInput(of job: String) {
        inputs[job, default: 1] -= 1
        if inputs[job] == 0 { inputs[job] = nil }
    }

    /// A run of the job is over, however it ended.
    mutating func closeInputs(of job: String) { inputs[job] = nil }

    // MARK: Calls

    mutating func submit(_ request: Request) -> Ticket {
        let ticket = nextTicket
        nextTicket += 1
        if waiting[request.job] == nil { turns.append(request.job) }
        waiting[request.job, default: []].append(Waiting(ticket: ticket, request: request))
        return ticket
    }

    /// A request that nobody waits for any more.
    mutating func withdraw(_ ticket: Ticket) {
        for job in turns { remove(ticket, from: job) }
        if blocked == ticket { blocked = nil }
    }

    /// A call is over; its process lives on where it is persistent.
    mutating func finish(_ ticket: Ticket) {
        guard let call = running.removeValue(forKey: ticket) else { return }
        memoryUsed -= call.memory
        if let id = call.request.executor, executors[id]?.holder == ticket {
            executors[id]?.holder = nil
            executors[id]?.lastUse = ticket
        }
    }

    /// The process of a persistent executor is gone: crashed, ended, or evicted.
    mutating func ended(_ id: ExecutorID) {
        guard let executor = executors.removeValue(forKey: id) else { return }
        memoryUsed -= executor.memory
    }

    /// The idle ones of these processes, which leave now: end each and report ``ended(_:)``.
    mutating func leaveIdle(of ids: Set<ExecutorID>) -> [ExecutorID] {
        let idle = executors.filter { ids.contains($0.key) && !$0.value.isBusy && !$0.value.isLeaving }.keys
        for id in idle { executors[id]?.isLeaving = true }
        return idle.sorted { $0.name < $1.name }
    }

    /// When a slot is lent next, if somebody waits for it: the time at which to ask again.
    func nextLending(after now: UInt64) -> UInt64? {
        guard !waiting.isEmpty else { return nil }
        return running.values.map { $0.begun &+ limits.lendAfterNs }.filter { $0 > now }.min()
    }

    /// What may happen now. Call it after every change, and at ``nextLending(after:)``.
    mutating func actions(at now: UInt64) -> [Action] {
        var actions: [Action] = []
        while let action = nextAction(at: now) { actions.append(action) }
        return actions
    }

    private mutating func nextAction(at now: UInt64) -> Action? {
        guard hasSlot(at: now) else { return nil }
        if let blocked, let action = unblock(blocked) { return action.first(at: now, in: &self) }
        for job in turns {
            for candidate in waiting[job] ?? [] {
                if let id = candidate.request.executor, let executor = executors[id] {
                    guard !executor.isBusy, !executor.isLeaving else { continue }
                    return grant(candidate, memory: 0, at: now)
                }
                let needed = memory(of: candidate.request)
                if fits(needed) { return grant(candidate, memory: needed, at: now) }
                blocked = candidate.ticket
                return nextAction(at: now)
            }
        }
        return nil
    }

    private enum Unblocking {
        case grant(Waiting, UInt64)
        case evict(ExecutorID)
        case nothing

        func first(at now: UInt64, in machine: inout SchedulerStateMachine) -> Action? {
            switch self {
            case .grant(let waiting, let memory):
                machine.blocked = nil
                return machine.grant(waiting, memory: memory, at: now)
            case .evict(let id):
                machine.executors[id]?.isLeaving = true
                return .evict(id)
            case .nothing: return nil
            }
        }
    }

    /// What the request that waits for memory needs next; nil when it waits no more.
    private mutating func unblock(_ ticket: Ticket) -> Unblocking? {
        guard let candidate = waiting.values.joined().first(where: { $0.ticket == ticket }) else {
            blocked = nil
            return nil
        }
        let needed = memory(of: candidate.request)
        if fits(needed) { return .grant(candidate, needed) }
        let leaving = executors.values.filter(\.isLeaving).reduce(0) { $0 + $1.memory }
        guard memoryUsed - leaving + needed > limits.memoryBytes else { return .nothing }
        let idle = executors.filter { !$0.value.isBusy && !$0.value.isLeaving }
        let oldest = idle.min { ($0.value.lastUse, $0.key.name) < ($1.value.lastUse, $1.key.name) }
        return oldest.map { .evict($0.key) } ?? .nothing
    }

    private func hasSlot(at now: UInt64) -> Bool {
        let lent = running.values.count { now >= $0.begun &+ limits.lendAfterNs }
        return running.count - min(lent, limits.slots) < limits.slots
    }

    /// What declares more than there is gets all there is.
    private func memory(of request: Request) -> UInt64 { min(request.memoryBytes, limits.memoryBytes) }

    private func fits(_ bytes: UInt64) -> Bool { memoryUsed + bytes <= limits.memoryBytes }

    private mutating func grant(_ candidate: Waiting, memory: UInt64, at now: UInt64) -> Action {
        let request = candidate.request
        remove(candidate.ticket, from: request.job)
        // The job's turn is over; it comes again after the others.
        if let turn = turns.firstIndex(of: request.job) { turns.append(turns.remove(at: turn)) }
        if let id = request.executor {
            if executors[id] == nil { executors[id] = Executor(memory: memory) }
            executors[id]?.holder = candidate.ticket
            memoryUsed += memory
            running[candidate.ticket] = Call(request: request, begun: now, memory: 0)
        } else {
            memoryUsed += memory
            running[candidate.ticket] = Call(request: request, begun: now, memory: memory)
        }
        return .grant(candidate.ticket)
    }

    private mutating func remove(_ ticket: Ticket, from job: String) {
        waiting[job]?.removeAll { $0.ticket == ticket }
        if waiting[job]?.isEmpty == true {
            waiting[job] = nil
            turns.removeAll { $0 == job }
        }
    }
}

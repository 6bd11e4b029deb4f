// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Grants execution to the threads of all jobs of a supervisor: ``SchedulerStateMachine`` with waiting.
public final class Scheduler: Sendable {
    private struct State {
        var machine: SchedulerStateMachine
        var granted: Set<SchedulerStateMachine.Ticket> = []
        /// How to end each idle process that lives longer than a call.
        var evictors: [SchedulerStateMachine.ExecutorID: @Sendable () -> Void] = [:]
    }

    private let state: Shared<State>
    private let clock = SystemClock.real

    /// - Parameters:
    ///   - slots: calls at once; by default the processors that this process may use.
    ///   - memoryBytes: bound of the declared memory of all processes; by default three quarters of what is available.
    ///   - inputsPerJob: inputs of one job that are open at once.
    public init(slots: Int? = nil, memoryBytes: UInt64? = nil, inputsPerJob: Int? = nil) {
        let slots = max(1, slots ?? Self.processors)
        state = Shared(
            State(
                machine: SchedulerStateMachine(
                    limits: .init(
                        slots: slots, memoryBytes: memoryBytes ?? Self.availableMemory / 4 * 3,
                        inputsPerJob: max(1, inputsPerJob ?? slots * 4)))))
    }

    var limits: SchedulerStateMachine.Limits { state.locked { $0.machine.limits } }

    // MARK: Inputs

    /// Whether the job may open one more input; call ``closeInput(of:)`` when it has an outcome.
    func openInput(of job: String) -> Bool { state.locked { $0.machine.openInput(of: job) } }

    func closeInput(of job: String) { state.locked { $0.machine.closeInput(of: job) } }

    func closeInputs(of job: String) { state.locked { $0.machine.closeInputs(of: job) } }

    // MARK: Calls

    /// Runs `body` when the machine has room for it.
    ///
    /// - Parameters:
    ///   - limitNs: how long to wait at most.
    ///   - isCancelled: asked whenever something changed; see ``wakeAll()``.
    ///   - evict: ends the process of a persistent executor while it is idle; it then calls ``ended(_:)``.
    /// - Returns: nil when the time was over, or the wait was cancelled, before there was room.
    func run<Result>(
        _ request: SchedulerStateMachine.Request, limitNs: UInt64, isCancelled: () -> Bool,
        evict: (@Sendable () -> Void)? = nil, _ body: () throws -> Result
    ) rethrows -> Result? {
        let ticket = state.locked { state in
            if let id = request.executor, let evict { state.evictors[id] = evict }
            return state.machine.submit(request)
        }
        let (end, overflow) = clock.monotonic().addingReportingOverflow(limitNs)
        guard wait(for: ticket, until: overflow ? .max : end, isCancelled: isCancelled) else { return nil }
        defer {
            state.locked { $0.machine.finish(ticket) }
            pump()
        }
        return try body()
    }

    /// The process of a persistent executor is gone.
    func ended(_ id: SchedulerStateMachine.ExecutorID) {
        state.locked { state in
            state.machine.ended(id)
            state.evictors[id] = nil
        }
        pump()
    }

    /// Ends the idle ones of these processes; what waits for one gets another.
    func evictIdle(of ids: Set<SchedulerStateMachine.ExecutorID>) {
        let evictors = state.change { state in
            state.machine.leaveIdle(of: ids).compactMap { state.evictors[$0] }
        }
        for evict in evictors { evict() }
    }

    /// Makes everybody who waits ask again whether they should.
    func wakeAll() { state.change { _ in } }

    private func wait(
        for ticket: SchedulerStateMachine.Ticket, until end: UInt64, isCancelled: () -> Bool
    ) -> Bool {
        while true {
            pump()
            let now = clock.monotonic()
            let lending = state.locked { $0.machine.nextLending(after: now) } ?? .max
            let next = min(end, lending)
            let granted: Bool? = state.wait(atMost: next > now ? next - now : 0) { state in
                if state.granted.remove(ticket) != nil { return true }
                return isCancelled() ? false : nil
            }
            if granted == true { return true }
            guard granted == nil, clock.monotonic() < end else {
                // Granted in the last moment: it is used, so that nothing is lost.
                let late = state.locked { state in
                    state.machine.withdraw(ticket)
                    return state.granted.remove(ticket) != nil
                }
                if !late { pump() }
                return late
            }
        }
    }

    /// Does what may be done now; the ends of evicted processes are waited for without the lock.
    private func pump() {
        let now = clock.monotonic()
        let evictions = state.change { state in
            var evictions: [@Sendable () -> Void] = []
            for action in state.machine.actions(at: now) {
                switch action {
                case .grant(let ticket): state.granted.insert(ticket)
                case .evict(let id):
                    if let evictor = state.evictors[id] { evictions.append(evictor) }
                }
            }
            return evictions
        }
        for evict in evictions { evict() }
    }

    // MARK: The machine

    /// Processors that this process may use (`Cpus_allowed` of proc_pid_status(5)).
    private static var processors: Int {
        let mask = line("Cpus_allowed:", of: "/proc/self/status") ?? "1"
        return mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
    }

    /// Bytes that processes may still take (`MemAvailable` of proc_meminfo(5)).
    private static var availableMemory: UInt64 {
        let text = line("MemAvailable:", of: "/proc/meminfo") ?? ""
        return (text.split(separator: " ").first.flatMap { UInt64($0) } ?? 1 << 20) << 10
    }

    private static func line(_ name: String, of path: String) -> String? {
        let bytes = (try? Files.read(path, limit: 1 << 16)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
            .map { String($0.dropFirst(name.count).drop { $0 == " " || $0 == "\t" }) }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// A mutex with a condition variable (pthread_cond_wait(3)) for each kind of waiting thread.
///
/// Two of them are turns, because appenders wait in turns: those of the batch being written and those of the next one. Waking
/// only the turn that is done spares thousands of threads a wake-up that would be in vain.
@safe
final class Monitor: @unchecked Sendable {
    /// What a thread waits for.
    enum Condition {
        /// That the batch of this turn is done, or that somebody is needed to write it.
        case turn(UInt64)
        /// That nobody writes any more.
        case idle
        /// That a task has something to write.
        case committer

        fileprivate var index: Int {
            switch self {
            case .turn(let turn): Int(turn & 1)
            case .idle: 2
            case .committer: 3
            }
        }
    }

    private static let count = 4
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: UnsafeMutablePointer<pthread_cond_t>

    init() {
        // SAFETY: allocated, initialised and freed by this object alone; the addresses stay fixed as pthreads demand.
        unsafe mutex = .allocate(capacity: 1)
        unsafe conditions = .allocate(capacity: Self.count)
        var kind = pthread_mutexattr_t()
        unsafe pthread_mutexattr_init(&kind)
        // It is held for so short that whoever finds it taken had better look again than go to sleep.
        unsafe pthread_mutexattr_settype(&kind, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
        unsafe pthread_mutex_init(mutex, &kind)
        unsafe pthread_mutexattr_destroy(&kind)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Deadlines are monotonic: a step of the wall clock must not end or prolong a wait.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        for index in 0..<Self.count { unsafe pthread_cond_init(conditions + index, &attributes) }
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        // SAFETY: no thread can hold or wait on what is being deinitialised.
        for index in 0..<Self.count { unsafe pthread_cond_destroy(conditions + index) }
        unsafe pthread_mutex_destroy(mutex)
        unsafe conditions.deallocate()
        unsafe mutex.deallocate()
    }

    func locked<Value: ~Copyable, Trouble: Error>(_ body: () throws(Trouble) -> Value) throws(Trouble) -> Value {
        lock()
        defer { unlock() }
        return try body()
    }

    func lock() {
        // SAFETY: initialised in init.
        unsafe pthread_mutex_lock(mutex)
    }

    func unlock() {
        // SAFETY: initialised in init.
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits, with the mutex held before and after, until woken.
    func wait(_ condition: Condition) {
        // SAFETY: initialised in init; the index is below `count`.
        unsafe pthread_cond_wait(conditions + condition.index, mutex)
    }

    /// Waits, with the mutex held before and after, until woken or until it is that late.
    /// - Parameter deadline: by ``now``.
    /// - Returns: whether it was woken.
    func wait(_ condition: Condition, until deadline: UInt64) -> Bool {
        var until = timespec(
            tv_sec: Int(clamping: deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        // SAFETY: initialised in init; the index is below `count`.
        return unsafe pthread_cond_timedwait(conditions + condition.index, mutex, &until) == 0
    }

    /// The clock of deadlines, in nanoseconds.
    static var now: UInt64 {
        var now = timespec()
        // SAFETY: fills the structure.
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }

    func wakeAll(_ condition: Condition) {
        // SAFETY: initialised in init; the index is below `count`.
        unsafe pthread_cond_broadcast(conditions + condition.index)
    }

    func wakeOne(_ condition: Condition) {
        // SAFETY: initialised in init; the index is below `count`.
        unsafe pthread_cond_signal(conditions + condition.index)
    }
}

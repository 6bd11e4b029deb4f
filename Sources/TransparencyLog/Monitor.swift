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
        unsafe pthread_mutex_init(mutex, nil)
        for index in 0..<Self.count { unsafe pthread_cond_init(conditions + index, nil) }
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

    /// Waits, with the mutex held before and after, for a while at most.
    /// - Returns: whether it was woken.
    func wait(_ condition: Condition, milliseconds: Int) -> Bool {
        var until = timespec()
        // SAFETY: fills the structure; initialised in init; the index is below `count`.
        unsafe clock_gettime(CLOCK_REALTIME, &until)
        until.tv_nsec += milliseconds * 1_000_000
        until.tv_sec += until.tv_nsec / 1_000_000_000
        until.tv_nsec %= 1_000_000_000
        return unsafe pthread_cond_timedwait(conditions + condition.index, mutex, &until) == 0
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

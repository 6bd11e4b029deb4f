// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// A mutex with three condition variables (pthread_cond_wait(3)): one for each of two turns, one for the end of all.
///
/// Two turns, because appenders wait in turns: those of the batch being written and those of the next one. Waking only the
/// turn that is done spares thousands of threads a wake-up that would be in vain.
@safe
final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: UnsafeMutablePointer<pthread_cond_t>

    init() {
        // SAFETY: allocated, initialised and freed by this object alone; the addresses stay fixed as pthreads demand.
        unsafe mutex = .allocate(capacity: 1)
        unsafe conditions = .allocate(capacity: 3)
        unsafe pthread_mutex_init(mutex, nil)
        for index in 0..<3 { unsafe pthread_cond_init(conditions + index, nil) }
    }

    deinit {
        // SAFETY: no thread can hold or wait on what is being deinitialised.
        for index in 0..<3 { unsafe pthread_cond_destroy(conditions + index) }
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

    /// Waits, with the mutex held before and after, until the turn's threads are woken.
    func wait(turn: UInt64) {
        // SAFETY: initialised in init; the index is 0 or 1.
        unsafe pthread_cond_wait(conditions + Int(turn & 1), mutex)
    }

    func wakeAll(turn: UInt64) {
        // SAFETY: initialised in init; the index is 0 or 1.
        unsafe pthread_cond_broadcast(conditions + Int(turn & 1))
    }

    func wakeOne(turn: UInt64) {
        // SAFETY: initialised in init; the index is 0 or 1.
        unsafe pthread_cond_signal(conditions + Int(turn & 1))
    }

    /// Waits, with the mutex held before and after, until ``wakeIdle()``.
    func waitIdle() {
        // SAFETY: initialised in init.
        unsafe pthread_cond_wait(conditions + 2, mutex)
    }

    func wakeIdle() {
        // SAFETY: initialised in init.
        unsafe pthread_cond_broadcast(conditions + 2)
    }
}

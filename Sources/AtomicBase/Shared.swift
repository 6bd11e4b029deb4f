// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// A value that threads share, and a way to wait for it: a mutex and one condition variable (pthread_cond_wait(3)).
///
/// Who changes the value wakes everybody who waits for something about it.
@safe
public final class Shared<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        // SAFETY: allocated, initialised and freed by this object alone; the addresses stay fixed as pthreads demand.
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Deadlines are monotonic: a step of the wall clock must not end or prolong a wait.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        // SAFETY: no thread can hold or wait on what is being deinitialised.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Looks at the value, or changes what nobody waits for.
    public func locked<Result, Trouble: Error>(
        _ body: (inout Value) throws(Trouble) -> Result
    ) throws(Trouble) -> Result {
        // SAFETY: initialised in init.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Changes the value and wakes everybody who waits.
    public func change<Result, Trouble: Error>(
        _ body: (inout Value) throws(Trouble) -> Result
    ) throws(Trouble) -> Result {
        // SAFETY: initialised in init.
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return try body(&value)
    }

    /// Waits until `body` gives a result, asked at once and whenever the value was changed.
    ///
    /// - Parameter limitNs: how long to wait at most, in nanoseconds; nil waits as long as it takes.
    /// - Returns: nil when the time was over first.
    public func wait<Result, Trouble: Error>(
        atMost limitNs: UInt64? = nil, _ body: (inout Value) throws(Trouble) -> Result?
    ) throws(Trouble) -> Result? {
        var deadline = timespec()
        if let limitNs {
            // SAFETY: a valid timespec for the call.
            _ = unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
            // A century is for ever, and does not overflow.
            let end = UInt64(deadline.tv_nsec) + min(limitNs, 3_155_760_000_000_000_000)
            deadline.tv_sec += Int(end / 1_000_000_000)
            deadline.tv_nsec = Int(end % 1_000_000_000)
        }
        // SAFETY: both initialised in init; the mutex is held around the waits.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = try body(&value) { return result }
            if limitNs == nil {
                unsafe pthread_cond_wait(condition, mutex)
            } else if unsafe pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
                return try body(&value)
            }
        }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import Glibc

/// A thread for work that blocks (pthread_create(3)), with all signals blocked: those are for the program's own threads, and a
/// closed pipe is an errno here.
public enum PlainThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts one, to be joined or detached once.
    /// - Parameter failure: set to the errno where the machine gives no thread; 0 otherwise.
    /// - Returns: the thread; nil when there is none.
    public static func start(failure: inout Int32, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
        var thread = pthread_t()
        // SAFETY: the retained reference is taken over, once, by the thread, or released below when none was made.
        let argument = unsafe Unmanaged.passRetained(Work(body))
        failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                var all = sigset_t()
                unsafe sigfillset(&all)
                unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
                if let argument = unsafe argument {
                    unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                }
                return nil
            }, argument.toOpaque())
        guard failure == 0 else {
            unsafe argument.release()
            return nil
        }
        return thread
    }
}

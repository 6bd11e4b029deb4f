// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Synchronization

/// Threads that do blocking work and are waited for (pthread_create(3)).
final class Threads: Sendable {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let threads = Mutex<[pthread_t]>([])

    deinit { join() }

    /// Starts a thread.
    /// - Throws: ``RoomError`` `threads` when the machine gives none.
    func start(_ body: @escaping @Sendable () -> Void) throws {
        var thread = pthread_t()
        // SAFETY: the retained reference is taken over, once, by the thread, or released below when none was made.
        let argument = unsafe Unmanaged.passRetained(Work(body))
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                // Signals are for the program's own threads, and a closed pipe is an errno here.
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
            throw RoomError(
                .threads, "no thread could be started: \(ErrorText.of(failure))",
                remedy: "allow more processes and memory (ulimit -u), and run the command again")
        }
        threads.withLock { $0.append(thread) }
    }

    /// Waits until every thread has ended.
    func join() {
        let ended = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        // Joined once: each was taken out of the list.
        for thread in ended { _ = pthread_join(thread, nil) }
    }
}

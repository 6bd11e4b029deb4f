// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Synchronization

/// Threads that do blocking work and are waited for (pthread_create(3)).
final class Threads: Sendable {
    private let threads = Mutex<[pthread_t]>([])

    deinit { join() }

    /// Starts a thread.
    /// - Throws: ``RoomError`` `threads` when the machine gives none.
    func start(_ body: @escaping @Sendable () -> Void) throws {
        var failure: Int32 = 0
        guard let thread = PlainThread.start(failure: &failure, body) else {
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

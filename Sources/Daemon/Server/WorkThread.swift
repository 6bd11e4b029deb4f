// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// A thread for work that blocks.
enum WorkThread {
    /// Runs `body` on a thread of its own; when none can be made, on this one.
    static func start(_ body: @escaping @Sendable () -> Void) {
        // SAFETY: as below.
        let box = unsafe Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        // SAFETY: the box is retained for the thread, which takes it over; it is taken back when there is no thread.
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            // SAFETY: as above.
            return unsafe box.takeRetainedValue().run()
        }
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// Threads with small stacks, so that thousands can wait at the same time.
public enum Crew {
    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on `count` threads and waits for all of them.
    public static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        var attributes = pthread_attr_t()
        // SAFETY: initialised here, used below, destroyed at the end.
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
        var threads: [pthread_t] = []
        var failure: Int32 = 0
        for index in 0..<count where failure == 0 {
            var thread = pthread_t()
            // SAFETY: the thread takes the retained reference over, once; without a thread it is released here.
            let work = unsafe Unmanaged.passRetained(Work { body(index) })
            failure = unsafe pthread_create(
                &thread, &attributes,
                { work in
                    if let work = unsafe work {
                        unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
                    }
                    return nil
                }, work.toOpaque())
            if failure == 0 { threads.append(thread) } else { unsafe work.release() }
        }
        // Each was created joinable and is joined once.
        for thread in threads { _ = pthread_join(thread, nil) }
        guard failure == 0 else { throw Trouble("pthread_create: errno \(failure)") }
    }
}

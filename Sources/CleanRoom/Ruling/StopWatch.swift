// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Synchronization

/// A thread that looks for halts while a room is open, whatever its other threads do.
final class StopWatch: Sendable {
    /// How often it looks, in nanoseconds: a small part of the second within which a halt stops what runs.
    private static let interval: UInt64 = 100_000_000

    private let isOver = Shared(false)
    private let threads = Threads()

    /// Calls `look` again and again.
    func start(_ look: @escaping @Sendable () -> Void) throws {
        try threads.start { [isOver] in
            while isOver.wait(atMost: Self.interval, { $0 ? true : nil }) == nil { look() }
        }
    }

    /// Ends the thread, and waits until it has.
    func stop() {
        isOver.change { $0 = true }
        threads.join()
    }

    deinit { isOver.change { $0 = true } }
}

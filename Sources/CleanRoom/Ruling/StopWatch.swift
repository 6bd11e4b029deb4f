// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Synchronization

/// A thread that looks for something while a room is open, whatever its other threads do.
final class StopWatch: Sendable {
    /// How often it looks, in nanoseconds.
    private let interval: UInt64
    private let isOver = Shared(false)
    private let threads = Threads()

    /// - Parameter interval: for halts a small part of the second within which one stops what runs.
    init(interval: UInt64 = 100_000_000) { self.interval = interval }

    /// Calls `look` again and again.
    func start(_ look: @escaping @Sendable () -> Void) throws {
        try threads.start { [isOver, interval] in
            while isOver.wait(atMost: interval, { $0 ? true : nil }) == nil { look() }
        }
    }

    /// Ends the thread, and waits until it has.
    func stop() {
        isOver.change { $0 = true }
        threads.join()
    }

    deinit { isOver.change { $0 = true } }
}

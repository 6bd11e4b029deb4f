// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import BenchmarkTable
internal import Floors
internal import Synchronization

/// What a crowd costs by itself: appenders hand a number to one committing thread, which answers all who wait at once. No
/// entry, no hash, no disk. No log that acknowledges to so many callers can be faster than this.
enum HandOff {
    /// Tasks and their continuations.
    private final class Desk: Sendable {
        private struct State {
            var waiting: [CheckedContinuation<Int, Never>] = []
            var isOpen = true
        }

        private let state = Mutex(State())

        func hand(_ number: Int) async -> Int {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiting.append(continuation) }
            }
        }

        /// Answers until closed, and whoever waits then.
        func serve() {
            while true {
                let (batch, isOpen) = state.withLock { state in
                    defer { state.waiting = [] }
                    return (state.waiting, state.isOpen)
                }
                for continuation in batch { continuation.resume(returning: batch.count) }
                if batch.isEmpty, !isOpen { return }
            }
        }

        func close() { state.withLock { $0.isOpen = false } }
    }

    /// - Returns: answers per second.
    static func tasks(_ count: Int, milliseconds: Double) async throws -> Double {
        let desk = Desk()
        let start = Stopwatch.now
        async let total = withTaskGroup(of: Int.self) { group in
            for task in 0..<count {
                group.addTask {
                    var mine = 0
                    while Stopwatch.ms(since: start) < milliseconds {
                        _ = await desk.hand(task)
                        mine += 1
                    }
                    return mine
                }
            }
            let sum = await group.reduce(0, +)
            desk.close()
            return sum
        }
        try Crew.run(1) { _ in desk.serve() }
        return Double(await total) / (Stopwatch.ms(since: start) / 1000)
    }

    /// Threads, in C.
    /// - Returns: answers per second.
    static func threads(_ count: Int, milliseconds: Double) throws -> Double {
        var handed: Int64 = 0
        var taken: Int64 = 0
        // SAFETY: writes the two numbers before it returns.
        let failure = unsafe floor_crowd(count, Int64(milliseconds * 1e6), &handed, &taken)
        guard failure == 0 else { throw Trouble("a crowd of \(count) threads: errno \(failure)") }
        return Double(handed) / (Double(taken) / 1e9)
    }
}

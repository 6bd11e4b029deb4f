// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Synchronization

/// What the threads of a ``Crew`` counted and measured together.
public final class Tally: Sendable {
    private struct State {
        var count = 0
        var values: [Double] = []
        var failure: String?
    }

    private let state = Mutex(State())

    public init() {}

    public func add(_ count: Int = 1, _ values: [Double] = []) {
        state.withLock {
            $0.count += count
            $0.values += values
        }
    }

    public func fail(_ why: String) { state.withLock { $0.failure = $0.failure ?? why } }

    /// - Throws: ``Trouble`` when any thread failed.
    public func total() throws -> Int {
        try state.withLock { state in
            if let failure = state.failure { throw Trouble(failure) }
            return state.count
        }
    }

    public var values: [Double] { state.withLock { $0.values } }
}

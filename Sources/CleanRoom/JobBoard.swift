// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle

/// The table of a run while its threads fill it, and the one voice that tells a waiting person about it.
final class JobBoard: Sendable {
    private struct State {
        var items: [Int64: [JobItem]] = [:]
        var messages: [Int64: JobMessage] = [:]
        var shown = 0
    }

    private let state = Shared(State())
    private let total: Int
    /// Its own lock: who listens may take long, and nobody but other listeners should wait for that.
    private let voice: Shared<@Sendable (JobProgress) -> Void>

    /// - Parameter total: microtasks of all inputs.
    init(total: Int, progress: @escaping @Sendable (JobProgress) -> Void) {
        self.total = total
        voice = Shared(progress)
    }

    func show(_ progress: JobProgress) { voice.locked { $0(progress) } }

    /// An input has an outcome.
    func finished(_ number: Int64, _ message: JobMessage, _ items: [JobItem]) {
        let first = state.locked { state in
            state.items[number] = items
            state.messages[number] = message
            defer { state.shown += items.count }
            return state.shown + 1
        }
        voice.locked { voice in
            for (offset, item) in items.enumerated() { voice(.finished(item, number: first + offset, of: total)) }
        }
    }

    /// Reviewers have decided about an input that was on the board already.
    func decided(_ number: Int64, _ message: JobMessage) { state.locked { $0.messages[number] = message } }

    var tally: JobTally {
        state.locked { state in
            var tally = JobTally()
            for (number, message) in state.messages { tally.count(message, state.items[number] ?? []) }
            return tally
        }
    }

    /// In the order of the inputs.
    var items: [JobItem] { state.locked { $0.items.sorted { $0.key < $1.key }.flatMap(\.value) } }
    var messages: [JobMessage] { state.locked { $0.messages.sorted { $0.key < $1.key }.map(\.value) } }
}

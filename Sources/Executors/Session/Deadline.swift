// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Synchronization

/// Does something once after a time, unless it is cancelled first.
final class Deadline: Sendable {
    private enum State { case waiting, cancelled, fired }
    private let state = Mutex(State.waiting)
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    /// - Parameter nanoseconds: from now.
    init(_ nanoseconds: UInt64, _ action: @escaping @Sendable () -> Void) {
        let started = Task.detached { [weak self] in
            do { try await Task.sleep(nanoseconds: nanoseconds) } catch { return }
            guard let self, self.fire() else { return }
            action()
        }
        task.withLock { $0 = started }
    }

    private func fire() -> Bool {
        state.withLock { state in
            guard state == .waiting else { return false }
            state = .fired
            return true
        }
    }

    /// Ends the waiting; true when it was too late for that.
    func cancel() -> Bool {
        task.withLock { $0?.cancel() }
        return state.withLock { state in
            guard state == .waiting else { return state == .fired }
            state = .cancelled
            return false
        }
    }
}

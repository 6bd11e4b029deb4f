// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Synchronization

/// What is to be done for one job: inputs to open, and steps of those that are open. Any number of threads take from it.
///
/// Steps come before new inputs, and those of earlier inputs first, so that what was begun is finished; a new input is
/// opened only where it may be, which bounds the plaintext that is held.
final class WorkQueue: Sendable {
    typealias Step = @Sendable () throws -> Void

    private struct State {
        /// Inputs that nobody opened yet, the next one last.
        var unopened: [Step] = []
        var steps: [(number: Int64, step: Step)] = []
        var mayOpen: @Sendable () -> Bool = { true }
        var busy = 0
        var failure: (any Error)?
    }

    private let state = Shared(State())
    private let stopped = Atomic(false)

    /// Says what there is to do.
    /// - Parameters:
    ///   - inputs: what opens each input, in their order.
    ///   - mayOpen: whether one more input may be open; it is then.
    func begin(_ inputs: [Step], mayOpen: @escaping @Sendable () -> Bool) {
        state.change { state in
            state.unopened = inputs.reversed()
            state.mayOpen = mayOpen
        }
    }

    /// The error that stopped everybody.
    var failure: (any Error)? { state.locked { $0.failure } }

    /// Asked with the scheduler's lock held, while the queue's holder may ask the scheduler: so without the queue's lock.
    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// One more step for the input with this number.
    func add(_ number: Int64, _ step: @escaping Step) {
        state.change { state in
            let place = state.steps.firstIndex { $0.number > number } ?? state.steps.endIndex
            state.steps.insert((number, step), at: place)
        }
    }

    /// Ends the work: what is being done is ended by those who do it, nothing is begun any more. The first error counts.
    func stop(_ error: any Error) {
        state.change { state in
            if state.failure == nil { state.failure = error }
        }
        stopped.store(true, ordering: .releasing)
    }

    /// Works until nothing is left to do, or somebody stopped the work.
    func work() {
        while let step = next() {
            do {
                try step()
            } catch {
                stop(error)
            }
            state.change { $0.busy -= 1 }
        }
    }

    private func next() -> Step? {
        let step: Step?? = state.wait { state -> Step?? in
            if state.failure != nil { return .some(nil) }
            if !state.steps.isEmpty {
                state.busy += 1
                return .some(state.steps.removeFirst().step)
            }
            if !state.unopened.isEmpty, state.mayOpen() {
                state.busy += 1
                return .some(state.unopened.removeLast())
            }
            // Who is busy may add steps, or make room for another input.
            return state.busy == 0 ? .some(nil) : nil
        }
        return step ?? nil
    }
}

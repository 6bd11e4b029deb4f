// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import CleanRoom

@Suite("The way of a microtask")
struct MicrotaskStateMachineTests {
    typealias Event = MicrotaskStateMachine.Event
    typealias Action = MicrotaskStateMachine.Action

    /// Feeds events and returns the actions after each.
    func actions(_ events: Event...) throws -> [Action] {
        var machine = MicrotaskStateMachine()
        return try events.map { try machine.handle($0) }
    }

    @Test("The straight way: auction, key, execution, check, answer")
    func straight() throws {
        let way = try actions(.awarded(model: "a"), .keyReleased, .answered, .accepted)
        #expect(
            way == [.releaseKey(model: "a"), .execute(model: "a"), .check(model: "a"), .finish(.answered)])
    }

    @Test("A failed executor and a rejected answer both go to the runner-up, under the same key release")
    func takeover() throws {
        let crashed = try actions(
            .awarded(model: "a"), .keyReleased, .executorFailed(code: "crashed"), .awarded(model: "b"))
        #expect(crashed.suffix(2) == [.takeOver(failed: "a", code: "crashed"), .execute(model: "b")])
        let invalid = try actions(
            .awarded(model: "a"), .keyReleased, .answered, .rejected(code: "schema"), .awarded(model: "b"))
        #expect(invalid.suffix(2) == [.takeOver(failed: "a", code: "schema"), .execute(model: "b")])
    }

    @Test("An answer that is not sure enough goes to the runner-up too, and a surer one ends it")
    func escalation() throws {
        let way = try actions(
            .awarded(model: "a"), .keyReleased, .answered, .unsure(code: "low-confidence"), .awarded(model: "b"),
            .answered, .accepted)
        #expect(
            way.suffix(4) == [
                .takeOver(failed: "a", code: "low-confidence"), .execute(model: "b"), .check(model: "b"),
                .finish(.answered),
            ])
    }

    @Test("When nobody is surer the unsure answer stays, whatever became of the others")
    func unsure() throws {
        let start: [Event] = [
            .awarded(model: "a"), .keyReleased, .answered, .unsure(code: "low-confidence"), .awarded(model: "b"),
        ]
        for rest: [Event] in [
            [.answered, .unsure(code: "low-confidence"), .noAward(code: "exhausted", denied: false)],
            [.executorFailed(code: "crashed"), .noAward(code: "exhausted", denied: false)],
            [.executorFailed(code: "run-denied"), .noAward(code: "run-denied", denied: true)],
        ] {
            var machine = MicrotaskStateMachine()
            for event in start + rest { _ = try machine.handle(event) }
            #expect(machine.action == .finish(.unsure))
        }
    }

    @Test("When nobody is left the microtask fails with the last reason")
    func exhausted() throws {
        let way = try actions(
            .awarded(model: "a"), .keyReleased, .executorFailed(code: "hung"),
            .noAward(code: "exhausted", denied: false))
        #expect(way.last == .finish(.failed(code: "exhausted")))
    }

    @Test("A denied bid ends it; a denied key goes to who may have it")
    func denials() throws {
        #expect(
            try actions(.noAward(code: "no-eligible-bid", denied: true)) == [
                .finish(.denied(code: "no-eligible-bid"))
            ])
        #expect(
            try actions(.awarded(model: "a"), .keyDenied, .awarded(model: "b")).suffix(2) == [
                .takeOver(failed: "a", code: "key-release-denied"), .releaseKey(model: "b"),
            ])
    }

    @Test("Exhaustively: no sequence of six events has an answer without a key, an execution and a judgement")
    func noShortcut() {
        let events: [Event] = [
            .awarded(model: "a"), .noAward(code: "x", denied: false), .keyReleased, .keyDenied,
            .inputUnreadable(code: "x"), .answered, .executorFailed(code: "x"), .accepted, .unsure(code: "x"),
            .rejected(code: "x"),
        ]
        var reached = 0
        func walk(_ machine: MicrotaskStateMachine, _ path: [Event]) {
            if machine.action == .finish(.answered) {
                reached += 1
                #expect(path.contains(.keyReleased) && path.contains(.answered) && path.last == .accepted)
            }
            guard path.count < 6 else { return }
            for event in events {
                var next = machine
                if (try? next.handle(event)) != nil { walk(next, path + [event]) }
            }
        }
        walk(MicrotaskStateMachine(), [])
        #expect(reached >= 1)
    }
}

@Suite("A job's exit code")
struct JobTallyTests {
    private struct Ended {
        let message: String
        let microtasks: [(state: String, code: String?)]
    }

    private func tally(_ inputs: Ended...) -> JobTally {
        var tally = JobTally()
        for input in inputs {
            tally.count(
                JobMessage(name: "m", state: input.message, code: nil),
                input.microtasks.map { microtask in
                    JobItem(
                        name: "m", microtask: "spam", state: microtask.state, code: microtask.code, rules: [],
                        bidders: [], excluded: [], winner: nil, why: nil, cost: 0, latencyNs: 0)
                })
        }
        return tally
    }

    private let released = Ended(message: "released", microtasks: [("answered", nil)])
    private func failed(_ code: String) -> Ended { Ended(message: "failed", microtasks: [("failed", code)]) }
    private let denied = Ended(message: "denied", microtasks: [("denied", "release-denied")])

    @Test("Is the first that applies of 8, 5, 3, 7, 6, 1")
    func order() {
        #expect(tally(released).exit == .done)
        #expect(tally(released, failed("exhausted")).exit == .model)
        #expect(tally(failed("exhausted"), failed("over-budget")).exit == .budget)
        #expect(tally(failed("over-budget"), denied).exit == .denied)
        #expect(tally(denied, failed("jail")).exit == .jail)
        #expect(tally(failed("input")).exit == .failed)
        #expect(tally(failed("parse-jail")).exit == .jail)
    }

    @Test("Counts what failed in a partial answer, and no answer that is merely not sure")
    func partial() {
        let partial = Ended(
            message: "needs-review", microtasks: [("answered", nil), ("failed", "hung"), ("failed", "needs-failed")])
        #expect(tally(partial).exit == .model)
        #expect(tally(partial).state == "released")
        let unsure = Ended(message: "needs-review", microtasks: [("unsure", "low-confidence"), ("skipped", nil)])
        #expect(tally(unsure).exit == .done)
        #expect(tally(unsure, released).review == 1)
        #expect(tally(unsure, released).released == 2)
    }

    @Test("Goes with a state and counts")
    func state() {
        #expect(tally(released, released).state == "released")
        #expect(tally(released, denied).state == "denied")
        #expect(tally(denied, failed("y")).state == "failed")
        #expect(tally(released, denied, failed("y")).released == 1)
    }
}

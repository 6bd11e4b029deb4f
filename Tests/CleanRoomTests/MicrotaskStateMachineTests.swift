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

    @Test("The straight way: auction, key, execution, check, decision, release")
    func straight() throws {
        let way = try actions(.awarded(model: "a"), .keyReleased, .answered, .accepted, .releasePermitted, .released)
        #expect(
            way == [
                .releaseKey(model: "a"), .execute(model: "a"), .check(model: "a"), .decideRelease, .release,
                .finish(.released),
            ])
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

    @Test("When nobody is left the microtask fails, and that is recorded before it ends")
    func exhausted() throws {
        let way = try actions(
            .awarded(model: "a"), .keyReleased, .executorFailed(code: "hung"),
            .noAward(code: "exhausted", denied: false), .withheld)
        #expect(way.suffix(2) == [.withhold(.failed(code: "exhausted")), .finish(.failed(code: "exhausted"))])
    }

    @Test("A denial withholds: at the bid, at the key and at the release")
    func denials() throws {
        #expect(
            try actions(.noAward(code: "no-eligible-bid", denied: true)) == [
                .withhold(.denied(code: "no-eligible-bid"))
            ])
        #expect(
            try actions(.awarded(model: "a"), .keyDenied).last == .withhold(.denied(code: "key-release-denied")))
        #expect(
            try actions(.awarded(model: "a"), .keyReleased, .answered, .accepted, .releaseDenied).last
                == .withhold(.denied(code: "release-denied")))
    }

    @Test("No key, no execution: an execution cannot be reached without a release of the key")
    func keyFirst() throws {
        var machine = MicrotaskStateMachine()
        _ = try machine.handle(.awarded(model: "a"))
        #expect(throws: MicrotaskStateMachine.Unexpected.self) { try machine.handle(.answered) }
        #expect(throws: MicrotaskStateMachine.Unexpected.self) { try machine.handle(.releasePermitted) }
        #expect(machine.action == .releaseKey(model: "a"))
    }

    @Test("Exhaustively: no sequence of five events releases without an accepted answer and a permit")
    func noShortcut() {
        let events: [Event] = [
            .awarded(model: "a"), .noAward(code: "x", denied: false), .keyReleased, .keyDenied,
            .inputUnreadable(code: "x"), .answered, .executorFailed(code: "x"), .accepted, .rejected(code: "x"),
            .releasePermitted, .releaseDenied, .released, .withheld,
        ]
        var reached = 0
        func walk(_ machine: MicrotaskStateMachine, _ path: [Event]) {
            if machine.action == .release {
                reached += 1
                #expect(path.contains(.keyReleased) && path.contains(.accepted) && path.contains(.releasePermitted))
            }
            guard path.count < 5 else { return }
            for event in events {
                var next = machine
                if (try? next.handle(event)) != nil { walk(next, path + [event]) }
            }
        }
        walk(MicrotaskStateMachine(), [])
        #expect(reached == 1)
    }
}

@Suite("A job's exit code")
struct JobTallyTests {
    func tally(_ outcomes: MicrotaskOutcome...) -> JobTally {
        var tally = JobTally()
        for outcome in outcomes { tally.count(outcome) }
        return tally
    }

    @Test("Is the first that applies of 8, 5, 3, 7, 6, 1")
    func order() {
        #expect(tally(.released).exit == .done)
        #expect(tally(.released, .failed(code: "exhausted")).exit == .model)
        #expect(tally(.failed(code: "exhausted"), .failed(code: "over-budget")).exit == .budget)
        #expect(tally(.failed(code: "over-budget"), .denied(code: "release-denied")).exit == .denied)
        #expect(tally(.denied(code: "x"), .failed(code: "jail")).exit == .jail)
        #expect(tally(.failed(code: "input")).exit == .failed)
    }

    @Test("Goes with a state and counts")
    func state() {
        #expect(tally(.released, .released).state == "released")
        #expect(tally(.released, .denied(code: "x")).state == "denied")
        #expect(tally(.denied(code: "x"), .failed(code: "y")).state == "failed")
        #expect(tally(.released, .denied(code: "x"), .failed(code: "y")).released == 1)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import AuditBundle

@Suite("The way of a microtask") struct MicrotaskPathTests {
    private let answer = Digest.sha256([1])

    /// A path after some steps.
    private func path(_ steps: (inout MicrotaskPathStateMachine) throws(Illegal) -> Void) throws(Illegal)
        -> MicrotaskPathStateMachine
    {
        var path = MicrotaskPathStateMachine(input: Digest.sha256([0]))
        try steps(&path)
        return path
    }

    private func run(_ path: inout MicrotaskPathStateMachine, _ attempt: Int64, _ model: String, jail: String)
        throws(Illegal)
    {
        try path.auction(attempt: attempt, winner: model)
        try path.releaseKey(attempt: attempt)
        try path.deliver(attempt: attempt, model: model, jail: jail)
    }

    @Test("straight to a release") func straight() throws {
        let done = try path { path throws(Illegal) in
            try run(&path, 1, "a", jail: "j1")
            try path.validate(model: "a", jail: "j1", isValid: true)
            try path.settle(attempt: 1, model: "a", cost: 5, latencyNs: "7")
            try path.release(response: answer)
        }
        #expect(done.outcome == .released(response: answer))
        #expect(done.attempts == 1)
        #expect(done.cost == 5)
        #expect(done.latencyNs == "7")
    }

    @Test("the runner-up takes over with the key that was released") func takeover() throws {
        let done = try path { path throws(Illegal) in
            try run(&path, 1, "a", jail: "j1")
            try path.validate(model: "a", jail: "j1", isValid: false)
            try path.settle(attempt: 1, model: "a", cost: 5, latencyNs: "7")
            try path.auction(attempt: 1, winner: "b")
            try path.deliver(attempt: 1, model: "b", jail: "j2")
            try path.validate(model: "b", jail: "j2", isValid: true)
            try path.settle(attempt: 1, model: "b", cost: 6, latencyNs: "8")
            try path.release(response: answer)
        }
        #expect(done.winner == "b")
        #expect(done.cost == 11)
        #expect(done.attempts == 1)
    }

    @Test("a crash before the key begins the same attempt anew, a crash after it the next one") func crashes() throws {
        let done = try path { path throws(Illegal) in
            try path.auction(attempt: 1, winner: "a")
            path.interrupt()
            try run(&path, 1, "a", jail: "j1")
            path.interrupt()
            try run(&path, 2, "a", jail: "j2")
            try path.validate(model: "a", jail: "j2", isValid: true)
            path.interrupt()
            try run(&path, 3, "b", jail: "j3")
            try path.validate(model: "b", jail: "j3", isValid: true)
            try path.release(response: answer)
            path.interrupt()
        }
        #expect(done.outcome == .released(response: answer))
        #expect(done.attempts == 3)
    }

    @Test("nobody wins, and the answer is withheld") func nobody() throws {
        let done = try path { path throws(Illegal) in
            try path.auction(attempt: 1, winner: nil)
            try path.withhold(code: "no-eligible-bid", denied: true)
        }
        #expect(done.outcome == .withheld(code: "no-eligible-bid", denied: true))
        #expect(done.attempts == 0)
    }

    private typealias Step = (inout MicrotaskPathStateMachine) throws(Illegal) -> Void

    @Test("what cannot happen is refused, and would pass one step earlier or later") func illegal() throws {
        let cases: [(name: String, legal: Step, illegal: Step)] = [
            ("a key without an auction", { _ in }, { p throws(Illegal) in try p.releaseKey(attempt: 1) }),
            (
                "a key without a winner", { p throws(Illegal) in try p.auction(attempt: 1, winner: nil) },
                { p throws(Illegal) in try p.releaseKey(attempt: 1) }
            ),
            (
                "the key twice", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.releaseKey(attempt: 1) }
            ),
            (
                "the same attempt's key after a crash",
                { p throws(Illegal) in
                    try run(&p, 1, "a", jail: "j")
                    p.interrupt()
                }, { p throws(Illegal) in try p.auction(attempt: 1, winner: "a") }
            ),
            (
                "a first attempt that is the second", { _ in },
                { p throws(Illegal) in try p.auction(attempt: 2, winner: "a") }
            ),
            (
                "a next attempt without a crash", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.auction(attempt: 2, winner: "a") }
            ),
            (
                "delivery to another model",
                { p throws(Illegal) in
                    try p.auction(attempt: 1, winner: "a")
                    try p.releaseKey(attempt: 1)
                }, { p throws(Illegal) in try p.deliver(attempt: 1, model: "b", jail: "j") }
            ),
            (
                "delivery without the key", { p throws(Illegal) in try p.auction(attempt: 1, winner: "a") },
                { p throws(Illegal) in try p.deliver(attempt: 1, model: "a", jail: "j") }
            ),
            (
                "delivery twice", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.deliver(attempt: 1, model: "a", jail: "k") }
            ),
            (
                "delivery after a crash",
                { p throws(Illegal) in
                    try p.auction(attempt: 1, winner: "a")
                    try p.releaseKey(attempt: 1)
                    p.interrupt()
                }, { p throws(Illegal) in try p.deliver(attempt: 1, model: "a", jail: "j") }
            ),
            (
                "release without validation", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.release(response: answer) }
            ),
            (
                "release after a rejection",
                { p throws(Illegal) in
                    try run(&p, 1, "a", jail: "j")
                    try p.validate(model: "a", jail: "j", isValid: false)
                }, { p throws(Illegal) in try p.release(response: answer) }
            ),
            (
                "release of what was valid before a crash",
                { p throws(Illegal) in
                    try run(&p, 1, "a", jail: "j")
                    try p.validate(model: "a", jail: "j", isValid: true)
                    p.interrupt()
                }, { p throws(Illegal) in try p.release(response: answer) }
            ),
            (
                "release twice",
                { p throws(Illegal) in
                    try run(&p, 1, "a", jail: "j")
                    try p.validate(model: "a", jail: "j", isValid: true)
                    try p.release(response: answer)
                }, { p throws(Illegal) in try p.release(response: answer) }
            ),
            (
                "anything after a withheld answer", { p throws(Illegal) in try p.withhold(code: "x", denied: false) },
                { p throws(Illegal) in try p.auction(attempt: 1, winner: "a") }
            ),
            (
                "an answer from another jail", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.validate(model: "a", jail: "k", isValid: true) }
            ),
            (
                "a takeover of a valid answer",
                { p throws(Illegal) in
                    try run(&p, 1, "a", jail: "j")
                    try p.validate(model: "a", jail: "j", isValid: true)
                }, { p throws(Illegal) in try p.auction(attempt: 1, winner: "b") }
            ),
            (
                "pay for one who did not win", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.settle(attempt: 1, model: "b", cost: 1, latencyNs: "1") }
            ),
            (
                "a negative cost", { p throws(Illegal) in try run(&p, 1, "a", jail: "j") },
                { p throws(Illegal) in try p.settle(attempt: 1, model: "a", cost: -1, latencyNs: "1") }
            ),
        ]
        for item in cases {
            var machine = MicrotaskPathStateMachine(input: Digest.sha256([0]))
            // The steps before are legal, so that the refusal is of this one.
            #expect(throws: Never.self, "\(item.name)") { try item.legal(&machine) }
            #expect(throws: Illegal.self, "\(item.name)") { try item.illegal(&machine) }
        }
    }
}

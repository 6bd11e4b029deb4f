// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Testing

@testable import CleanRoom

@Suite("Scheduler")
struct SchedulerStateMachineTests {
    typealias Machine = SchedulerStateMachine

    private func machine(slots: Int = 2, memory: UInt64 = 100, inputs: Int = 2) -> Machine {
        Machine(limits: .init(slots: slots, memoryBytes: memory, inputsPerJob: inputs, lendAfterNs: 10))
    }

    private func oneshot(_ job: String = "a", memory: UInt64 = 1) -> Machine.Request {
        .init(job: job, executor: nil, memoryBytes: memory)
    }

    private func persistent(_ name: String, job: String = "a", memory: UInt64 = 1) -> Machine.Request {
        .init(job: job, executor: .init(job: job, name: name), memoryBytes: memory)
    }

    @Test("as many calls run as there are slots, and the oldest goes first")
    func slots() {
        var machine = machine()
        let tickets = (0..<3).map { _ in machine.submit(oneshot()) }
        #expect(machine.actions(at: 0) == [.grant(tickets[0]), .grant(tickets[1])])
        machine.finish(tickets[1])
        #expect(machine.actions(at: 0) == [.grant(tickets[2])])
    }

    @Test("jobs take turns, however much one of them asks for")
    func fairness() {
        var machine = machine(slots: 1)
        let many = (0..<3).map { _ in machine.submit(oneshot("a")) }
        let other = machine.submit(oneshot("b"))
        #expect(machine.actions(at: 0) == [.grant(many[0])])
        machine.finish(many[0])
        #expect(machine.actions(at: 0) == [.grant(other)])
        machine.finish(other)
        #expect(machine.actions(at: 0) == [.grant(many[1])])
    }

    @Test("a persistent executor takes one call at a time and holds nobody else up")
    func persistentExecutor() {
        var machine = machine()
        let first = machine.submit(persistent("llm"))
        let second = machine.submit(persistent("llm"))
        let other = machine.submit(oneshot())
        #expect(machine.actions(at: 0) == [.grant(first), .grant(other)])
        machine.finish(other)
        #expect(machine.actions(at: 0) == [])
        machine.finish(first)
        #expect(machine.actions(at: 0) == [.grant(second)])
    }

    @Test("a persistent executor keeps its memory until its process is gone")
    func memory() {
        var machine = machine(memory: 10)
        let first = machine.submit(persistent("llm", memory: 6))
        #expect(machine.actions(at: 0) == [.grant(first)])
        machine.finish(first)
        #expect(machine.memoryUsed == 6)
        machine.ended(.init(job: "a", name: "llm"))
        #expect(machine.memoryUsed == 0)
    }

    @Test("a call's own process gives its memory back with the call")
    func callMemory() {
        var machine = machine(memory: 10)
        let first = machine.submit(oneshot(memory: 6))
        let second = machine.submit(oneshot(memory: 6))
        #expect(machine.actions(at: 0) == [.grant(first)])
        machine.finish(first)
        #expect(machine.actions(at: 0) == [.grant(second)])
    }

    @Test("a request for much memory is not starved by small ones that keep coming")
    func noStarvation() {
        var machine = machine(slots: 4, memory: 10)
        let small = machine.submit(oneshot(memory: 2))
        _ = machine.actions(at: 0)
        let big = machine.submit(oneshot(memory: 10))
        #expect(machine.actions(at: 0) == [])
        let later = machine.submit(oneshot("b", memory: 2))
        #expect(machine.actions(at: 0) == [], "nobody gets memory before the one who waits for it")
        machine.finish(small)
        #expect(machine.actions(at: 0) == [.grant(big)])
        machine.finish(big)
        #expect(machine.actions(at: 0) == [.grant(later)])
    }

    @Test("idle executors make room, the one that was idle longest first")
    func eviction() {
        var machine = machine(slots: 4, memory: 10)
        for name in ["old", "new"] {
            let ticket = machine.submit(persistent(name, memory: 5))
            _ = machine.actions(at: 0)
            machine.finish(ticket)
        }
        let big = machine.submit(oneshot(memory: 5))
        #expect(machine.actions(at: 0) == [.evict(.init(job: "a", name: "old"))])
        machine.ended(.init(job: "a", name: "old"))
        #expect(machine.actions(at: 0) == [.grant(big)])
    }

    @Test("what declares more memory than there is runs alone")
    func tooLarge() {
        var machine = machine(slots: 4, memory: 10)
        let huge = machine.submit(oneshot(memory: 1_000))
        #expect(machine.actions(at: 0) == [.grant(huge)])
        let small = machine.submit(oneshot(memory: 1))
        #expect(machine.actions(at: 0) == [])
        machine.finish(huge)
        #expect(machine.actions(at: 0) == [.grant(small)])
    }

    @Test("a call that hangs lends its slot")
    func lending() {
        var machine = machine(slots: 1)
        let hanging = machine.submit(oneshot())
        #expect(machine.actions(at: 0) == [.grant(hanging)])
        let next = machine.submit(oneshot())
        #expect(machine.actions(at: 9) == [])
        #expect(machine.nextLending(after: 9) == 10)
        #expect(machine.actions(at: 10) == [.grant(next)])
        let third = machine.submit(oneshot())
        // One set of slots is lent at most: a second call that hangs lends nothing more.
        #expect(machine.actions(at: 100) == [])
        machine.finish(hanging)
        #expect(machine.actions(at: 100) == [.grant(third)])
    }

    @Test("a withdrawn request gets nothing and blocks nobody")
    func withdrawal() {
        var machine = machine(slots: 4, memory: 10)
        let small = machine.submit(oneshot(memory: 2))
        _ = machine.actions(at: 0)
        let big = machine.submit(oneshot(memory: 10))
        let other = machine.submit(oneshot(memory: 2))
        #expect(machine.actions(at: 0) == [])
        machine.withdraw(big)
        #expect(machine.actions(at: 0) == [.grant(other)])
        machine.finish(small)
        machine.finish(other)
        #expect(machine.memoryUsed == 0)
    }

    @Test("inputs in flight are bounded for each job by itself")
    func backPressure() {
        var machine = machine(inputs: 2)
        let opened = ["a", "a", "a", "b"].map { machine.openInput(of: $0) }
        #expect(opened == [true, true, false, true])
        machine.closeInput(of: "a")
        let again = machine.openInput(of: "a")
        #expect(again)
    }

    @Test("whatever happens in whatever order, everybody is served once and no bound is crossed")
    func everybodyIsServed() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = Random(state: seed)
            var machine = machine(slots: 3, memory: 20)
            var open: Set<Machine.Ticket> = []
            var running: [Machine.Ticket: Machine.Request] = [:]
            var requests: [Machine.Ticket: Machine.Request] = [:]
            for step in 0..<400 as Range<UInt64> {
                if step < 100 {
                    let memory = random.below(25) + 1
                    let job = "job\(random.below(3))"
                    let request =
                        random.below(2) == 0
                        ? oneshot(job, memory: memory) : persistent("m\(random.below(3))", job: job, memory: memory)
                    let ticket = machine.submit(request)
                    open.insert(ticket)
                    requests[ticket] = request
                }
                if !running.isEmpty, random.below(2) == 0 || step >= 100 {
                    let ticket = running.keys.sorted()[Int(random.below(UInt64(running.count)))]
                    running[ticket] = nil
                    machine.finish(ticket)
                }
                for action in machine.actions(at: 0) {
                    switch action {
                    case .grant(let ticket):
                        #expect(open.remove(ticket) != nil, "granted twice (seed \(seed))")
                        running[ticket] = requests[ticket]
                    case .evict(let id):
                        #expect(!running.values.contains { $0.executor == id }, "a busy executor was evicted")
                        machine.ended(id)
                    }
                }
                #expect(running.count <= 3)
                #expect(machine.memoryUsed <= 20)
                let busy = running.values.compactMap(\.executor)
                #expect(Set(busy).count == busy.count, "two calls in one process (seed \(seed))")
            }
            #expect(open.isEmpty, "\(open.count) were never served (seed \(seed))")
        }
    }

    private struct Random {
        var state: UInt64

        mutating func below(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
    }
}

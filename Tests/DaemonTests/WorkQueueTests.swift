// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import CleanRoom
import Testing

@testable import Daemon

enum JobOrderFixture {
    static let order = JobOrder(
        name: "job.yaml", text: "task: \"x\"\n", directory: "/a", workingDirectory: "/b", owner: nil)
}

@Suite("The queue of a daemon")
struct WorkQueueTests {
    @Test("No more jobs run than there are workers, no more wait than there are places")
    func bounds() throws {
        var queue = WorkQueueStateMachine(workers: 2, capacity: 1)
        let tickets = [try queue.submit(.job), try queue.submit(.job), try queue.submit(.job)]
        #expect(throws: WorkQueueStateMachine.Refusal.full) { try queue.submit(.job) }
        #expect(queue.start() == Array(tickets[..<2]))
        #expect(queue.start() == [])
        queue.finish(tickets[0])
        #expect(queue.start() == [tickets[2]])
        _ = try queue.submit(.job)
        #expect(throws: WorkQueueStateMachine.Refusal.full) { try queue.submit(.job) }
    }

    @Test("A queue without places serves every worker")
    func noPlaces() throws {
        var queue = WorkQueueStateMachine(workers: 1, capacity: 0)
        _ = try queue.submit(.job)
        #expect(queue.start().count == 1)
        #expect(throws: WorkQueueStateMachine.Refusal.full) { try queue.submit(.job) }
    }

    @Test("A new policy waits for what is at work, and goes before what is not")
    func alone() throws {
        var queue = WorkQueueStateMachine(workers: 2, capacity: 8)
        let first = try queue.submit(.job)
        #expect(queue.start() == [first])
        let policy = try queue.submit(.alone)
        let second = try queue.submit(.job)
        let short = try queue.submit(.short)
        #expect(queue.start() == [])
        queue.finish(first)
        #expect(queue.start() == [policy])
        #expect(queue.start() == [])
        queue.finish(policy)
        #expect(queue.start() == [short, second])
    }

    @Test("Whatever happens in whatever order: a policy is always alone, and everything ends")
    func everyOrder() throws {
        var state: UInt64 = 7
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<200 {
            var queue = WorkQueueStateMachine(workers: 1 + below(3), capacity: below(5))
            var submitted = 0
            var ended = 0
            for _ in 0..<60 {
                if below(2) == 0, (try? queue.submit([.job, .short, .alone][below(3)])) != nil { submitted += 1 }
                _ = queue.start()
                let kinds = queue.running.values
                #expect(!kinds.contains(.alone) || kinds.count == 1)
                #expect(queue.runningJobs <= queue.workers)
                if below(3) == 0, let ticket = queue.running.keys.min() {
                    queue.finish(ticket)
                    ended += 1
                }
            }
            while true {
                _ = queue.start()
                guard let ticket = queue.running.keys.min() else { break }
                queue.finish(ticket)
                ended += 1
            }
            #expect(ended == submitted)
        }
    }

    @Test("What waits when it stops is handed back; what runs goes on")
    func stopping() throws {
        var queue = WorkQueueStateMachine(workers: 1, capacity: 4)
        let first = try queue.submit(.job)
        _ = queue.start()
        let second = try queue.submit(.job)
        #expect(queue.stop() == [second])
        #expect(queue.running.keys.sorted() == [first])
        #expect(throws: WorkQueueStateMachine.Refusal.stopping) { try queue.submit(.short) }
    }
}

@Suite("Who may use a daemon")
struct PeerTests {
    @Test("Its own user and root, and nobody else")
    func peers() {
        #expect(PeerCredentials(pid: 1, uid: 1_000).refusal(own: 1_000) == nil)
        #expect(PeerCredentials(pid: 1, uid: 0).refusal(own: 1_000) == nil)
        #expect(PeerCredentials(pid: 1, uid: 1_001).refusal(own: 1_000)?.code == .peer)
        #expect(PeerCredentials(pid: 1, uid: 65_534).refusal(own: 0)?.code == .peer)
    }
}

@Suite("Arguments of atomicd")
struct OptionTests {
    @Test("Each has its bounds")
    func bounds() {
        #expect(DaemonOptions.parse(["--room", "r"]) == .options(DaemonOptions(room: "r")))
        let all = ["--room", "r", "--workers", "2", "--queue", "0", "--grace", "1500ms"]
        #expect(
            DaemonOptions.parse(all)
                == .options(DaemonOptions(room: "r", workers: 2, queue: 0, grace: 1_500_000_000)))
        for wrong in [
            [], ["--room"], ["--workers", "0", "--room", "r"], ["--queue", "-1", "--room", "r"], ["--what"],
            ["--room", "r", "--grace", "10"],
        ] {
            guard case .wrong = DaemonOptions.parse(wrong) else {
                Issue.record("\(wrong) was taken")
                continue
            }
        }
    }
}

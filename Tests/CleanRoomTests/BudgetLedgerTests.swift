// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import RoomStore
import Testing

@testable import CleanRoom

@Suite("Money of a room")
struct BudgetLedgerTests {
    /// A clock that says what it is told.
    private func clock(_ wall: Shared<WallTime>) -> SystemClock {
        SystemClock(wall: { wall.locked { $0 } }, monotonic: SystemClock.real.monotonic)
    }

    private func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }

    private func account(_ job: String, limit: Int64 = 1_000, perDay: Int64?) -> BudgetLedger.Account {
        .init(job: job, dataClass: "pii", limit: limit, limitPerDay: perDay)
    }

    private func free(_ ledger: BudgetLedger, _ account: BudgetLedger.Account) throws -> Int64 {
        try ledger.award(account) { balance in (balance.free, price: nil) }.0
    }

    @Test("two jobs of one class share its day: what one has set aside the other cannot promise")
    func twoJobs() throws {
        let store = try RoomStore()
        let ledger = BudgetLedger(store: store, clock: .real)
        let (first, second) = (account("job-a", perDay: 100), account("job-b", perDay: 100))
        let held = try #require(try ledger.award(first) { _ in ((), price: 60) }.1)
        #expect(try free(ledger, second) == 40)
        // The call of the first takes a part of what is left, and never all of it.
        #expect(try ledger.extend(held) == 80)
        #expect(try free(ledger, second) == 20)
        // Of another class, or without a limit per day, nothing is shared.
        #expect(try free(ledger, .init(job: "job-c", dataClass: "phi", limit: 1_000, limitPerDay: 100)) == 100)
        ledger.giveBack(held)
        #expect(try free(ledger, second) == 100)
    }

    @Test("a day ends at midnight UTC; what was set aside before it is still set aside after it")
    func midnight() throws {
        let store = try RoomStore()
        let wall = Shared(try time("2026-11-30T23:59:59Z"))
        let ledger = BudgetLedger(store: store, clock: clock(wall))
        let job = account("job-a", perDay: 100)
        try store.follow(next: 1) { try $0.spend(70, class: "pii", day: "2026-11-30") }
        #expect(try free(ledger, job) == 30)
        let held = try #require(try ledger.award(job) { _ in ((), price: 30) }.1)
        #expect(try free(ledger, job) == 0)
        wall.change { $0 = WallTime(nanoseconds: $0.nanoseconds + 2_000_000_000) }
        #expect(try free(ledger, job) == 70)
        // It is billed on the day on which it ends.
        try store.follow(next: 2) { try $0.spend(25, class: "pii", day: "2026-12-01") }
        ledger.giveBack(held)
        #expect(try free(ledger, job) == 75)
    }

    @Test("the limit of the job counts beside that of the day")
    func job() throws {
        let store = try RoomStore()
        let ledger = BudgetLedger(store: store, clock: .real)
        #expect(try free(ledger, account("job-a", limit: 10, perDay: 100)) == 10)
        #expect(try free(ledger, account("job-a", limit: 10, perDay: nil)) == 10)
        #expect(try free(ledger, account("job-a", limit: 10, perDay: 5)) == 5)
    }
}

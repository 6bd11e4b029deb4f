// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import Executors
internal import RoomStore

/// Money that was promised and not yet billed, of all jobs of a room: what is awarded at the same time cannot be spent twice.
///
/// An award reserves the winner's price. While its call runs, a part of what is still free is set aside too, because a call
/// may cost more than was bid, and is stopped when it has used what is set aside for it. Everything but the bill is
/// given back with the settlement.
final class BudgetLedger: Sendable {
    /// Whose money it is.
    struct Account: Sendable {
        let job: String
        let dataClass: String
        /// What the job may cost, in micro-units.
        let limit: Int64
        /// What the class may cost a day (UTC), in micro-units.
        let limitPerDay: Int64?
    }

    struct Reservation: Equatable, Sendable {
        fileprivate let id: UInt64
        /// Micro-units.
        let price: Int64
    }

    /// What an account has, in micro-units.
    struct Balance: Equatable {
        /// Neither billed nor reserved.
        let free: Int64
        /// Reserved: may come back.
        let open: Int64
    }

    private struct Open {
        let account: Account
        var amount: Int64
        /// Its call has begun, and more than the price is set aside for it.
        var isExtended = false
    }

    private struct State {
        var next: UInt64 = 1
        var open: [UInt64: Open] = [:]
        /// Grows with everything that was given back.
        var returns: UInt64 = 0
    }

    private let state = Shared(State())
    private let store: RoomStore
    private let clock: SystemClock

    init(store: RoomStore, clock: SystemClock) {
        self.store = store
        self.clock = clock
    }

    /// Lets `body` award against the balance and reserves the price that it returns. One at a time in the whole room.
    func award<Result>(
        _ account: Account, _ body: (Balance) throws -> (Result, price: Int64?)
    ) throws -> (Result, Reservation?) {
        try state.locked { state in
            let (result, price) = try body(balance(account, state))
            guard let price else { return (result, nil) }
            let reservation = Reservation(id: state.next, price: price)
            state.next += 1
            state.open[reservation.id] = Open(account: account, amount: price)
            return (result, reservation)
        }
    }

    /// Sets money aside for the call that begins now.
    /// - Returns: all that is set aside for it, in micro-units.
    func extend(_ reservation: Reservation) throws -> Int64 {
        try state.locked { state in
            guard let open = state.open[reservation.id] else { return 0 }
            // Everybody who was awarded and has not begun will want his part: halves of halves would stop the sixth for money
            // that nobody spends. Never more than half, so that the next award need not wait.
            let waiting = state.open.values.count { !$0.isExtended && $0.account.job == open.account.job }
            let more = try balance(open.account, state).free / Int64(max(2, waiting))
            state.open[reservation.id]?.amount += more
            state.open[reservation.id]?.isExtended = true
            return open.amount + more
        }
    }

    /// What a call that begins now may use, in micro-units: all that is set aside for it, less what it can go over before
    /// it is stopped.
    func allowance(of reservation: Reservation, for model: RegisteredModel) throws -> Int64 {
        let whole = try extend(reservation)
        // A call goes over by one look at its meter, on every processor that it may use.
        let over = try MeteredUse(
            calls: 0, cpuNs: 2 * CPUAllowance.interval, latencyNs: 0, channelBytes: 65_536)
        let margin = try model.auctionPrices.cost(of: over)
        return max(min(whole, reservation.price), whole - margin)
    }

    /// Gives back what was reserved. After its settlement is in the log, or where there is none.
    func giveBack(_ reservation: Reservation) {
        state.change { state in
            if state.open.removeValue(forKey: reservation.id) != nil { state.returns += 1 }
        }
    }

    /// How often something was given back so far; see ``wait(beyond:atMost:)``.
    var returns: UInt64 { state.locked { $0.returns } }

    /// Waits until something was given back since.
    func wait(beyond returns: UInt64, atMost limitNs: UInt64) {
        _ = state.wait(atMost: limitNs) { $0.returns != returns ? true : nil }
    }

    private func balance(_ account: Account, _ state: State) throws -> Balance {
        var openOfJob: Int64 = 0
        var openOfClass: Int64 = 0
        for open in state.open.values {
            if open.account.job == account.job { openOfJob += open.amount }
            if open.account.dataClass == account.dataClass { openOfClass += open.amount }
        }
        var free = account.limit - (try store.job(account.job)?.cost ?? 0) - openOfJob
        if let limit = account.limitPerDay {
            let day = String(clock.wall().rfc3339.prefix(10))
            free = min(free, limit - (try store.spent(class: account.dataClass, day: day)) - openOfClass)
        }
        return Balance(free: max(0, free), open: account.limitPerDay == nil ? openOfJob : openOfClass)
    }
}

// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The way of one microtask on one input, as its entries may tell it.
///
/// ```
/// auctioned -> (key released) -> delivered -> validated -> released
///     ^                             |             |
///     +------ takeover -------------+-- rejected -+----> withheld
/// ```
/// A takeover holds the next auction of the same attempt; a restart of the supervisor begins the next attempt, which
/// releases the key anew. Whatever happened before a restart counts no more, except that a key release is for ever.
struct MicrotaskPathStateMachine {
    enum Outcome: Equatable {
        case released(response: Digest)
        case withheld(code: String, denied: Bool)
    }

    let input: Digest
    private(set) var attempt: Int64 = 0
    private(set) var winner: String?
    private(set) var outcome: Outcome?
    private(set) var cost: Int64 = 0
    private(set) var latencyNs = "0"
    private var keys: Set<Int64> = []
    private var delivered: String?
    private var isValid = false
    /// Set when a supervisor took the room since the last auction: only then may an attempt begin anew.
    private var isInterrupted = true

    init(input: Digest) { self.input = input }

    /// The attempt whose key was released last; what a receipt counts.
    var attempts: Int64 { keys.max() ?? 0 }

    /// - Throws: the reason why the event cannot happen now.
    mutating func auction(attempt next: Int64, winner: String?) throws(Illegal) {
        try requireOpen()
        guard !isValid else { throw Illegal("an auction after a valid answer") }
        guard next == (isInterrupted ? attempts + 1 : attempt) else {
            throw Illegal("attempt \(next) after attempt \(attempt)")
        }
        attempt = next
        self.winner = winner
        delivered = nil
        isInterrupted = false
    }

    mutating func releaseKey(attempt number: Int64) throws(Illegal) {
        try requireOpen()
        guard !isInterrupted, number == attempt, winner != nil else {
            throw Illegal("a key release without an auction that somebody won")
        }
        guard keys.insert(number).inserted else { throw Illegal("the key was released twice for attempt \(number)") }
    }

    mutating func deliver(attempt number: Int64, model: String, jail: String) throws(Illegal) {
        try requireOpen()
        guard !isInterrupted, number == attempt, keys.contains(number) else {
            throw Illegal("the input was delivered without a key release for attempt \(number)")
        }
        guard model == winner else { throw Illegal("the input was delivered to \(model), who did not win") }
        guard delivered == nil else { throw Illegal("the input was delivered twice for one award") }
        delivered = jail
    }

    mutating func validate(model: String, jail: String, isValid valid: Bool) throws(Illegal) {
        try requireOpen()
        guard delivered == jail, model == winner else {
            throw Illegal("an output of \(model) was judged that never had the input")
        }
        guard !isValid else { throw Illegal("an output was judged again after it was valid") }
        isValid = valid
    }

    mutating func settle(attempt number: Int64, model: String, cost more: Int64, latencyNs latency: String)
        throws(Illegal)
    {
        guard number == attempt, model == winner else { throw Illegal("\(model) was paid without having won") }
        let sum = cost.addingReportingOverflow(more)
        guard more >= 0, !sum.overflow else { throw Illegal("the cost cannot be") }
        cost = sum.partialValue
        latencyNs = latency
    }

    mutating func release(response: Digest) throws(Illegal) {
        try requireOpen()
        guard isValid, delivered != nil, !isInterrupted else {
            throw Illegal("an answer was released that was not validated")
        }
        outcome = .released(response: response)
    }

    mutating func withhold(code: String, denied: Bool) throws(Illegal) {
        try requireOpen()
        outcome = .withheld(code: code, denied: denied)
    }

    /// A supervisor took the room: jails are gone, and what was not logged never happened.
    mutating func interrupt() {
        guard outcome == nil else { return }
        isInterrupted = true
        delivered = nil
        isValid = false
    }

    private func requireOpen() throws(Illegal) {
        if case .released? = outcome { throw Illegal("something happened after the answer was released") }
        if outcome != nil { throw Illegal("something happened after the answer was withheld") }
    }
}

/// Why an event cannot follow what came before it.
struct Illegal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
